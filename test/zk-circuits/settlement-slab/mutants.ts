import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSlabSignature, slabField } from "@lode/sdk/slab";
import { poseidon5 } from "poseidon-lite/poseidon5";
import { root } from "../../../scripts/root.ts";
import {
  evaluate,
  slabStatement,
  type SlabPayment,
  type SlabStatement,
} from "../../../zk-circuits/src/settlement-slab/slab.ts";
import {
  circuitLists,
  columnsOf,
  commitmentOf,
  contractSignals,
  openingOf,
  paymentOf,
  slabDomain,
  slabPayee,
  type SlabColumns,
} from "../../helpers/slab.ts";

/** One class of constraints that is dropped, and what somebody could then prove. */
export interface Mutant {
  readonly name: string;
  readonly file: SlabFile;
  /**
   * The constraint's text in its circuit, and what stands there instead: nothing, a value that nothing constrains, or a
   * constraint that the forgery keeps, so that it would pass without any too.
   */
  readonly drop: string;
  readonly instead?: string;
  /** What the contract is shown, and what the circuit is given for it. */
  readonly forge: () => Forgery;
}

export interface Forgery {
  readonly input: Record<string, bigint | bigint[]>;
  /** What the contract asks for a proof of. */
  readonly signals: readonly bigint[];
  /** The columns as the channels see them. */
  readonly seen: SlabColumns;
}

/** The circuit's own files, all in one folder. */
export const slabFiles = ["channel", "slab", "evaluation", "range", "sponge"] as const;
type SlabFile = (typeof slabFiles)[number];

const folder = "zk-circuits/circuits/lib";
const size = 2;
/** A token, in wei: what is claimed without right. */
const token = 10n ** 18n;
/** Where the lists of a slab of two end: with the total and the bits of fresh channels. */
const [lastKnown, lastCommitted] = [11, 7];
const place = { payee: slabPayee, slab: 0, leavesBefore: [0n, 0n] };

/** What the files include, once. */
const prelude = [
  "pragma circom 2.2.2;",
  ...["eddsaposeidon", "poseidon", "bitify"].map((name) => `include "circomlib/circuits/${name}.circom";`),
].join("\n");

/** Takes any signature: what a mutant dropped is elsewhere, and signatures are four fifths of a circuit. */
const unchecked = `template Unchecked() {
${["enabled", "Ax", "Ay", "S", "R8x", "R8y", "M"].map((name) => `  signal input ${name};`).join("\n")}
}`;

