import type { Pattern } from "../pattern/pattern.ts";
import type { Words } from "./words.ts";

/** The place of a node in its grammar. */
export type NodeIndex = number;

export interface Property {
  readonly name: string;
  readonly node: NodeIndex;
  readonly required: boolean;
}

/** One kind of JSON value. Objects write their properties in the order given, so that an answer has one shape. */
export type Node =
  | { readonly kind: "union"; readonly options: readonly NodeIndex[] }
  /** One of a list of JSON texts. */
  | { readonly kind: "words"; readonly words: Words }
  | { readonly kind: "string"; readonly min: number; readonly max: number; readonly pattern: Pattern | undefined }
  | { readonly kind: "number" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** A number within bounds, which count units of its last possible digit. */
  | { readonly kind: "decimal"; readonly min: number; readonly max: number }
  | { readonly kind: "array"; readonly items: NodeIndex; readonly min: number; readonly max: number }
  | {
      readonly kind: "object";
      readonly properties: readonly Property[];
      /** The names as they are written, closing quote included; the place in the list is the place in `properties`. */
      readonly keys: Words;
      /** Values of properties with other names, which come last; undefined where there are none. */
      readonly extra: NodeIndex | undefined;
    };

/** A compiled schema. */
export interface Grammar {
  readonly nodes: readonly Node[];
  readonly root: NodeIndex;
  /** What each node can be once unions are opened: indexes of nodes that are no unions. */
  readonly starts: readonly (readonly NodeIndex[])[];
  /** How deep the shallowest value of each node nests; Infinity where there is none. */
  readonly minDepth: readonly number[];
}
