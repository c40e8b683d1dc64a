import type { Hex } from "@lode/sdk/hash";
import { recoverPublicKey } from "@lode/sdk/keys";
import { writeLetter, type SignedLetter } from "@lode/sdk/letters";
import { finishReason, hashStruct } from "@lode/sdk/typed-data";
import { expect, it } from "vitest";
import { sealDisclosure, type Carrier, type Disclosure } from "../../../miner/src/disclosure/index.ts";
import type { VerifierEvent } from "../../../miner/src/verifier/index.ts";
import { Letters, type LettersOptions } from "../../../miner/src/verifier/letters.ts";
import { domain, hash, receipted, story } from "../../../scripts/bench/verify/served-job.ts";
import { person } from "../../coordinator/fixture.ts";

const [miner, juror] = [person("miner"), person("juror")];
const word = hash("anything");
const jurorKey = recoverPublicKey(word, juror.signDigest(word)).publicKey;

/** A transcript that opens its receipt, as its miner shows it to the juror. */
function shown(number: number): SignedLetter {
  const request = story({ maxTokens: 4 });
  const promised = { modelDigest: hash("model"), engineClass: hash("engine"), contextTokens: 512 };
  const answer = { inputIds: [1, 2, 3], outputIds: [number, 5], finish: finishReason.length };
  const { assignment, receipt, prompt, ...rest } = receipted({ request, promised, ...answer });
  const transcript = { ...rest, promptSalt: prompt!.salt, prompt: prompt!.value };
  const about = hashStruct("Receipt", receipt);
  const disclosure = { assignment, receipt, transcript } as unknown as Disclosure;
  const body = sealDisclosure(disclosure, jurorKey);
  return writeLetter(miner, domain, { from: miner.address, to: juror.address, about, body, timestampMs: 1 });
}

it("a verifier keeps the transcripts that it has a use for, and nothing else that it is sent", async () => {
  const [wanted, other] = [shown(1), shown(2)];
  const events: VerifierEvent[] = [];
  let waiting: readonly SignedLetter[] = [];
  let isChecked = false;
  const carrier: Carrier = {
    name: "http://coordinator",
    send: async () => undefined,
    receive: async () => [...waiting],
  };
  const letters = new Letters({
    ...{ domain, self: juror.address, signer: juror, patienceMs: 1000, nowMs: () => 0, steadyMs: () => 0 },
    ...{ carriers: [carrier], lastCarrier: { ...carrier, receive: async () => [] } },
    isWanted: (receipt: Hex) => receipt === wanted.about && !isChecked,
    emit: (event: VerifierEvent) => events.push(event),
  } as unknown as LettersOptions);
  waiting = [wanted, other];
  await letters.collect();
  expect(letters.get(wanted.about)?.transcript.outputIds).toEqual([1, 5]);
  expect(letters.get(other.about)).toBeUndefined();
  expect(events).toEqual([{ event: "disclosed", receipt: wanted.about, way: carrier.name }]);
  isChecked = true;
  letters.forget(wanted.about);
  await letters.collect();
  expect(letters.get(wanted.about)).toBeUndefined();
});
