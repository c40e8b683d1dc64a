import type { Hex } from "@lode/sdk/hash";
import type { Abi } from "viem";

/** A call to a contract, by name. */
export interface ContractCall {
  readonly contract: { readonly address: Hex; readonly abi: Abi };
  readonly functionName: string;
  readonly args: readonly unknown[];
}

/** What a figure counts, so that a person can be shown `5 LODE` or a date; a list names the values of an enumeration. */
export type Unit = "lode" | "ether" | "time" | "address" | "count" | "hash" | "flag" | readonly string[];

/** One value that an act may change. */
export interface Figure {
  readonly label: string;
  readonly unit: Unit;
}

/** A view function whose outputs are figures, by place or by a struct's fields; what has no figure is left out. */
export interface Reading extends ContractCall {
  readonly figures: readonly (Figure | undefined)[] | Readonly<Record<string, Figure>>;
}

export type Value = bigint | string | boolean;

/** A figure before and after; undefined when the contract refuses to say. */
export interface Change extends Figure {
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** A figure with its value; undefined when the contract refuses to say. */
export interface Said extends Figure {
  readonly value: Value | undefined;
}

/** The figures in what a reading's function returned. */
export function figuresIn({ figures }: Reading, returned: unknown): Said[] {
  if (!isList(figures)) {
    const struct = (returned ?? {}) as Readonly<Record<string, unknown>>;
    return Object.entries(figures).map(([field, figure]) => ({ ...figure, value: plain(struct[field]) }));
  }
  const outputs: readonly unknown[] = figures.length > 1 ? ((returned ?? []) as unknown[]) : [returned];
  return figures.flatMap((figure, index) =>
    figure === undefined ? [] : [{ ...figure, value: plain(outputs[index]) }],
  );
}

function isList(figures: Reading["figures"]): figures is readonly (Figure | undefined)[] {
  return Array.isArray(figures);
}

function plain(value: unknown): Value | undefined {
  if (typeof value === "number") return BigInt(value);
  if (typeof value === "string") return value.toLowerCase();
  return typeof value === "bigint" || typeof value === "boolean" ? value : undefined;
}
