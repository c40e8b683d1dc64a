import type { Hex } from "@lode/sdk/hash";
import { normalLetter, type SignedLetter } from "@lode/sdk/letters";
import { limits, type LetterPage } from "@lode/protocol";
import { MinerError } from "../errors.ts";
import type { Carrier } from "./carrier.ts";

const patienceMs = 15_000;
/** Pages of one look, and the bytes of each: a coordinator that always has another one must not keep us from the chain. */
const mostPages = 8;
const pageBytes = limits.lettersPage * (limits.letterChars + 4096);

/** Letters by way of a coordinator, which may be another one than the job's. */
export function httpCarrier(coordinatorUrl: string): Carrier {
  let after = 0;
  /** Read, and not handed over yet. */
  let found: SignedLetter[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await fetch(new URL(path, coordinatorUrl), { ...init, signal: AbortSignal.timeout(patienceMs) });
    if (answer.ok) return JSON.parse(await boundedText(answer));
    const said = (await answer.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
    throw new MinerError("letter_refused", said?.error?.message ?? `${coordinatorUrl} answers ${answer.status}`);
  };
  return {
    name: coordinatorUrl,
    async send(letter: SignedLetter): Promise<void> {
      const headers = { "content-type": "application/json" };
      await ask("/v1/letters", { method: "POST", headers, body: JSON.stringify(letter) });
    },
    async receive(to: Hex): Promise<SignedLetter[]> {
      for (let page = 0; page < mostPages; page++) {
        const { letters, next } = (await ask(`/v1/letters?to=${to}&after=${after}`)) as LetterPage;
        found.push(...letters.map(normalLetter));
        after = next;
        if (letters.length < limits.lettersPage) break;
      }
      const all = found;
      found = [];
      return all;
    },
  };
}

async function boundedText(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.byteLength;
    if (length > pageBytes) throw new MinerError("letter_refused", "a page of letters is too long");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
