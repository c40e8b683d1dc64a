import { readFileSync } from "node:fs";
import { zkSettlementAbi, lodeTokenAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import { anvilSigner } from "@lode/sdk/keys";
import { slabKeyMessage, slabSigner, type SlabChannel, type SlabDomain, type SlabSigner } from "@lode/sdk/slab";
import { circuitOf, filesOf, readManifest } from "@lode/zk-circuits";
import type { VerificationKey } from "snarkjs";
import { createWalletClient, http, parseEventLogs, publicActions, type Abi, type TransactionReceipt } from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { solidityKey } from "../../../contracts/ignition/zk.ts";
import { artifacts } from "../../deploy/artifacts.ts";
import { ensureCompiled } from "../../deploy/compile.ts";
import type { Devnet } from "../../dev/anvil.ts";

/** A client of the settlement contract: an account, and the key that its vouchers are signed with. */
export interface SlabClient {
  readonly account: PrivateKeyAccount;
  readonly signer: SlabSigner;
}

/** A settlement contract for slabs of one size, on a chain of its own. */
export interface SettlementBed {
  readonly domain: SlabDomain;
  readonly token: Hex;
  readonly payee: PrivateKeyAccount;
  readonly payeeKey: Hex;
  /** Sends a transaction to a contract and hands back its receipt; throws when it reverts. */
  send(
    from: PrivateKeyAccount,
    to: Hex,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
  ): Promise<TransactionReceipt>;
  /** A client with tokens and a registered key, and the registration's gas. */
  register(): Promise<{ client: SlabClient; gas: number }>;
  /** The client opens a slot of the payee. */
  open(client: SlabClient, slot: number, amountWei: bigint): Promise<{ channel: SlabChannel; gas: number }>;
}

const initialWei = 10n ** 24n;

/** Deploys token, signature verifier, proof verifier and settlement contract. The circuit's key has to be there. */
export async function makeSettlementBed(chain: Devnet, slabSize: number): Promise<SettlementBed> {
  await ensureCompiled();
  const treasury = anvilSigner(0, foundry.id).toViemAccount();
  const payeeKey = generatePrivateKey();
  const payee = privateKeyToAccount(payeeKey);
  const wallet = createWalletClient({ chain: foundry, transport: http(chain.url), account: treasury }).extend(
    publicActions,
  );
  const mined = async (hash: Hex): Promise<TransactionReceipt> => {
    const receipt = await wallet.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    if (receipt.status !== "success") throw new Error(`${hash} reverted`);
    return receipt;
  };
  const deploy = async (name: string, args: readonly unknown[]): Promise<Hex> => {
    const { abi, bytecode } = await artifacts.loadArtifact(name);
    const hash = await wallet.deployContract({ abi: abi as Abi, bytecode: bytecode as Hex, args });
    const { contractAddress } = await mined(hash);
    if (contractAddress === null || contractAddress === undefined) throw new Error(`${name} was not deployed`);
    return contractAddress;
  };
  const send: SettlementBed["send"] = async (account, address, abi, functionName, args) =>
    mined(await wallet.writeContract({ account, address, abi, functionName, args }));

  const token = await deploy("LodeToken", [treasury.address, treasury.address, 10n ** 26n, 10n ** 27n]);
  const eddsa = await deploy("EddsaPoseidon", []);
  const verifier = await deploy("Groth16Verifier", keyOf(slabSize));
  const zkSettlement = (await deploy("ZkSettlement", [token, verifier, eddsa, BigInt(slabSize)])).toLowerCase() as Hex;
  const domain: SlabDomain = { chainId: foundry.id, zkSettlement };
  await chain.client.setBalance({ address: payee.address, value: initialWei });

  return {
    domain,
    token,
    payee,
    payeeKey,
    send,
    async register() {
      const account = privateKeyToAccount(generatePrivateKey());
      const signer = slabSigner(Buffer.from(generatePrivateKey().slice(2), "hex"));
      await chain.client.setBalance({ address: account.address, value: initialWei });
      await send(treasury as PrivateKeyAccount, token, lodeTokenAbi, "transfer", [account.address, initialWei]);
      await send(account, token, lodeTokenAbi, "approve", [zkSettlement, initialWei]);
      const address = account.address.toLowerCase() as Hex;
      const { r8, s } = signer.sign(slabKeyMessage(domain, address, signer.key));
      const args = [point(signer.key), point(signer.eighth), { r8x: r8[0], r8y: r8[1], s }];
      const { gasUsed } = await send(account, zkSettlement, zkSettlementAbi, "register", args);
      return { client: { account, signer }, gas: Number(gasUsed) };
    },
    async open({ account, signer }, slot, amountWei) {
      const args = [payee.address, slot, amountWei];
      const { gasUsed, logs } = await send(account, zkSettlement, zkSettlementAbi, "open", args);
      const [opened] = parseEventLogs({ abi: zkSettlementAbi, eventName: "ChannelOpened", logs });
      if (opened === undefined) throw new Error("no channel was opened");
      const client = account.address.toLowerCase() as Hex;
      const place = { payee: payee.address.toLowerCase() as Hex, slot, generation: opened.args.generation };
      return { channel: { ...place, client, key: signer.key }, gas: Number(gasUsed) };
    },
  };
}

const point = ([x, y]: readonly [bigint, bigint]): { x: bigint; y: bigint } => ({ x, y });

/** The verifier's constructor arguments: the exported key in the contract's order, and whether its secrets are public. */
function keyOf(slabSize: number): readonly unknown[] {
  const circuit = circuitOf(`settlement-slab-${slabSize}`);
  const key = JSON.parse(readFileSync(filesOf(circuit).verificationKey, "utf8")) as VerificationKey;
  const isDevelopment = readManifest().circuits[circuit.name]?.setup !== "ceremony";
  return [solidityKey(key), isDevelopment];
}