/** All files with a constraint less, and every template under a name of its own. */
function mutated(mutant: Mutant | undefined, suffix: string): string {
  const read = (name: SlabFile): string => {
    const text = readFileSync(join(root, folder, `${name}.circom`), "utf8");
    if (mutant?.file !== name) return text;
    if (text.split(mutant.drop).length !== 2) throw new Error(`${mutant.drop} is not once in ${name}.circom`);
    return text.replace(mutant.drop, mutant.instead ?? "");
  };
  const text = slabFiles.map(read).join("\n");
  return (mutant === undefined ? text : text.replaceAll("EdDSAPoseidonVerifier()", "Unchecked()"))
    .replaceAll(/^(pragma|include) .*$/gm, "")
    .replaceAll(/\b(Channel|Slab|Evaluation|InRange|IsBit|PoseidonChain|LongPoseidonChain)\(/g, `$1${suffix}(`);
}

/** Whether every changed channel's client signed what its channel sees, as the circuit as it is would check. */
export function isSigned({ seen }: Forgery): boolean {
  return (seen["changed"] ?? []).every((changed, i) => {
    const at = (name: string): bigint => seen[name]?.[i] ?? 0n;
    const message = poseidon5(["channelId", "keyX", "cumulativeWei", "nonce", "blinding"].map(at));
    const signature = { r8: [at("r8x"), at("r8y")] as const, s: at("s") };
    return changed === 0n || isSlabSignature([at("keyX"), at("keyY")], message, signature);
  });
}

const inputs = Object.keys(columnsOf(slabStatement(slabDomain, { ...place }, [])));

/** One circuit of several slabs of two, one for each mutant: they share what takes long to compile. */
export function sourceOf(list: readonly (Mutant | undefined)[]): string {
  const templates = list.map((mutant, i) => mutated(mutant, `${i}x`)).join("\n");
  const declared = inputs.map((name) => `  signal input ${name}[${list.length}][${size}];`).join("\n");
  const wired = list.map((_, i) => {
    const lines = inputs.map((name) => `  slab${i}.${name} <== ${name}[${i}];`).join("\n");
    const results = `  commitment[${i}] <== slab${i}.commitment;\n  evaluation[${i}] <== slab${i}.evaluation;`;
    return `  component slab${i} = Slab${i}x(${size});\n  slab${i}.point <== point[${i}];\n${lines}\n${results}`;
  });
  const outputs = ["output commitment", "output evaluation", "input point"];
  const signals = outputs.map((name) => `  signal ${name}[${list.length}];`).join("\n");
  return `${prelude}\n${unchecked}\n${templates}\ntemplate All() {\n${signals}\n${declared}\n${wired.join("\n")}\n}\ncomponent main {public [point]} = All();\n`;
}

/** The inputs of such a circuit. */
export function inputOf(forgeries: readonly Forgery[]): Record<string, bigint[] | bigint[][]> {
  const columns = inputs.map((name) => [name, forgeries.map(({ input }) => input[name] as bigint[])] as const);
  return { ...Object.fromEntries(columns), point: forgeries.map(({ input }) => input["point"] as bigint) };
}

/** Channel 0 has settled 100 wei with nonce 3 and channel 1 nothing. */
const settledBefore = openingOf(0, 3, 100n);
const before = slabStatement(slabDomain, place, [paymentOf(0, undefined, settledBefore)]);
const both = { ...place, leavesBefore: before.leavesAfter };

const honest = (...payments: SlabPayment[]): SlabStatement => slabStatement(slabDomain, both, payments);
const nextOf = (cumulativeWei: bigint, nonce: number): SlabPayment =>
  paymentOf(0, settledBefore, openingOf(0, nonce, cumulativeWei));

/** The circuit's own view of changed inputs is what the contract is shown too: nothing has to be balanced. */
function plain(statement: SlabStatement, change: (columns: SlabColumns) => void): Forgery {
  const columns = columnsOf(statement);
  change(columns);
  const { known, committed } = circuitLists(columns);
  const signals = contractSignals(commitmentOf(committed), known);
  return { input: { ...columns, point: signals[2] }, signals, seen: columns };
}

/** Another list than the honest one, which the mutant takes for its own. */
interface Shown {
  /** What is added to elements of the contract's list, by index; `behind` to the one behind the deposits. */
  readonly known?: Readonly<Record<number, bigint>>;
  /** The same of the list that is committed to. */
  readonly committed?: Readonly<Record<number, bigint>>;
  /** What is changed in the circuit's inputs. */
  readonly given?: (columns: SlabColumns) => void;
  /** What of these the channels see otherwise. */
  readonly seen?: (columns: SlabColumns) => void;
}

function shown(statement: SlabStatement, { known = {}, committed = {}, given, seen }: Shown): Forgery {
  const honestColumns = columnsOf(statement);
  const lists = circuitLists(honestColumns);
  const moved = (list: readonly bigint[], by: Readonly<Record<number, bigint>>): bigint[] =>
    list.map((value, i) => (value + (by[i] ?? 0n) + slabField) % slabField);
  const signals = contractSignals(commitmentOf(moved(lists.committed, committed)), moved(lists.known, known));
  const columns = columnsOf(statement);
  given?.(columns);
  const input = { ...columns, point: signals[2] };
  const inside = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]));
  seen?.(inside);
  return { input, signals, seen: inside };
}

/**
 * The contract is shown a total of a token more; what the commitment does not fix is chosen, once the point is known, so that
 * both lists agree there.
 * @param free a private input, and where it is in the circuit's list
 * @param zeroedFrom where the mutant's commitment has zeros instead
 * @param commitment what the mutant's commitment is, whatever it commits to
 */
function balanced(
  statement: SlabStatement,
  free: { readonly column: string; readonly slot: number; readonly index: number },
  zeroedFrom?: number,
  commitment?: bigint,
): Forgery {
  const columns = columnsOf(statement);
  const { known, committed } = circuitLists(columns);
  if (zeroedFrom !== undefined) committed.fill(0n, zeroedFrom, zeroedFrom + size);
  const claimed = [...known];
  claimed[claimed.length - 1]! += token;
  const signals = contractSignals(commitment ?? commitmentOf(committed), claimed);
  const point = signals[2];
  const missing = token * power(point, claimed.length - 1 - free.index);
  columns[free.column]![free.slot] = (known[free.index]! + missing) % slabField;
  return { input: { ...columns, point }, signals, seen: columns };
}

