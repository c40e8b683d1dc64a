import { exitCode, MinerError } from "../errors.ts";

const LODE = 10n ** 18n;

/** Reads `1.5` (LODE) or `1500wei`. */
export function parseAmount(text: string): bigint {
  const wei = /^([0-9]{1,39})wei$/.exec(text)?.[1];
  if (wei !== undefined) return BigInt(wei);
  const [, whole, fraction = ""] = /^([0-9]{1,20})(?:\.([0-9]{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) {
    const message = `"${text}" is not an amount; write LODE like 1.5, or 1500wei.`;
    throw new MinerError("bad_amount", message, { exitCode: exitCode.usage });
  }
  return BigInt(whole) * LODE + BigInt(fraction.padEnd(18, "0"));
}

/** `1.25 LODE`, all digits. */
export function showAmount(wei: bigint): string {
  const sign = wei < 0n ? "-" : "";
  const digits = (wei < 0n ? -wei : wei).toString().padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`} LODE`;
}

/** `0.001 ETH`, all digits. */
export function showEther(wei: bigint): string {
  return showAmount(wei).replace("LODE", "ETH");
}

/** Unix seconds as `2026-11-28 07:29:35 UTC`; `none` for zero. */
export function showTime(seconds: bigint): string {
  if (seconds === 0n) return "none";
  // Beyond what a Date can hold.
  if (seconds > 8_640_000_000_000n) return `${seconds} (unix time)`;
  return new Date(Number(seconds) * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
}
