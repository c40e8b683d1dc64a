const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bytes in Bitcoin's base 58; each leading zero byte is a "1". */
export function base58(bytes: Uint8Array): string {
  const zeros = bytes.findIndex((byte) => byte !== 0);
  if (zeros === -1) return "1".repeat(bytes.length);
  let rest = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 58n) text = `${ALPHABET[Number(rest % 58n)] ?? ""}${text}`;
  return "1".repeat(zeros) + text;
}
