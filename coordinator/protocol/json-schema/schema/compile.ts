import { SchemaError } from "../errors.ts";
import { createGrammarBuilder, objectNode, type GrammarBuilder } from "../grammar/builder.ts";
import type { Grammar, Node, NodeIndex, Property } from "../grammar/nodes.ts";
import { createWords } from "../grammar/words.ts";
import { constraintLimits } from "../limits.ts";
import { areDisjoint } from "./disjoint.ts";
import { below, isObject, parseDocument, resolveReference, type JsonObject } from "./document.ts";
import { mainKeyword, typesOf } from "./keywords.ts";
import { countAt, integerNode, numberNode, requireOrder, stringNode } from "./scalars.ts";
import { valuesNode } from "./values.ts";

/** Compiles a JSON schema's text. Throws SchemaError for everything that the machine would not honour. */
export function compileSchema(text: string): Grammar {
  const builder = createGrammarBuilder();
  return builder.finish(addSchema(builder, text));
}

/** Any object: what a client means who asks for JSON and gives no schema. */
export function anyObject(): Grammar {
  const builder = createGrammarBuilder();
  return builder.finish(builder.add(objectNode([], builder.any()), ""));
}

/** Adds a schema of its own, with references of its own. */
export function addSchema(builder: GrammarBuilder, text: string): NodeIndex {
  const document = parseDocument(text);
  return compile({ builder, document, known: new Map() }, document, "", 0);
}

interface Compiler {
  readonly builder: GrammarBuilder;
  readonly document: unknown;
  /** Nodes by the path of their schema: what a reference leads to is compiled once, even if it leads to itself. */
  readonly known: Map<string, NodeIndex>;
}

/** Schemas inside each other, in the text or by references that are followed for the first time. */
const mostNesting = 4 * constraintLimits.depth;

function compile(compiler: Compiler, schema: unknown, path: string, nesting: number): NodeIndex {
  const { builder, known } = compiler;
  const before = known.get(path);
  if (before !== undefined) return before;
  if (nesting > mostNesting) throw new SchemaError("schema-too-large", path, "it nests too deep");
  if (schema === true) return builder.any();
  if (schema === false) throw new SchemaError("schema-unsatisfiable", path, "false fits nothing");
  if (!isObject(schema)) throw new SchemaError("schema-invalid", path, "it is no schema");
  const index = builder.reserve(path);
  known.set(path, index);
  builder.set(index, nodeOf(compiler, schema, path, nesting + 1));
  return index;
}

function nodeOf(compiler: Compiler, schema: JsonObject, path: string, nesting: number): Node {
  const main = mainKeyword(schema, path);
  switch (main) {
    case "$ref": {
      const target = resolveReference(compiler.document, schema["$ref"], below(path, main));
      return union([compile(compiler, target.value, target.path, nesting)]);
    }
    case "enum":
    case "const":
      return valuesNode(schema, path);
    case "allOf": {
      const options = optionsOf(compiler, schema[main], below(path, main), nesting);
      if (options.length === 1) return union(options);
      throw new SchemaError("schema-unsupported", below(path, main), "only one schema is supported here");
    }
    case "anyOf":
      return union(optionsOf(compiler, schema[main], below(path, main), nesting));
    case "oneOf":
      return oneOf(compiler, schema[main], below(path, main), nesting);
    default:
      return typedNode(compiler, schema, path, nesting);
  }
}

const union = (options: readonly NodeIndex[]): Node => ({ kind: "union", options });

function optionsOf(compiler: Compiler, list: unknown, path: string, nesting: number): NodeIndex[] {
  if (!Array.isArray(list) || list.length === 0) throw new SchemaError("schema-invalid", path, "it lists no schemas");
  if (list.length > constraintLimits.options) {
    throw new SchemaError("schema-too-large", path, `it has more than ${constraintLimits.options} options`);
  }
  return list.map((option, place) => compile(compiler, option, below(path, place), nesting));
}

