const lodeWei = 10n ** 18n;

/** `1.25`: an amount of LODE for people, six decimals at most, small ones to three significant digits. */
export function lodeText(wei: bigint | string): string {
  const amount = BigInt(wei);
  const sign = amount < 0n ? "−" : "";
  const size = amount < 0n ? -amount : amount;
  const whole = size / lodeWei;
  const fraction = (size % lodeWei).toString().padStart(18, "0");
  const lead = /^0*/.exec(fraction)?.[0].length ?? 0;
  const digits = whole > 0n ? 4 : Math.min(18, Math.max(4, lead + 3));
  const shown = fraction.slice(0, digits).replace(/0+$/, "");
  return `${sign}${whole.toLocaleString("en-US")}${shown === "" ? "" : `.${shown}`}`;
}

/** Wei that people typed as LODE; undefined for what is no amount. */
export function weiOf(text: string): bigint | undefined {
  const [, whole = "", fraction = ""] = /^(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text.trim()) ?? [];
  return whole === "" ? undefined : BigInt(whole) * lodeWei + BigInt(fraction.padEnd(18, "0"));
}

/** LODE for a million tokens, from wei for one: prices of single tokens have too many zeros. */
export const perMillion = (wei: string): string => lodeText(BigInt(wei) * 1_000_000n);

/** `0x1234…abcd` */
export const shortHex = (hex: string): string => (hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`);

/** `Sao Paulo`, of a place that is called `sao-paulo`. */
export const titled = (place: string): string =>
  place.replace(
    /(^|-)([a-z])/g,
    (_all, dash: string, letter: string) => `${dash === "" ? "" : " "}${letter.toUpperCase()}`,
  );

export const countText = (count: number): string => count.toLocaleString("en-US");

/** `1 receipt`, `2,000 receipts` */
export const counted = (count: number, what: string): string => `${countText(count)} ${what}${count === 1 ? "" : "s"}`;

export const percent = (share: number): string => `${(share * 100).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)} %`;

/** `420 ms`, `1.2 s` */
export const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** `12 s ago`, `3 h ago`, `in 5 min` */
export function fromNow(atMs: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(nowMs - atMs) / 1000);
  const [value, unit] =
    seconds < 60
      ? [seconds, "s"]
      : seconds < 3600
        ? [Math.round(seconds / 60), "min"]
        : seconds < 172_800
          ? [Math.round(seconds / 3600), "h"]
          : [Math.round(seconds / 86_400), "days"];
  return atMs > nowMs ? `in ${value} ${unit}` : `${value} ${unit} ago`;
}

/** `2026-11-21 14:03:22`, in the reader's zone. */
export function clockText(atMs: number): string {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export const finishReasons = ["finished", "length reached", "client left", "cut off"] as const;
