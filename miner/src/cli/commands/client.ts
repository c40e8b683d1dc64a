import type { Hex } from "@lode/sdk/hash";
import type { SignerProofAnswer } from "@lode/protocol";
import type { Command } from "commander";
import type { Act } from "../../chain/act.ts";
import type { ChainReader } from "../../chain/chain.ts";
import { readingsOf } from "../../chain/readings.ts";
import { act, addActOptions } from "../acts.ts";
import { showAmount, showTime } from "../amounts.ts";
import { apiKeyOf } from "../api-key.ts";
import { kinds, needed, usage } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl, infoOf } from "../coordinator.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";
import { payFor } from "../payment.ts";
import { addProve, provenSigner, signerArguments, until } from "../signer-proof.ts";
import { addClassify } from "./client-classify.ts";
import { addSlab } from "./client-slab.ts";
import { addKeys } from "./client-keys.ts";
import { addGateway } from "./gateway.ts";
import { amountOf } from "./stake.ts";

const day = 24 * 3600;

interface ClientOptions {
  readonly coordinator?: string;
  readonly amount?: string;
  readonly days?: string;
  readonly payee?: string;
  readonly for?: string;
  readonly permit?: boolean;
  readonly key?: string;
}

const payee = needed(kinds.address, "who alone can collect from the account");

/** A client's accounts, each locked to one payee, and who may sign for them. */
export const clientActs = [
  act({
    name: "thaw",
    summary: "start the thaw of part of an account; it can be withdrawn after 7 days",
    contract: "escrow",
    functionName: "startThaw",
    takes: { payee, amount: needed(kinds.amount, "LODE") },
    what: ({ payee, amount }) => `start the thaw of ${showAmount(amount)} of the account with ${payee}`,
    readings: ({ payee }, { self, read }) => [read.account(self, payee)],
    notes: "Vouchers still reach money that thaws.",
    examples: ["lode client thaw 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 20"],
  }),
  act({
    name: "withdraw",
    summary: "take what has thawed of an account back into the wallet",
    contract: "escrow",
    functionName: "withdraw",
    takes: { payee },
    what: ({ payee }) => `withdraw what has thawed of the account with ${payee}`,
    readings: ({ payee }, { self, read }) => [read.wallet(self), read.account(self, payee)],
    examples: ["lode client withdraw 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --dry-run"],
  }),
  act({
    name: "authorize",
    summary: "let a key sign this wallet's vouchers to one payee, up to a cap",
    contract: "escrow",
    functionName: "authorizeSigner",
    takes: {
      payee,
      cap: needed(kinds.amount, "LODE that the channel may promise in all, what was collected included"),
      until: until(),
      ...signerArguments,
    },
    resolve: async (given, { context, self }) => {
      const pair = { payer: self, payee: given.payee, kind: "dedicated" } as const;
      const { signer, proof } = await provenSigner(context, given, pair);
      return { payee: given.payee, signer, cap: given.cap, until: given.until, proof };
    },
    what: ({ payee, signer, cap, until }) =>
      `let ${signer} sign for up to ${showAmount(cap)} in total to ${payee}, until ${showTime(until)}`,
    readings: ({ payee, signer }, { self, read }) => [read.signer(self, payee, signer)],
    notes: "While it lives it can be raised, not lowered: the payee relies on it. Revoke it to end it.",
    examples: [
      "lode client authorize 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 50 --signer-wallet hot.json",
      "lode client authorize 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 50 --signer 0x3c44… --proof 0x…",
    ],
  }),
  act({
    name: "revoke",
    summary: "end a signer's authorisation; what it signed collects for 3 more days",
    contract: "escrow",
    functionName: "revokeSigner",
    takes: { payee, signer: needed(kinds.address, "the signer") },
    what: ({ payee, signer }) => `end what ${signer} may sign to ${payee}`,
    readings: ({ payee, signer }, { self, read }) => [read.signer(self, payee, signer)],
    examples: [
      "lode client revoke 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
    ],
  }),
] as const;

/** `lode client` */
export function addClient(program: Command, io: Io): void {
  const client = program.command("client").description("pay for inference: deposits, signers, API keys, balance");
  const deposit = client
    .command("deposit")
    .argument("[amount]", "LODE")
    .description("deposit for one coordinator, and let its session key sign for at most what is deposited")
    .option("--amount <lode>", "the same as the argument")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--days <n>", "how long the session key may sign", "30")
    .option("--payee <address>", "deposit for this payee only, and ask no coordinator; authorises nobody")
    .option("--for <address>", "with --payee: into whose account, when it is not this wallet's")
    .option("--permit", "sign the approval instead of sending it: one transaction less");
  addActOptions(deposit, {
    canWarn: true,
    notes: "The money stays in your account until a signed voucher collects it; nobody but this payee can.",
    examples: [
      "lode client deposit 50 --coordinator http://127.0.0.1:8402",
      "lode client deposit 50 --payee 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --permit --dry-run",
    ],
  });
  deposit.action(async (argument: string | undefined, options: ClientOptions) => {
    const context = new Context(io, deposit);
    const amountWei = amountOf(argument, options.amount);
    if (options.payee !== undefined) return depositFor(context, options.payee, amountWei, options);
    if (options.for !== undefined) throw usage("--for needs --payee: a session key signs for its own payer only.");
    return depositWithSigner(context, coordinatorUrl(context, options), amountWei, options);
  });
  for (const { addTo } of clientActs) addTo(client, io);
  addProve(client, io, "dedicated");
  addKeys(client, io);
  addBalance(client, io);
  addGateway(client, io);
  addSlab(client, io);
  addClassify(client, io);
}

