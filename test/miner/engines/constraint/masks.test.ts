import { Compile } from "typebox/schema";
import { describe, expect, it } from "vitest";
import { anyObject, compileSchema } from "@lode/protocol/json-schema";
import { createJsonConstraint, createMaskVocabulary } from "../../../../miner/src/engines/constraint/index.ts";
import { createMachine, type State } from "../../../../miner/src/engines/constraint/machine/machine.ts";
import { randomDocument } from "./random-schema.ts";
import { machineOf, randomFrom, scribble, vocabularyOf } from "./constraint-helper.ts";

const rounds = 60;

describe.each(["demo", "pieces"] as const)("masks over the %s vocabulary", (model) => {
  const vocabulary = vocabularyOf(model);

  it("are what the machine says of every token's bytes, and ends are allowed where it accepts", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 25; round += 1) {
      const schema = randomDocument(random);
      const grammar = compileSchema(JSON.stringify(schema));
      const machine = createMachine(grammar, {
        horizon: vocabulary.trie.longest,
        leadingSpace: vocabulary.leadingSpace,
      });
      const constraint = createJsonConstraint(grammar, vocabulary);
      let state: State = machine.start;
      for (const id of scribble(grammar, vocabulary, random, 40) ?? []) {
        const mask = constraint.mask();
        const expected = Array.from({ length: vocabulary.size }, (_, at) => at).filter((at) => {
          if (vocabulary.ends.includes(at)) return state.accepts;
          const bytes = vocabulary.bytesOf(at);
          return bytes.length > 0 && behind(state, bytes) !== null;
        });
        expect(mask.ids()).toEqual(expected);
        expect([mask.allowed, mask.refused]).toEqual([expected.length, vocabulary.size - expected.length]);
        expect(expected.every((at) => mask.has(at))).toBe(true);
        constraint.take(id);
        state = behind(state, vocabulary.bytesOf(id))!;
      }

      function behind(from: State, bytes: Uint8Array): State | null {
        let at: State | null = from;
        for (const byte of bytes) at = at === null ? null : machine.next(at, byte);
        return at;
      }
    }
  });

  it("let through only answers that parse and fit the schema, however they are drawn", () => {
    const random = randomFrom(model === "demo" ? 11 : 12);
    let finished = 0;
    for (let round = 0; round < rounds; round += 1) {
      const schema = randomDocument(random);
      const validator = Compile(schema);
      const grammar = compileSchema(JSON.stringify(schema));
      for (let answer = 0; answer < 3; answer += 1) {
        const ids = scribble(grammar, vocabulary, random);
        if (ids === undefined) continue;
        finished += 1;
        const text = vocabulary.textOf(ids);
        const value: unknown = JSON.parse(text);
        expect([schema, text, validator.Errors(value)[1]]).toEqual([schema, text, []]);
      }
    }
    expect(finished).toBeGreaterThan(rounds * 2);
  });

  it("let JSON mode write any object and nothing else", () => {
    const random = randomFrom(3);
    const grammar = anyObject();
    const answers = Array.from({ length: 60 }, () => scribble(grammar, vocabulary, random)).filter(
      (ids) => ids !== undefined,
    );
    expect(answers.length).toBeGreaterThan(40);
    for (const ids of answers) expect(JSON.parse(vocabulary.textOf(ids))).toBeTypeOf("object");
  });

  it("are the same again from the same tokens, whatever was asked in between", () => {
    const random = randomFrom(5);
    for (let round = 0; round < 20; round += 1) {
      const grammar = compileSchema(JSON.stringify(randomDocument(random)));
      const ids = scribble(grammar, vocabulary, random, 60) ?? [];
      const [one, two] = [createJsonConstraint(grammar, vocabulary), createJsonConstraint(grammar, vocabulary)];
      const seen = ids.map((id) => {
        const mask = one.mask().ids();
        one.take(id);
        return mask;
      });
      ids.forEach((id, position) => {
        // The other one asks only now and then, as behind a prefix.
        if (position % 7 === 3) expect(two.mask().ids()).toEqual(seen[position]);
        two.take(id);
      });
      expect(two.mask().ids()).toEqual(one.mask().ids());
    }
  });

  it("allow nothing behind a token that does not fit", () => {
    const constraint = createJsonConstraint(anyObject(), vocabulary);
    constraint.take(vocabulary.ends[0]!);
    expect(constraint.mask().allowed).toBe(0);
  });
});

describe("masks of long answers", () => {
  const words = ['aa"', "aaa"];
  const bytes = createMaskVocabulary(
    259,
    (id) => (id < 256 ? Uint8Array.of(id) : Buffer.from(words[id - 256] ?? "")),
    (id) => id === 258,
    false,
  );

  it("forget what is behind them and stay right", () => {
    // So long that the machine begins anew on the way: what it called its states before means something else then.
    const [least, most] = [100_100, 100_200];
    const schema = {
      type: "object",
      properties: {
        text: { type: "string", minLength: least, maxLength: most },
        n: { type: "integer", minimum: 8, maximum: 120 },
        list: { type: "array", items: { type: "boolean" }, maxItems: 2 },
      },
      required: ["text", "n", "list"],
      additionalProperties: false,
    };
    const grammar = compileSchema(JSON.stringify(schema));
    const [asked, unasked] = [createJsonConstraint(grammar, bytes), createJsonConstraint(grammar, bytes)];
    const take = (id: number): void => {
      for (const one of [asked, unasked]) one.take(id);
    };
    for (const byte of Buffer.from('{"text":"')) {
      asked.mask();
      take(byte);
    }
    for (let length = 0; length < most; length += 1) {
      if (length % 5000 === 0 || length > most - 10) {
        const mask = asked.mask();
        expect([length, mask.has(0x61), mask.has(0x22), mask.has(256), mask.has(257)]).toEqual([
          length,
          true,
          length >= least,
          length >= least - 2 && length <= most - 2,
          length <= most - 3,
        ]);
      }
      take(0x61);
    }
    expect(asked.mask().ids()).toEqual([0x22]);
    for (const byte of Buffer.from('","n":119,"list":[true,false]}')) {
      expect(asked.mask().ids()).toEqual(unasked.mask().ids());
      expect(asked.mask().has(byte)).toBe(true);
      take(byte);
    }
    expect(asked.mask().ids()).toEqual([258]);
  });

  it("know how far the end is, to the last character that a token can reach", () => {
    const constraint = createJsonConstraint(compileSchema('{"type":"string","maxLength":6}'), bytes);
    constraint.take(0x22);
    const allowed = Array.from({ length: 7 }, () => {
      const mask = constraint.mask();
      constraint.take(0x61);
      return [mask.has(0x61), mask.has(256), mask.has(257)];
    });
    expect(allowed).toEqual([0, 1, 2, 3, 4, 5, 6].map((length) => [length < 6, length < 5, length < 4]));
  });

  it("have few shapes, since what is far away looks the same", () => {
    const machine = machineOf({ type: "array", items: { type: "string", maxLength: 1000 }, maxItems: 1000 });
    const shapes = new Set<string>();
    let state: State = machine.start;
    for (const byte of Buffer.from(`["${"a".repeat(500)}","${"b".repeat(500)}"`)) {
      state = machine.next(state, byte)!;
      shapes.add(state.shape);
    }
    expect(shapes.size).toBeLessThan(12);
  });
});
