import type { Hex } from "@lode/sdk/hash";
import { zeroAddress } from "viem";
import { readFigures } from "./act.ts";
import type { ChainReader } from "./chain.ts";
import type { Reading, Said } from "./reading.ts";
import { readingsOf } from "./readings.ts";

/** Some of what the chain says about an account, under a title. */
export interface Section {
  readonly title: string;
  readonly figures: readonly Said[];
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;

interface Parties {
  readonly payer: Hex;
  readonly payee: Hex;
}

interface Found {
  readonly accounts: Map<string, Parties>;
  readonly channels: Map<string, Parties & { readonly kind: number }>;
  readonly signers: Map<string, { readonly payee: Hex; readonly signer: Hex }>;
}

/**
 * Everything that the contracts say about an account: its wallet, stake and pool, its service as
 * a juror, its insolvency, what it anchored, and, found in the
 * events since the deployment, each account it pays from or is paid from, each channel and each signer.
 */
export async function readAccount(
  chain: ChainReader,
  account: Hex,
  onProgress: (block: bigint, last: bigint) => void,
): Promise<Section[]> {
  const { client, contracts } = chain;
  const read = readingsOf(contracts);
  const [found, etherWei] = await Promise.all([
    findParties(chain, account, onProgress),
    client.getBalance({ address: account }),
  ]);
  const at = async (title: string, readings: readonly Reading[]): Promise<Section> => ({
    title,
    figures: await readFigures(chain, readings),
  });
  const ether: Said = { label: "ether for gas", unit: "ether", value: etherWei };
  const wallet = await at("Wallet", [
    read.wallet(account, "LODE"),
    read.allowance(account, contracts.staking.address, "staking may take"),
    read.allowance(account, contracts.escrow.address, "the escrow may take"),
    read.delegate(account),
    read.votes(account),
  ]);
  const other = ({ payer, payee }: Parties): string => (payer === account ? `to ${payee}` : `from ${payer}`);
  const sections = [
    at("Stake", [read.stake(account), read.freezes(account), read.operator(account), read.payout(account)]),
    at("Juror", [read.juror(account)]),
    at("Pool", [read.pool(account), read.frozenPool(account)]),
    at("Insolvency", [read.spell(account)]),
    at("Faults", [read.forked(account)]),
    at("Ledger", [read.head(account)]),
    ...[...found.accounts.values()].map((pair) => at(`Account ${other(pair)}`, [read.account(pair.payer, pair.payee)])),
    ...[...found.channels.values()].map(({ payer, payee, kind }) => {
      const title = `${kind === 0 ? "Account" : "Pool"} payments ${other({ payer, payee })}`;
      return at(title, [read.channel(payer, payee, kind)]);
    }),
    ...[...found.signers.values()].map(({ payee, signer }) =>
      payee === zeroAddress
        ? at(`Signer ${signer} on the pool`, [read.poolSigner(account, signer)])
        : at(`Signer ${signer} to ${payee}`, [read.signer(account, payee, signer)]),
    ),
  ];
  return [{ ...wallet, figures: [ether, ...wallet.figures] }, ...(await Promise.all(sections))];
}

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

async function findParties(
  { client, contracts, addresses }: ChainReader,
  account: Hex,
  onProgress: (block: bigint, last: bigint) => void,
): Promise<Found> {
  const found: Found = { accounts: new Map(), channels: new Map(), signers: new Map() };
  const last = await client.getBlockNumber({ cacheTime: 0 });
  for (let fromBlock = BigInt(addresses.deployedAtBlock); fromBlock <= last; fromBlock += span) {
    const toBlock = fromBlock + span - 1n < last ? fromBlock + span - 1n : last;
    const range = { ...contracts.escrow, fromBlock, toBlock, strict: true } as const;
    const [payer, payee] = [{ payer: account }, { payee: account }];
    const [deposits, collections, signers, poolSigners] = await Promise.all([
      Promise.all([payer, payee].map((args) => client.getContractEvents({ ...range, eventName: "Deposited", args }))),
      Promise.all([payer, payee].map((args) => client.getContractEvents({ ...range, eventName: "Collected", args }))),
      client.getContractEvents({ ...range, eventName: "SignerAuthorized", args: payer }),
      client.getContractEvents({ ...range, eventName: "PoolSignerAuthorized", args: payer }),
    ]);
    for (const { args } of deposits.flat()) {
      found.accounts.set(`${args.payer} ${args.payee}`, { payer: low(args.payer), payee: low(args.payee) });
    }
    for (const { args } of collections.flat()) {
      const { kind } = args;
      found.channels.set(`${args.payer} ${args.payee} ${kind}`, {
        payer: low(args.payer),
        payee: low(args.payee),
        kind,
      });
    }
    for (const { args } of signers) {
      found.signers.set(`${args.payee} ${args.signer}`, { payee: low(args.payee), signer: low(args.signer) });
    }
    for (const { args } of poolSigners)
      found.signers.set(args.signer, { payee: zeroAddress, signer: low(args.signer) });
    onProgress(toBlock, last);
  }
  return found;
}