/** A deposit and nothing else. */
async function depositFor(
  context: Context,
  payeeText: string,
  amountWei: bigint,
  options: ClientOptions,
): Promise<void> {
  const payee = kinds.address.parse(payeeText);
  const self = await context.address();
  const payer = options.for === undefined ? self : kinds.address.parse(options.for);
  const chain = await context.chain();
  const read = readingsOf(chain.contracts);
  const act = depositAct(chain, payer, payee, amountWei);
  const withPermit = options.permit === true ? "depositWithPermit" : undefined;
  const acts = await payFor({ self, context, chain }, act, amountWei, withPermit);
  const warning = `${showAmount(amountWei)} will belong to ${payer} for good.`;
  const plan = { acts, readings: [read.wallet(self), read.account(payer, payee)] };
  const report = await context.act(chain, plan, payer === self ? {} : { warning });
  context.report(report, { client: payer, payee }, `Done: ${act.what}.`);
}

function depositAct({ contracts }: ChainReader, payer: Hex, payee: Hex, amountWei: bigint): Act {
  return {
    what: `deposit ${showAmount(amountWei)} of ${payer} for ${payee}`,
    contract: contracts.escrow,
    functionName: "deposit",
    args: [payer, payee, amountWei],
  };
}

/** A deposit for a coordinator, and the authorisation of its session key. */
async function depositWithSigner(
  context: Context,
  url: string,
  amountWei: bigint,
  options: ClientOptions,
): Promise<void> {
  const days = Number(options.days);
  if (!(days > 3 && days <= 3650)) {
    throw usage("--days must be above 3 (a payee takes no voucher in a signer's last 3 days) and at most 3650.");
  }
  const address = await context.address();
  const chain = await context.chain();
  const info = await infoOf(url, chain.addresses.chainId);
  const payee = info.coordinator.toLowerCase() as Hex;
  const { signer, proof } = (await requestJson(new URL("/v1/signer-proof", url), {
    body: { client: address },
  })) as SignerProofAnswer;
  const { escrow } = chain.contracts;
  const [[balanceWei], [collectedWei], [capWei], block] = await Promise.all([
    chain.client.readContract({ ...escrow, functionName: "accountOf", args: [address, payee] }),
    chain.client.readContract({ ...escrow, functionName: "channelOf", args: [address, payee, 0] }),
    chain.client.readContract({ ...escrow, functionName: "signerOf", args: [address, payee, signer] }),
    chain.client.getBlock(),
  ]);
  // The cap bounds the channel's whole sum: what was collected, what is there, and what comes now.
  const neededWei = collectedWei + balanceWei + amountWei;
  const newCapWei = neededWei > capWei ? neededWei : capWei;
  const expiresAt = block.timestamp + BigInt(Math.round(days * day));
  const authorize: Act = {
    what: `let ${signer} sign for up to ${showAmount(newCapWei)} in total, for ${days} days`,
    contract: escrow,
    functionName: "authorizeSigner",
    args: [payee, signer, newCapWei, expiresAt, proof],
  };
  const withPermit = options.permit === true ? "depositWithPermit" : undefined;
  const deposit = depositAct(chain, address, payee, amountWei);
  const paid = await payFor({ self: address, context, chain }, deposit, amountWei, withPermit);
  const read = readingsOf(chain.contracts);
  const readings = [read.wallet(address), read.account(address, payee), read.signer(address, payee, signer)];
  const report = await context.act(chain, { acts: [...paid, authorize], readings });
  const accountWei = balanceWei + amountWei;
  context.report(
    report,
    { client: address, coordinator: payee, accountWei, capWei: newCapWei, expiresAt },
    `The account with ${payee} holds ${showAmount(accountWei)}.`,
  );
}

/** `lode client balance`: what the coordinator keeps of this client. */
function addBalance(client: Command, io: Io): void {
  client
    .command("balance")
    .description("what is free, and every locked amount with its reason; asks the coordinator")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--key <file>", "file with an API key (or API_KEY)")
    .addHelpText("after", "\nExamples:\n  API_KEY=lode_… lode client balance --coordinator http://127.0.0.1:8402")
    .action(async (options: ClientOptions, command: Command) => {
      const context = new Context(io, command);
      const key = await apiKeyOf(context, options.key);
      const url = new URL("/v1/wallet/balance", coordinatorUrl(context, options));
      const balance = (await requestJson(url, { key })) as {
        availableWei: string;
        accountWei: string;
        locked: { amountWei: string; reason: string; releasedAt: string | null }[];
      };
      const lines = balance.locked.map(
        ({ amountWei, reason, releasedAt }) =>
          `  ${showAmount(BigInt(amountWei))}  ${reason}${releasedAt === null ? "" : `, free at ${releasedAt} at the latest`}`,
      );
      const text = `${showAmount(BigInt(balance.availableWei))} free of ${showAmount(BigInt(balance.accountWei))}`;
      context.result({ ...balance }, [text, ...lines].join("\n"));
    });
}
