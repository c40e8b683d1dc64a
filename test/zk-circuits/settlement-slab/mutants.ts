import { readFileSync } from "node:fs";
import { join } from "node:path";
import { slabField } from "@lode/sdk/slab";
import { root } from "../../../scripts/root.ts";
import { slabStatement, type SlabPayment, type SlabStatement } from "../../../zk-circuits/src/settlement-slab/slab.ts";
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
  readonly file: "channel" | "slab";
  /** The constraint's text in its circuit, and what stands there instead. */
  readonly drop: string;
  readonly instead?: string;
  /** What the contract is shown, and what the circuit is given for it. */
  readonly forge: () => Forgery;
}

export interface Forgery {
  readonly input: Record<string, bigint | bigint[]>;
  /** What the contract asks for a proof of. */
  readonly signals: readonly bigint[];
}

const folder = "zk-circuits/circuits/lib";
const size = 2;
const place = { payee: slabPayee, slab: 0, leavesBefore: [0n, 0n] };

/** What both files include, once. */
const prelude = [
  "pragma circom 2.2.2;",
  ...["eddsaposeidon", "poseidon"].map((name) => `include "circomlib/circuits/${name}.circom";`),
  ...["range", "evaluation", "sponge"].map((name) => `include "${folder}/${name}.circom";`),
].join("\n");

/** Both circuits with a constraint less, and every template under a name of its own. */
function mutated(mutant: Mutant | undefined, suffix: string): string {
  const read = (name: string): string => {
    const text = readFileSync(join(root, folder, `${name}.circom`), "utf8");
    if (mutant?.file !== name) return text;
    if (text.split(mutant.drop).length !== 2) throw new Error(`${mutant.drop} is not once in ${name}.circom`);
    return text.replace(mutant.drop, mutant.instead ?? "");
  };
  return `${read("channel")}\n${read("slab")}`
    .replaceAll(/^(pragma|include) .*$/gm, "")
    .replaceAll(/\b(Channel|Slab)\(/g, `$1${suffix}(`);
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
  return `${prelude}\n${templates}\ntemplate All() {\n${signals}\n${declared}\n${wired.join("\n")}\n}\ncomponent main {public [point]} = All();\n`;
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
  return { input: { ...columns, point: signals[2] }, signals };
}

/**
 * The contract is shown a total of a token more; what the commitment does not fix is chosen, once the point is known, so that
 * both lists agree there.
 * @param free a private input, and where it is in the circuit's list
 * @param zeroedFrom where the mutant's commitment has zeros instead
 */
function balanced(
  statement: SlabStatement,
  free: { readonly column: string; readonly slot: number; readonly index: number },
  zeroedFrom?: number,
): Forgery {
  const columns = columnsOf(statement);
  const { known, committed } = circuitLists(columns);
  if (zeroedFrom !== undefined) committed.fill(0n, zeroedFrom, zeroedFrom + size);
  const shown = [...known];
  shown[shown.length - 1]! += 10n ** 18n;
  const signals = contractSignals(commitmentOf(committed), shown);
  const point = signals[2];
  const missing = 10n ** 18n * power(point, shown.length - 1 - free.index);
  columns[free.column]![free.slot] = (known[free.index]! + missing) % slabField;
  return { input: { ...columns, point }, signals };
}

function power(base: bigint, exponent: number): bigint {
  let result = 1n;
  for (let i = 0; i < exponent; i++) result = (result * base) % slabField;
  return result;
}

const pays = (): SlabStatement => honest(nextOf(150n, 4));

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
  {
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
  },
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
    forge: () => plain(pays(), (c) => void (c["cumulativeWei"]![0]! += 10n ** 18n)),
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
];