function oneOf(compiler: Compiler, list: unknown, path: string, nesting: number): Node {
  const options = optionsOf(compiler, list, path, nesting);
  const { builder } = compiler;
  const overlap = options.findIndex((one, at) => options.slice(0, at).some((two) => !areDisjoint(builder, one, two)));
  if (overlap < 0) return union(options);
  // A value that fits two of them must be refused, which takes an intersection to know.
  const problem = "it may overlap an option before it; use anyOf, or give each a required property with its own const";
  throw new SchemaError("schema-unsupported", below(path, overlap), problem);
}

function typedNode(compiler: Compiler, schema: JsonObject, path: string, nesting: number): Node {
  const types = typesOf(schema, path);
  if (types.length === 0) return union([compiler.builder.any()]);
  const nodes = types.map((type) => nodeOfType(compiler, schema, type, path, nesting));
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) return only;
  return union(nodes.map((node) => compiler.builder.add(node, path)));
}

function nodeOfType(compiler: Compiler, schema: JsonObject, type: string, path: string, nesting: number): Node {
  switch (type) {
    case "string":
      return stringNode(schema, path);
    case "number":
      return numberNode(schema, path);
    case "integer":
      return integerNode(schema, path);
    case "boolean":
      return { kind: "words", words: createWords(["true", "false"]) };
    case "null":
      return { kind: "words", words: createWords(["null"]) };
    case "array":
      return arrayNode(compiler, schema, path, nesting);
    default:
      return objectOf(compiler, schema, path, nesting);
  }
}

function arrayNode(compiler: Compiler, schema: JsonObject, path: string, nesting: number): Node {
  const { items, uniqueItems } = schema;
  if (uniqueItems !== undefined && uniqueItems !== false) {
    throw new SchemaError("schema-unsupported", below(path, "uniqueItems"), "this keyword is not supported");
  }
  const min = countAt(schema, "minItems", 0, path);
  const max = countAt(schema, "maxItems", Infinity, path);
  requireOrder(min, max, path);
  const node = items === undefined ? compiler.builder.any() : compile(compiler, items, below(path, "items"), nesting);
  return { kind: "array", items: node, min, max };
}

/**
 * Properties come in the order of the schema. Where it does not speak of others, there are none: a model asked for
 * certain properties should not invent more, although the schema would let it.
 */
function objectOf(compiler: Compiler, schema: JsonObject, path: string, nesting: number): Node {
  const { properties = {}, required = [], additionalProperties: others, propertyNames } = schema;
  if (!isObject(properties)) throw new SchemaError("schema-invalid", below(path, "properties"), "it is no object");
  if (propertyNames !== undefined && !isAnyName(propertyNames)) {
    throw new SchemaError("schema-unsupported", below(path, "propertyNames"), "only names of any kind are supported");
  }
  const isList = Array.isArray(required) && required.every((name) => typeof name === "string");
  if (!isList) throw new SchemaError("schema-invalid", below(path, "required"), "it is no list of names");
  const wanted = new Set(required);
  const names = [...new Set([...Object.keys(properties), ...wanted])];
  if (names.length > constraintLimits.properties) {
    throw new SchemaError("schema-too-large", path, `it has more than ${constraintLimits.properties} properties`);
  }
  const extra = extraOf(compiler, others, names.length === 0, path, nesting);
  const list = names.map((name): Property => {
    const isDeclared = Object.hasOwn(properties, name);
    if (!isDeclared && others === false) {
      throw new SchemaError("schema-unsatisfiable", below(path, "required"), "it requires a property that may not be");
    }
    const undeclared = extra ?? compiler.builder.any();
    const at = below(path, "properties", name);
    const node = isDeclared ? compile(compiler, properties[name], at, nesting) : undeclared;
    return { name, node, required: wanted.has(name) };
  });
  return objectNode(list, extra);
}

/** Whether a schema of names says no more than that they are texts, as programs write it that make schemas of types. */
function isAnyName(schema: unknown): boolean {
  if (schema === true) return true;
  return isObject(schema) && Object.entries(schema).every(([name, value]) => name === "type" && value === "string");
}

function extraOf(
  compiler: Compiler,
  others: unknown,
  isBare: boolean,
  path: string,
  nesting: number,
): NodeIndex | undefined {
  if (others === false) return undefined;
  if (others === undefined) return isBare ? compiler.builder.any() : undefined;
  return compile(compiler, others, below(path, "additionalProperties"), nesting);
}