/** The contract is shown a token more, and what its list's evaluation has more is given to the mutant as an input that nothing uses. */
function added(statement: SlabStatement): Forgery {
  const columns = columnsOf(statement);
  const { known, committed } = circuitLists(columns);
  const claimed = [...known];
  claimed[claimed.length - 1]! += token;
  const signals = contractSignals(commitmentOf(committed), claimed);
  columns["blinding"]![1] = (signals[1] - evaluate(known, signals[2]) + slabField) % slabField;
  return { input: { ...columns, point: signals[2] }, signals, seen: columns };
}

function power(base: bigint, exponent: number): bigint {
  let result = 1n;
  for (let i = 0; i < exponent; i++) result = (result * base) % slabField;
  return result;
}

const pays = (): SlabStatement => honest(nextOf(150n, 4));

/** A payment of a token more than there is. */
const claims = (extraWei: bigint, { given, seen }: Pick<Shown, "given" | "seen"> = {}): Forgery =>
  shown(pays(), {
    ...{ known: { [lastKnown]: extraWei }, committed: { [lastCommitted]: extraWei } },
    ...(given !== undefined && { given }),
    ...(seen !== undefined && { seen }),
  });

/** The contract holds another value, by 1 less, than the one that the channel's statement is of. */
const moved = (column: string, lists: Pick<Shown, "known" | "committed">): Forgery =>
  shown(pays(), {
    ...lists,
    given: (c) => void (c[column]![0]! -= 1n),
    seen: (c) => void (c[column]![0]! += 1n),
  });

const fractional: Mutant = {
  name: "fresh is a bit",
  file: "channel",
  drop: "IsBit()(fresh);",
  // Channel 1 is called fresh once more than it is, the unchanged channel 0 as much less: the sum of the bits stays.
  forge: () => {
    const first = slabStatement(slabDomain, place, [paymentOf(1, undefined, openingOf(1, 1, 7n))]);
    const again = slabStatement(slabDomain, { ...place, leavesBefore: first.leavesAfter }, [
      paymentOf(1, openingOf(1, 1, 7n), openingOf(1, 2, 9n)),
    ]);
    return plain(again, (c) => {
      [c["fresh"]![1], c["fresh"]![0]] = [1n, slabField - 2n];
      [c["cumulativeBeforeWei"]![1], c["nonceBefore"]![1]] = [0n, 0n];
    });
  },
};

