import type { ExplorerInfo } from "@lode/protocol";

/** Something that the chain knows, and who told it. */
export interface Told<T> {
  readonly value: T;
  /** The operator's index is quick and has to be believed; the chain is slower. */
  readonly from: "index" | "chain";
  /** The block up to which the index had come; undefined where the chain told it. */
  readonly block?: number | undefined;
  /** Whether there is an index that did not tell it. */
  readonly isIndexAway: boolean;
}

/** The operator's index does not answer, or not with what was asked for. */
export class NoIndex extends Error {
  override readonly name = "NoIndex";
}

interface Meta {
  readonly _meta: { readonly block: { readonly number: number }; readonly hasIndexingErrors: boolean };
}

/** What the index knows, and up to which block. */
export interface Indexed<T> {
  readonly data: T;
  readonly block: number;
}

const patienceMs = 10_000;

/**
 * Asks the operator's index.
 * @param fields of the query, without its outer braces
 * @throws {NoIndex} when there is none, it does not answer, it stands still, or it does not know what was asked for
 */
export async function askIndex<T>({ chain }: ExplorerInfo, fields: string): Promise<Indexed<T>> {
  if (chain.graphqlUrl === null) throw new NoIndex("The coordinator names no index.");
  let data: (T & Partial<Meta>) | null | undefined;
  try {
    const answer = await fetch(chain.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: `{ _meta { block { number } hasIndexingErrors } ${fields} }` }),
      signal: AbortSignal.timeout(patienceMs),
    });
    ({ data } = (await answer.json()) as { data?: (T & Partial<Meta>) | null });
  } catch {
    throw new NoIndex(`No index answers at ${chain.graphqlUrl}.`);
  }
  const meta = data?._meta;
  if (data === undefined || data === null || meta === undefined) {
    throw new NoIndex(`The index at ${chain.graphqlUrl} does not tell this.`);
  }
  const { block, hasIndexingErrors } = meta;
  if (hasIndexingErrors) throw new NoIndex(`The index at ${chain.graphqlUrl} stands still at block ${block.number}.`);
  return { data, block: block.number };
}

/**
 * Something out of the index, or out of the chain itself where there is no index or it does not tell it.
 * @throws {NoChain} when neither does
 */
export async function tell<T>(
  { chain }: ExplorerInfo,
  byIndex: () => Promise<Indexed<T>>,
  byChain: () => Promise<T>,
): Promise<Told<T>> {
  if (chain.graphqlUrl !== null) {
    try {
      const { data, block } = await byIndex();
      return { value: data, from: "index", block, isIndexAway: false };
    } catch {
      // A stranger's answer can be wrong in any way: the chain is asked then.
    }
  }
  return { value: await byChain(), from: "chain", isIndexAway: chain.graphqlUrl !== null };
}

/** An address as the index writes it. */
export const low = (address: string): `0x${string}` => address.toLowerCase() as `0x${string}`;
