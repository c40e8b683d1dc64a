/** A client's side of the escrow as the chain shows it. */
export interface ClientAccount {
  /** Balance of the account with this coordinator, thawing money included. */
  readonly balanceWei: bigint;
  readonly thawingWei: bigint;
  /** Unix seconds; 0 when nothing thaws. */
  readonly thawEndsAt: bigint;
  readonly collectedWei: bigint;
  /** Highest cumulative amount that the session signer may promise; 0 when it is not authorised. */
  readonly signerCapWei: bigint;
  readonly signerExpiresAt: bigint;
}

/** Vouchers signed this close to a signer's end might not be collected in time. */
export const signerMarginSeconds = 3n * 24n * 3600n;

/** What a client can still promise: never more than the account holds or the session cap allows. */
export function availableWei(
  account: ClientAccount,
  debitedWei: bigint,
  lockedWei: bigint,
  nowSeconds: bigint,
): bigint {
  if (account.signerExpiresAt < nowSeconds + signerMarginSeconds) return 0n;
  const inAccountWei = account.balanceWei - account.thawingWei - (debitedWei - account.collectedWei);
  const underCapWei = account.signerCapWei - debitedWei;
  const smallerWei = inAccountWei < underCapWei ? inAccountWei : underCapWei;
  const leftWei = smallerWei - lockedWei;
  return leftWei > 0n ? leftWei : 0n;
}
