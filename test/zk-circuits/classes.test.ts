import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classifierMutants } from "./classifier-mutants.ts";
import { mutants, slabFiles } from "./settlement-slab/mutants.ts";
import { spongeMutants } from "./settlement-slab/sponge.ts";

const folder = "zk-circuits/circuits";

/** Constraints that no mutant drops, and why. By their file, and how their line begins. */
const explained: readonly (readonly [file: string, line: string, why: string])[] = [
  [
    "lib/channel.circom",
    "IsBit()(changed);",
    "The next two leave nothing else: no id and no key, of which none can have signed.",
  ],
  [
    "lib/slab.circom",
    "channels[i].changed <== changed[i];",
    "Private, and used nowhere else: any other value is one of it.",
  ],
  ...[
    "cumulativeBeforeWei",
    "nonceBefore",
    "blindingBefore",
    "cumulativeWei",
    "nonce",
    "blinding",
    "r8x",
    "r8y",
    "s",
  ].map(
    (name) =>
      [
        "lib/slab.circom",
        `channels[i].${name} <== ${name}[i];`,
        "Private, and used nowhere else: any other value is one of it.",
      ] as const,
  ),
  [
    "lib/slab.circom",
    "committed[N + i] = channels[i].leaf;",
    "It binds ids and keys, of which leaves are hashes; without it a forgery takes a birthday search over many channels.",
  ],
  [
    "lib/slab.circom",
    "committed[3 * N + j] = pair;",
    "Two deposits of 80 bits have too few values to balance anything with; sixteen have enough.",
  ],
  [
    "lib/slab.circom",
    "committed[3 * N + pairs] = totalWei",
    "A total and bits have too few values to balance anything alone.",
  ],
  [
    "lib/slab.circom",
    "commitment <== LongPoseidonChain(",
    "The same constraint as in a small slab; the chain's own mutants are its.",
  ],
  ["classifier.circom", "commit.inputs[0] <== salt;", "Private, and used nowhere else: any other value is one of it."],
  [
    "classifier.circom",
    "signal boundSquare <== binding * binding;",
    "It only keeps the public input in the circuit; proofs bind public inputs without it.",
  ],
];

/** Every line that constrains, or fills a list that is committed to or compared. */
function constraintsOf(file: string): string[] {
  const code = readFileSync(join(folder, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const isOne = (line: string): boolean =>
    /<==|==>|===/.test(line) || /^\w+\(.*\)\(.*\);$/.test(line) || /^(known|committed)\[.*\] = /.test(line);
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter(isOne);
}

describe("every constraint in the circuits' sources", () => {
  const files = globSync("**/*.circom", { cwd: folder }).filter((file) => file !== "classifier-weights.circom");
  const all = files.flatMap((file) => constraintsOf(file).map((line) => [file, line] as const));
  /** Texts that a mutant replaces. Both tests fail where a text is not in its circuit once. */
  const dropped = (file: string): string[] => {
    const own = slabFiles.map((name) => `lib/${name}.circom`).includes(file)
      ? [...mutants.filter((each) => file === `lib/${each.file}.circom`), ...spongeMutants].map(({ drop }) => drop)
      : [];
    const edits = classifierMutants.flatMap(([, pairs]) => pairs.map(([from]) => from));
    return [...own, ...(file === "classifier.circom" || file === "lib/signed.circom" ? edits : [])];
  };
  const reasonOf = (file: string, line: string) =>
    explained.find(([where, begins]) => where === file && line.startsWith(begins));

  it("is dropped by a mutant, or is not for a reason", () => {
    expect(all.length).toBeGreaterThan(60);
    const missed = all.filter(
      ([file, line]) => !dropped(file).some((text) => line.includes(text)) && reasonOf(file, line) === undefined,
    );
    expect(missed).toEqual([]);
  });

  it("has no reason that nothing needs", () => {
    const needed = new Set(all.map(([file, line]) => reasonOf(file, line)));
    expect(explained.filter((each) => !needed.has(each))).toEqual([]);
  });
});
