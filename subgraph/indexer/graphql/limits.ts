import {
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql/index.js";
import { QueryError } from "./query-error.ts";

/** Levels of fields in fields. */
export const MAXIMUM_DEPTH = 8;
/** Entities that a query could give at most if every list were full. */
export const MAXIMUM_ENTITIES = 150_000;
/** Lists that a query could read at most. Each of them is a statement of its own. */
export const MAXIMUM_LISTS = 1_500;
/** Words and signs of a query's text. */
export const MAXIMUM_TOKENS = 2_000;
/** Bytes of a request's body. */
export const MAXIMUM_BODY_BYTES = 64 * 1024;

const DEFAULT_FIRST = 100;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  entities: number;
  lists: number;
}

/**
 * Refuses a query that nests too deep or could ask for too much. It is counted before anything is read: each list counts
 * what its `first` allows, times what all lists around it allow.
 * @throws {QueryError}
 */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const walk: Walk = { schema, fragments, variables, entities: 0, lists: 0 };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const type = schema.getRootType(definition.operation);
    if (type !== undefined && type !== null) visit(walk, type, definition.selectionSet, 1, 1);
  }
}

function visit(
  walk: Walk,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  depth: number,
  times: number,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      visit(walk, type, selection.selectionSet, depth, times);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = walk.fragments.get(selection.name.value);
      // Validation has refused fragments that spread themselves.
      if (fragment !== undefined) visit(walk, type, fragment.selectionSet, depth, times);
    } else {
      visitField(walk, type, selection, depth, times);
    }
  }
}

function visitField(walk: Walk, type: GraphQLObjectType, node: FieldNode, depth: number, times: number): void {
  // What the schema is made of is bounded by itself, and its usual query is deep.
  if (node.name.value.startsWith("__")) return;
  if (depth > MAXIMUM_DEPTH) throw new QueryError(`The query nests deeper than ${MAXIMUM_DEPTH} levels.`);
  const field = type.getFields()[node.name.value];
  if (field === undefined || node.selectionSet === undefined) return;
  const inner = getNamedType(field.type);
  if (!isObjectType(inner)) return;
  let given = times;
  if (isListType(getNullableType(field.type))) {
    given = times * firstOf(walk, node);
    walk.lists += times;
    if (walk.lists > MAXIMUM_LISTS) throw new QueryError(`The query could read more than ${MAXIMUM_LISTS} lists.`);
  }
  walk.entities += given;
  if (walk.entities > MAXIMUM_ENTITIES) {
    throw new QueryError(`The query could give more than ${MAXIMUM_ENTITIES} entities; ask for less with "first".`);
  }
  visit(walk, inner, node.selectionSet, depth + 1, given);
}

function firstOf(walk: Walk, node: FieldNode): number {
  const value = node.arguments?.find(({ name }) => name.value === "first")?.value;
  if (value?.kind === Kind.INT) return Math.max(0, Number(value.value));
  if (value?.kind !== Kind.VARIABLE) return DEFAULT_FIRST;
  const given = walk.variables[value.name.value];
  return typeof given === "number" ? Math.max(0, given) : DEFAULT_FIRST;
}
