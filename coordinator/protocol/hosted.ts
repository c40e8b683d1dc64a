/** Bytes of UTF-8 that one token of hosted work stands for: nobody's vocabulary is known there, and a token has about four. */
export const hostedTokenBytes = 4;
/** Fills the last token; no UTF-8 has it. */
const padding = 0xff;

/** Token ids of a hosted text: its bytes in fours, big-endian. The ids give the text back. */
export function hostedTokens(bytes: Uint8Array): number[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / hostedTokenBytes) * hostedTokenBytes).fill(padding);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Array.from({ length: padded.length / hostedTokenBytes }, (_, i) => view.getUint32(i * hostedTokenBytes));
}

/** The text that hosted tokens stand for. Throws TypeError when they stand for none. */
export function hostedText(ids: readonly number[]): string {
  const bytes = new Uint8Array(ids.length * hostedTokenBytes);
  const view = new DataView(bytes.buffer);
  ids.forEach((id, i) => view.setUint32(i * hostedTokenBytes, id));
  const end = bytes.indexOf(padding);
  return new TextDecoder("utf-8", { fatal: true }).decode(end < 0 ? bytes : bytes.subarray(0, end));
}
