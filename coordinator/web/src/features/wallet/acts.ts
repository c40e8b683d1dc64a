import type { ExplorerInfo } from "@lode/protocol";
import { lodeTokenAbi, paymentEscrowAbi } from "@lode/sdk/abi";
import { clientLogin, eip712Types, type WantedKey } from "@lode/sdk/typed-data";
import { createPublicClient, createWalletClient, custom, type EIP1193Provider, type Hex } from "viem";
import { askJson } from "../../api/http.ts";
import type { Scope } from "../../api/session.tsx";
import { addressOf } from "../../chain/reader.ts";

/** Days for which the coordinator's session key may sign vouchers. */
const signerDays = 30n;
const daySecs = 86_400n;

/** A connected wallet, and what it is connected for. */
export interface Desk {
  readonly info: ExplorerInfo;
  readonly address: Hex;
  readonly provider: EIP1193Provider;
}

/** What a client has on the chain with this coordinator. */
export interface Position {
  readonly walletWei: bigint;
  readonly accountWei: bigint;
  readonly thawingWei: bigint;
  /** Unix seconds; 0 when nothing thaws. */
  readonly thawEndsAt: bigint;
  readonly chainSecs: bigint;
}

function clients({ info, address, provider }: Desk) {
  const transport = custom(provider);
  const escrow = { address: addressOf(info, "paymentEscrow"), abi: paymentEscrowAbi } as const;
  const token = { address: addressOf(info, "lodeToken"), abi: lodeTokenAbi } as const;
  const writer = createWalletClient({ account: address, transport });
  return {
    reader: createPublicClient({ transport, pollingInterval: 500 }),
    writer,
    escrow,
    token,
    payee: info.coordinator,
  };
}

export async function readPosition(desk: Desk): Promise<Position> {
  const { reader, escrow, token, payee } = clients(desk);
  const [walletWei, [accountWei, thawingWei, thawEndsAt], { timestamp }] = await Promise.all([
    reader.readContract({ ...token, functionName: "balanceOf", args: [desk.address] }),
    reader.readContract({ ...escrow, functionName: "accountOf", args: [desk.address, payee] }),
    reader.getBlock(),
  ]);
  return { walletWei, accountWei, thawingWei, thawEndsAt, chainSecs: timestamp };
}

/** Every act is tried on the node first, so that a refusal costs nothing, and waited for. */
async function send(
  desk: Desk,
  contract: { readonly address: Hex; readonly abi: readonly unknown[] },
  functionName: string,
  args: readonly unknown[],
): Promise<void> {
  const { reader, writer } = clients(desk);
  const call = { ...contract, functionName, args, account: desk.address };
  await reader.simulateContract(call);
  const hash = await writer.writeContract({ ...call, chain: null });
  const { status } = await reader.waitForTransactionReceipt({ hash });
  if (status !== "success") throw new Error(`The transaction ${hash} was reverted.`);
}

/**
 * Deposits for this coordinator only, and lets its session key sign for it up to what is there.
 * @param onStep told what the wallet is asked for next
 */
export async function deposit(desk: Desk, amountWei: bigint, onStep: (what: string) => void): Promise<void> {
  const { reader, escrow, token, payee } = clients(desk);
  const { signer, proof } = await askJson<{ signer: Hex; proof: Hex }>("/v1/signer-proof", {
    method: "POST",
    body: { client: desk.address },
  });
  const [allowedWei, [accountWei], [collectedWei], [capWei], block] = await Promise.all([
    reader.readContract({ ...token, functionName: "allowance", args: [desk.address, escrow.address] }),
    reader.readContract({ ...escrow, functionName: "accountOf", args: [desk.address, payee] }),
    reader.readContract({ ...escrow, functionName: "channelOf", args: [desk.address, payee, 0] }),
    reader.readContract({ ...escrow, functionName: "signerOf", args: [desk.address, payee, signer] }),
    reader.getBlock(),
  ]);
  if (allowedWei < amountWei) {
    onStep("1 of 3: allow the escrow to take this amount");
    await send(desk, token, "approve", [escrow.address, amountWei]);
  }
  onStep("2 of 3: deposit it");
  await send(desk, escrow, "deposit", [desk.address, payee, amountWei]);
  // The cap bounds the channel's whole sum: what was collected, what is there, and what comes now.
  const neededWei = collectedWei + accountWei + amountWei;
  const mostWei = neededWei > capWei ? neededWei : capWei;
  onStep("3 of 3: let the coordinator collect what you are delivered");
  const until = block.timestamp + signerDays * daySecs;
  await send(desk, escrow, "authorizeSigner", [payee, signer, mostWei, until, proof]);
}

export async function startThaw(desk: Desk, amountWei: bigint): Promise<void> {
  const { escrow, payee } = clients(desk);
  await send(desk, escrow, "startThaw", [payee, amountWei]);
}

export async function withdraw(desk: Desk): Promise<void> {
  const { escrow, payee } = clients(desk);
  await send(desk, escrow, "withdraw", [payee]);
}

/** An API key for the wallet: it signs for this place and for exactly this key. */
export async function makeKey(desk: Desk, scope: Scope, label: string): Promise<string> {
  const { info, address } = desk;
  const { nonce } = await askJson<{ nonce: Hex }>("/v1/keys/challenge", { method: "POST" });
  const wanted: WantedKey = { scope, label };
  const timestampMs = Date.now();
  const { origin } = window.location;
  const client = address.toLowerCase() as Hex;
  const at = { coordinator: info.coordinator, origin, client, nonce, timestampMs: BigInt(timestampMs) };
  const signature = await clients(desk).writer.signTypedData({
    domain: {
      name: "Lode ReceiptLedger",
      version: "1",
      chainId: info.chain.id,
      verifyingContract: addressOf(info, "receiptLedger"),
    },
    types: eip712Types("ClientLogin"),
    primaryType: "ClientLogin",
    message: clientLogin(at, wanted),
  });
  const body = { client, origin, nonce, timestampMs, signature, ...wanted };
  return (await askJson<{ key: string }>("/v1/keys", { method: "POST", body })).key;
}
