import { keccak, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { escrowDomain } from "@lode/sdk/typed-data";
import type { Bed, Spent } from "./bed.ts";

export const LODE = 10n ** 18n;
export const MINER = 1;
export const COORDINATOR = 2;

const NOBODY: Hex = `0x${"0".repeat(40)}`;
const SESSION_SECONDS = 30n * 86_400n;

/** A hash that looks like any other: its bytes are rarely zero. */
export const someHash = (text: string): Hex => keccak(new TextEncoder().encode(text));

/** An amount with digits in every place, as prices times tokens give. */
export const oddWei = (lode: bigint): bigint => lode * LODE + 123_456_789_012_345_678n;

/** Stake and registration in one call, as its own operator and payee. */
export function register(bed: Bed, staker: Signer, role: number, lode: bigint): Promise<Spent> {
  const args = [role, lode * LODE, NOBODY, NOBODY, someHash(`capabilities of ${staker.address}`)];
  return bed.send(staker.address, bed.staking, "register", args);
}

export function deposit(bed: Bed, payer: Signer, payee: Signer, amountWei: bigint): Promise<Spent> {
  return bed.send(payer.address, bed.escrow, "deposit", [payer.address, payee.address, amountWei]);
}

export function depositPool(bed: Bed, payer: Signer, amountWei: bigint): Promise<Spent> {
  return bed.send(payer.address, bed.escrow, "depositPool", [payer.address, amountWei]);
}

/** Whoever wants to may pay an account out; here it does so itself. */
/** Everybody's internal balance in one transaction, sent by one of them. */
export function sweepMany(bed: Bed, accounts: readonly Signer[]): Promise<Spent> {
  const [sender] = accounts;
  if (sender === undefined) throw new Error("nobody to sweep");
  return bed.send(sender.address, bed.escrow, "sweepMany", [accounts.map(({ address }) => address)]);
}

export function sweep(bed: Bed, account: Signer): Promise<Spent> {
  return bed.send(account.address, bed.escrow, "sweep", [account.address]);
}

/** Lets `session` sign the payer's vouchers to `payee`. */
export async function authorize(bed: Bed, payer: Signer, payee: Signer, session: Signer): Promise<Spent> {
  const { chainId, paymentEscrow } = bed.addresses;
  const proof = signTypedData(session, escrowDomain({ chainId, paymentEscrow }), "SignerProof", {
    payer: payer.address,
    payee: payee.address,
    signer: session.address,
    kind: 0,
  });
  const { timestamp } = await bed.client.getBlock();
  const args = [payee.address, session.address, oddWei(1_000n), timestamp + SESSION_SECONDS, proof];
  return bed.send(payer.address, bed.escrow, "authorizeSigner", args);
}

export function anchor(bed: Bed, coordinator: Signer, size: bigint): Promise<Spent> {
  const [root, liabilities, nonce] = ["root", "liabilities", "nonce"].map((what) => someHash(`${what} ${size}`));
  return bed.send(coordinator.address, bed.ledger, "anchor", [coordinator.address, root, size, liabilities, nonce]);
}
