import { expect, it } from "vitest";
import { VectorStream } from "../../../coordinator/src/plugins/app/relay/vector-stream.ts";
import { word } from "../fixture.ts";

const digest = word("assignment");
const open = (): VectorStream => {
  const patience = { firstTokenMs: 600_000, stallMs: 600_000 };
  return new VectorStream({ digest, jobSalt: word("salt"), patience }, 2);
};
const vectorAt = (place: number) => ({ assignment: digest, place, vector: Float32Array.from([1, 0]) });

it("a stream of vectors ends with the first that nobody asked for, and keeps none of it", async () => {
  const stream = open();
  for (const place of [0, 1]) stream.onVector(vectorAt(place));
  stream.onVector(vectorAt(2));
  stream.onVector(vectorAt(3));
  expect(stream.vectors).toHaveLength(2);
  expect(await stream.ended).toEqual({ kind: "failed", code: "ran_ahead" });
});

it("a stream of vectors that has all of them waits for the receipt, and nothing else", async () => {
  const stream = open();
  for (const place of [0, 1]) stream.onVector(vectorAt(place));
  const first = await Promise.race([stream.ended, Promise.resolve("waiting")]);
  expect(first).toBe("waiting");
  stream.end({ kind: "abandoned" });
  expect(await stream.ended).toEqual({ kind: "abandoned" });
});
