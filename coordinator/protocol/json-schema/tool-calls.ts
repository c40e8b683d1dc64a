import { ProtocolError } from "../errors.ts";
import type { Tool } from "../prompt.ts";
import { SchemaError } from "./errors.ts";
import { createGrammarBuilder, objectNode, type GrammarBuilder } from "./grammar/builder.ts";
import type { Grammar, NodeIndex } from "./grammar/nodes.ts";
import { createWords } from "./grammar/words.ts";
import { addSchema } from "./schema/compile.ts";

/** Calls of these tools: one object, or a list where there may be several. Throws SchemaError, or ProtocolError for a name. */
export function compileToolCalls(
  tools: readonly Tool[],
  { names, most }: { names?: readonly string[]; most: number },
): Grammar {
  const builder = createGrammarBuilder();
  const chosen = names === undefined ? tools : names.map((name) => toolOf(tools, name));
  if (chosen.length === 0) throw new ProtocolError("bad-request", "There is no tool to call.");
  const calls = chosen.map((tool) => addCall(builder, tool));
  const call = builder.add({ kind: "union", options: calls }, "");
  return builder.finish(most === 1 ? call : builder.add({ kind: "array", items: call, min: 1, max: most }, ""));
}

function toolOf(tools: readonly Tool[], wanted: string): Tool {
  const found = tools.find(({ name }) => name === wanted);
  if (found === undefined)
    throw new ProtocolError("bad-request", `There is no tool ${JSON.stringify(wanted)} to call.`);
  return found;
}

function addCall(builder: GrammarBuilder, { name, parameters }: Tool): NodeIndex {
  const called = builder.add({ kind: "words", words: createWords([JSON.stringify(name)]) }, "");
  // A function without parameters is called with none.
  const given = parameters === undefined ? builder.add(objectNode([], undefined), "") : addSchema(builder, parameters);
  if (!isObject(builder, given))
    throw new SchemaError("schema-unsupported", "", `the arguments of ${name} are no object`);
  const properties = [
    { name: "name", node: called, required: true },
    { name: "arguments", node: given, required: true },
  ];
  return builder.add(objectNode(properties, undefined), "");
}

/** Whether values of the node are objects; unions are looked into as far as references usually lead. */
function isObject(builder: GrammarBuilder, index: NodeIndex, depth = 0): boolean {
  const node = builder.get(index);
  if (node.kind !== "union") return node.kind === "object";
  return depth < 8 && node.options.every((option) => isObject(builder, option, depth + 1));
}
