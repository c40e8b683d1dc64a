import type { Hex } from "@lode/sdk/hash";
import { normalLetter, type SignedLetter } from "@lode/sdk/letters";
import { limits, type LetterPage } from "@lode/protocol";
import { MinerError } from "../errors.ts";
import type { Carrier } from "./carrier.ts";

const patienceMs = 15_000;

/** Letters by way of a coordinator, which may be another one than the job's. */
export function httpCarrier(coordinatorUrl: string): Carrier {
  let after = 0;
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await fetch(new URL(path, coordinatorUrl), { ...init, signal: AbortSignal.timeout(patienceMs) });
    if (answer.ok) return answer.json();
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
      const found: SignedLetter[] = [];
      for (;;) {
        const { letters, next } = (await ask(`/v1/letters?to=${to}&after=${after}`)) as LetterPage;
        found.push(...letters.map(normalLetter));
        after = next;
        if (letters.length < limits.lettersPage) return found;
      }
    },
  };
}