export const mutants: readonly Mutant[] = [
  {
    name: "an unchanged channel has no id",
    file: "channel",
    drop: "(1 - changed) * channelId === 0;",
    forge: () => balanced(pays(), { column: "channelId", slot: 1, index: 4 * size + 1 }),
  },
  {
    name: "an unchanged channel has no key",
    file: "channel",
    drop: "(1 - changed) * keyX === 0;",
    forge: () => balanced(pays(), { column: "keyX", slot: 1, index: 3 * size + 1 }),
  },
  fractional,
  {
    name: "a settled channel opens its leaf",
    file: "channel",
    drop: "known * (opened - leafBefore) === 0;",
    forge: () => plain(pays(), (c) => void (c["cumulativeBeforeWei"]![0] = 0n)),
  },
  {
    name: "a fresh channel was paid nothing",
    file: "channel",
    drop: "fresh * cumulativeBeforeWei === 0;",
    forge: () =>
      plain(honest(paymentOf(1, undefined, openingOf(1, 1, 7n))), (c) => {
        c["cumulativeBeforeWei"]![1] = slabField - 1_000n;
      }),
  },
  {
    name: "a fresh channel has no nonce",
    file: "channel",
    drop: "fresh * nonceBefore === 0;",
    forge: () =>
      plain(honest(paymentOf(1, undefined, openingOf(1, 0, 7n))), (c) => void (c["nonceBefore"]![1] = slabField - 1n)),
  },
  {
    name: "amounts have 80 bits",
    file: "channel",
    drop: "InRange(80)(cumulativeWei);",
    // The contract holds no such deposit; the circuit does not lean on that.
    forge: () => {
      const settled = openingOf(0, 3, 2n ** 80n - 1n);
      const first = slabStatement(slabDomain, place, [paymentOf(0, undefined, settled)]);
      const payment = paymentOf(0, settled, openingOf(0, 4, 2n ** 80n), 2n ** 80n + 1n);
      return plain(
        slabStatement(slabDomain, { ...place, leavesBefore: first.leavesAfter }, [payment]),
        () => undefined,
      );
    },
  },
  {
    name: "a channel pays no less than before",
    file: "channel",
    drop: "InRange(80)(stepWei);",
    forge: () =>
      plain(pays(), (c) => {
        const { voucher } = nextOf(99n, 4);
        [c["cumulativeWei"]![0], c["blinding"]![0]] = [voucher.cumulativeWei, voucher.blinding];
        [c["r8x"]![0], c["r8y"]![0], c["s"]![0]] = [...voucher.signature.r8, voucher.signature.s];
      }),
  },
  {
    name: "a channel pays no more than its deposit",
    file: "channel",
    drop: "InRange(80)(depositWei - cumulativeWei);",
    forge: () => plain(honest({ ...nextOf(150n, 4), depositWei: 149n }), () => undefined),
  },
  {
    name: "nonces rise",
    file: "channel",
    drop: "InRange(32)(nonce - nonceBefore - 1);",
    forge: () => plain(honest(nextOf(150n, 3)), () => undefined),
  },
  {
    name: "the client signed",
    file: "channel",
    drop: "EdDSAPoseidonVerifier()(changed, keyX, keyY, s, r8x, r8y, voucher);",
    forge: () => plain(pays(), (c) => void (c["cumulativeWei"]![0]! += token)),
  },
  {
    name: "the commitment fixes leaves before",
    file: "slab",
    drop: "committed[i] = leafBefore[i];",
    instead: "committed[i] = 0;",
    forge: () =>
      balanced(honest(paymentOf(1, undefined, openingOf(1, 1, 7n))), { column: "leafBefore", slot: 1, index: 1 }, 0),
  },
  {
    name: "the commitment fixes the keys' y",
    file: "slab",
    drop: "committed[2 * N + i] = keyY[i];",
    instead: "committed[2 * N + i] = 0;",
    forge: () => balanced(pays(), { column: "keyY", slot: 1, index: 2 * size + 1 }, 2 * size),
  },
  {
    name: "a settled channel is known",
    file: "channel",
    drop: "signal known <== changed * (1 - fresh);",
    instead: "signal known <-- 0;",
    forge: () => plain(pays(), (c) => void (c["cumulativeBeforeWei"]![0] = 0n)),
  },
  {
    name: "an opening is hashed",
    file: "channel",
    drop: "signal opened <== Poseidon(5)([channelId, keyX, cumulativeBeforeWei, nonceBefore, blindingBefore]);",
    instead: "signal opened <-- leafBefore;",
    forge: () => plain(pays(), (c) => void (c["cumulativeBeforeWei"]![0] = 0n)),
  },
  {
    name: "a step is what came to the sum",
    file: "channel",
    drop: "signal stepWei <== cumulativeWei - cumulativeBeforeWei;",
    instead: "signal stepWei <-- 1000000000000000050;",
    forge: () => claims(token),
  },
  {
    name: "a voucher has the sum that is paid",
    file: "channel",
    drop: "signal voucher <== Poseidon(5)([channelId, keyX, cumulativeWei, nonce, blinding]);",
    instead: `signal lower <== cumulativeWei - changed * 1000000000000000000;
    signal voucher <== Poseidon(5)([channelId, keyX, lower, nonce, blinding]);`,
    forge: () =>
      claims(token, {
        given: (c) => void (c["cumulativeWei"]![0]! += token),
        seen: (c) => void (c["cumulativeWei"]![0]! -= token),
      }),
  },
  {
    name: "a leaf is the voucher's, or stays",
    file: "channel",
    drop: "leaf <== leafBefore + changed * (voucher - leafBefore);",
    instead: "leaf <== leafBefore + changed * (voucher - leafBefore) + 1;",
    forge: () => shown(pays(), { known: { 2: 1n, 3: 1n }, committed: { 2: 1n, 3: 1n } }),
  },
  {
    name: "a channel pays its step",
    file: "channel",
    drop: "paidWei <== changed * stepWei;",
    instead: "paidWei <== changed * (stepWei + 1000000000000000000);",
    forge: () => claims(token),
  },
  ...["fresh", "channelId", "keyX", "keyY", "depositWei", "leafBefore"].map((name): Mutant => {
    const forgeries: Readonly<Record<string, () => Forgery>> = {
      // A settled channel begins again at nothing.
      fresh: () =>
        shown(pays(), {
          known: { [lastKnown]: 100n },
          committed: { [lastCommitted]: 100n },
          given: (c) => void ([c["cumulativeBeforeWei"]![0], c["nonceBefore"]![0]] = [0n, 0n]),
        }),
      channelId: () => moved("channelId", { known: { 8: -1n } }),
      keyX: () => moved("keyX", { known: { 6: -1n } }),
      keyY: () => moved("keyY", { known: { 4: -1n }, committed: { 4: -1n } }),
      depositWei: () => plain(honest({ ...nextOf(150n, 4), depositWei: 149n }), () => undefined),
      leafBefore: () => moved("leafBefore", { known: { 0: -1n }, committed: { 0: -1n } }),
    };
    return {
      name: `a channel has the slab's own ${name}`,
      file: "slab",
      drop: `channels[i].${name} <== ${name}[i];`,
      instead: `channels[i].${name} <== ${name}[i] + changed[i];`,
      forge: forgeries[name]!,
    };
  }),
  ...[
    ["commitment <== PoseidonChain(3 * N + pairs + 1)(committed);", "commitment <== 5;", "slab"],
    ["chain[0] <== Poseidon(take)(part);", "chain[0] <== 5;", "sponge"],
    ["out <== chain[links - 1];", "out <== 5;", "sponge"],
  ].map(([drop = "", instead = "", file]): Mutant => ({
    name: `the commitment is the list's: ${drop}`,
    ...{ file: file as SlabFile, drop, instead },
    forge: () => balanced(pays(), { column: "keyY", slot: 1, index: 2 * size + 1 }, undefined, 5n),
  })),
  {
    name: "the evaluation is the list's",
    file: "slab",
    drop: "evaluation <== Evaluation(5 * N + pairs + 1)(known, point);",
    instead: `signal evaluated <== Evaluation(5 * N + pairs + 1)(known, point);
    evaluation <== evaluated + blinding[1];`,
    forge: () => added(pays()),
  },
  ...[
    ["partial[length - 1] <== in[length - 1];", "partial[length - 1] <== in[length - 1] + 1;", lastKnown],
    [
      "partial[i] <== partial[i + 1] * point + in[i];",
      "partial[i] <== partial[i + 1] * point + in[i] + (i == 0 ? 1 : 0);",
      0,
    ],
    ["out <== partial[0];", "out <== partial[0] + 1;", 0],
  ].map(([drop, instead, index]): Mutant => ({
    name: `each element counts in its place: ${drop}`,
    ...{ file: "evaluation", drop: String(drop), instead: String(instead) },
    forge: () => shown(pays(), { known: { [Number(index)]: 1n } }),
  })),
  ...(
    [
      ["known[i] = leafBefore[i];", [0, 1]],
      ["known[N + i] = channels[i].leaf;", [2, 3]],
      ["known[2 * N + i] = keyY[i];", [4, 5]],
      ["known[3 * N + i] = keyX[i];", [6, 7]],
      ["known[4 * N + i] = channelId[i];", [8, 9]],
      ["known[5 * N + j] = pair;", [10]],
      ["known[5 * N + pairs] = totalWei + freshBits * (1 << 128);", [lastKnown]],
    ] as const
  ).map(([drop, indexes]): Mutant => ({
    name: `the contract's list is compared: ${drop}`,
    ...{ file: "slab", drop, instead: drop.replace(";", " + 1;") },
    forge: () => shown(pays(), { known: Object.fromEntries(indexes.map((index) => [index, 1n])) }),
  })),
  {
    name: "what is in range is what was given",
    file: "range",
    drop: "decomposition.in <== in;",
    instead: "decomposition.in <== 0 * in;",
    forge: () => plain(honest(nextOf(150n, 3)), () => undefined),
  },
  { ...fractional, name: "a bit is 0 or 1", file: "range", drop: "bit * (bit - 1) === 0;" },
];
