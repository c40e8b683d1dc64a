/** `1.25 LODE`: an amount for people, at most six decimals, rounded down. */
export function lode(wei: bigint): string {
  const whole = wei / 10n ** 18n;
  const micros = ((wei % 10n ** 18n) / 10n ** 12n).toString().padStart(6, "0").replace(/0+$/, "");
  return `${whole.toLocaleString("en-US")}${micros === "" ? "" : `.${micros}`} LODE`;
}

/** `6.1 M gas`, `84 k gas`: rounded for people. */
export function gas(units: bigint): string {
  if (units >= 1_000_000n) return `${(Number(units) / 1e6).toFixed(1)} M gas`;
  return `${Math.round(Number(units) / 1e3)} k gas`;
}

/** `0x1234…abcd` */
export function short(hex: string): string {
  return `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** `1 receipt`, `2 receipts` */
export function counted(count: number | bigint, what: string): string {
  return `${count} ${what}${BigInt(count) === 1n ? "" : "s"}`;
}
