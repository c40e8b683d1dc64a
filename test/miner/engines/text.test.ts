import { createStopMatcher } from "../../../miner/src/engines/text/stop-matcher.ts";
import { describe, expect, it } from "vitest";
import { createOutput } from "../../../miner/src/engines/text/output.ts";
import { createTextStream } from "../../../miner/src/engines/text/text-stream.ts";
import { tokenBytes } from "../../../miner/src/engines/text/token-bytes.ts";
import { tokenTypes } from "../../../miner/src/engines/gguf/vocabulary.ts";

const plain = { spacePrefix: false, bos: "", eos: "" };
const { normal, control, byte, userDefined } = tokenTypes;

/** Feeds single UTF-8 bytes, which is the worst that a vocabulary can do. */
const byteStream = () => createTextStream((id) => Uint8Array.of(id), false);
const bytesOf = (text: string): number[] => [...Buffer.from(text, "utf8")];

describe("token bytes", () => {
  it("reads byte-level vocabularies", () => {
    const bytes = tokenBytes({
      ...plain,
      family: "gpt2",
      tokens: ["ĠcafÃ©", "Ċ", "<|end|>", "[tool]"],
      types: [normal, normal, control, userDefined],
    })!;
    expect([0, 1, 2, 3, 4].map((id) => Buffer.from(bytes(id)).toString())).toEqual([" café", "\n", "", "[tool]", ""]);
  });

  it("reads SentencePiece vocabularies", () => {
    const bytes = tokenBytes({
      ...plain,
      family: "llama",
      tokens: ["\u2581a\u2581b", "<0xE2>", "<s>"],
      types: [normal, byte, control],
    })!;
    expect([0, 1, 2].map((id) => [...bytes(id)])).toEqual([bytesOf(" a b"), [0xe2], []]);
  });

  it("knows nothing of other families", () => {
    expect(tokenBytes({ ...plain, family: "bert", tokens: [], types: [] })).toBeUndefined();
  });
});

describe("the text stream", () => {
  it("lets go of whole characters only", () => {
    const stream = byteStream();
    expect(bytesOf("aé漢🦊").map((id) => stream.push(id))).toEqual(["a", "", "é", "", "", "漢", "", "", "", "🦊"]);
  });

  it("shows what can never become a character", () => {
    const stream = byteStream();
    expect([0x61, 0xe2, 0x62].map((id) => stream.push(id)).join("")).toBe("a\ufffdb");
  });

  it("drops the first word's space where the vocabulary put it", () => {
    const stream = createTextStream((id) => Buffer.from([" Hello", " you"][id]!), true);
    expect([0, 1].map((id) => stream.push(id))).toEqual(["Hello", " you"]);
  });
});

describe("the output", () => {
  const play = (text: string, stop: string[], prefix = "") => {
    const output = createOutput(byteStream(), stop, bytesOf(prefix));
    const delivered: number[] = [];
    let shown = "";
    for (const id of bytesOf(text)) {
      const { ready, stopped } = output.push(id);
      for (const token of ready) {
        delivered.push(token.id);
        shown += token.text;
      }
      if (stopped) return { shown, delivered: delivered.length, stopped };
    }
    for (const token of output.flush()) {
      delivered.push(token.id);
      shown += token.text;
    }
    return { shown, delivered: delivered.length, stopped: false };
  };

  it.each([
    ["nothing to stop at", "abc", [], "", { shown: "abc", delivered: 3, stopped: false }],
    ["a stop text in the middle", "abcdef", ["cd"], "", { shown: "ab", delivered: 2, stopped: true }],
    ["a beginning that comes to nothing", "ababac", ["abac"], "", { shown: "ab", delivered: 2, stopped: true }],
    ["a beginning at the very end", "xyab", ["abc"], "", { shown: "xyab", delivered: 4, stopped: false }],
    ["the earliest of several", "one two", ["two", "e"], "", { shown: "on", delivered: 2, stopped: true }],
    ["a character of several tokens", "a漢b", ["漢"], "", { shown: "a", delivered: 1, stopped: true }],
    ["half a character after a prefix", "b", ["ab"], "xa", { shown: "", delivered: 0, stopped: true }],
    ["a repeated letter", "aaab", ["aab"], "", { shown: "a", delivered: 1, stopped: true }],
  ])("%s", (_, text, stop, prefix, expected) => {
    expect(play(text, stop, prefix)).toEqual(expected);
  });

  it("knows a prefix that ends with a stop text, and no other", () => {
    const stopOf = (prefix: string, stop: string[]): number | undefined =>
      createOutput(byteStream(), stop, bytesOf(prefix)).stopOfPrefix;
    expect(stopOf("one two", ["x", "wo"])).toBe(1);
    expect(stopOf("one tw", ["x", "wo"])).toBeUndefined();
    expect(stopOf("", ["x"])).toBeUndefined();
    expect(stopOf("one", [])).toBeUndefined();
  });

  it("holds a token back only while it may belong to a stop text", () => {
    const output = createOutput(byteStream(), ["END"], []);
    expect(
      bytesOf("aENx").map((id) =>
        output
          .push(id)
          .ready.map(({ text }) => text)
          .join(""),
      ),
    ).toEqual(["a", "", "", "ENx"]);
  });

  it("joins a character that begins in the prefix", () => {
    const [first, ...rest] = bytesOf("漢");
    const output = createOutput(byteStream(), [], [first!]);
    expect(
      rest.map((id) =>
        output
          .push(id)
          .ready.map(({ text }) => text)
          .join(""),
      ),
    ).toEqual(["", "漢"]);
  });

  it("cuts the same way whatever the pieces are", () => {
    const text = "the cat sat on the mat, and the cat ran";
    const words = text.split(/(?<= )/);
    const output = createOutput(
      createTextStream((id) => Buffer.from(words[id]!), false),
      ["mat, and"],
      [],
    );
    let shown = "";
    let end = false;
    for (let id = 0; id < words.length && !end; id += 1) {
      const { ready, stopped } = output.push(id);
      shown += ready.map((token) => token.text).join("");
      end = stopped;
    }
    expect(shown).toBe("the cat sat on the ");
    expect(play(text, ["mat, and"]).shown).toBe(shown);
  });
});

describe("stop texts", () => {
  it("end at the one that comes first in the text, wherever it stands in the list", () => {
    const matcher = createStopMatcher(["bc", "ab", "x"]);
    expect(matcher.push("zab")).toEqual({ at: 1, stop: 1 });
    expect(createStopMatcher(["cd", "bc", "ab"]).push("zabcd")).toEqual({ at: 1, stop: 2 });
    const split = createStopMatcher(["cd", "bc"]);
    expect(split.push("ab")).toBeUndefined();
    expect(split.safeUntil).toBe(1);
    expect(split.push("cd")).toEqual({ at: 1, stop: 1 });
  });
});
