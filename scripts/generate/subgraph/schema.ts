import { eventSentences, fieldSentences } from "./sentences.ts";
import { entityOf, eventsOf, fieldOf, sources, type AbiEvent, type Source } from "./sources.ts";

/** The entity field types of ABI types, as graph-cli's generated getters give them. */
export function graphType(type: string): string {
  if (type === "bool") return "Boolean!";
  if (type === "string") return "String!";
  if (type === "address[]") return "[Bytes!]!";
  if (type === "address" || /^bytes\d*$/.test(type)) return "Bytes!";
  const bits = /^uint(\d+)$/.exec(type)?.[1];
  if (bits === undefined) throw new Error(`The schema has no type for ${type}.`);
  return Number(bits) <= 24 ? "Int!" : "BigInt!";
}

const common = `  "The transaction's hash followed by the log's index, little-endian."
  id: Bytes!
  "The contract that said it."
  contract: Bytes!
  "Number of its block."
  blockNumber: BigInt!
  "Unix seconds of its block."
  blockTimestamp: BigInt!
  "Its transaction."
  transactionHash: Bytes!
  "Its place among the block's logs."
  logIndex: BigInt!
`;

/**
 * The schema: what is written by hand, and one immutable entity for every event.
 * @param state the part that is written by hand
 * @throws {Error} for an event or parameter that no sentence explains, and for a sentence that explains nothing
 */
export function renderSchema(state: string): string {
  const unused = new Set([...Object.keys(eventSentences), ...Object.keys(fieldSentences)]);
  const take = (table: Readonly<Record<string, string>>, ...keys: string[]): string => {
    const key = keys.find((each) => table[each] !== undefined);
    if (key === undefined)
      throw new Error(`scripts/generate/subgraph/sentences.ts does not explain ${keys.join(" or ")}.`);
    unused.delete(key);
    return table[key] ?? "";
  };
  const entities = new Map<string, string>();
  for (const source of sources) {
    for (const event of eventsOf(source)) {
      const text = renderEntity(source, event, take);
      const entity = entityOf(source, event);
      if ((entities.get(entity) ?? text) !== text)
        throw new Error(`Two events of different shape are called ${entity}.`);
      entities.set(entity, text);
    }
  }
  if (unused.size > 0) throw new Error(`These sentences explain nothing: ${[...unused].join(", ")}.`);
  return `# Written by \`npm run generate\` from schema/state.graphql and the contracts' events.\n\n${state}\n${[...entities.values()].join("\n")}`;
}

function renderEntity(
  source: Source,
  event: AbiEvent,
  take: (table: Readonly<Record<string, string>>, ...keys: string[]) => string,
): string {
  const entity = entityOf(source, event);
  const fields = event.inputs.map((input) => {
    const field = fieldOf(source, input);
    const sentence = take(fieldSentences, `${entity}.${field}`, field);
    return `  ${JSON.stringify(sentence)}\n  ${field}: ${graphType(input.type)}\n`;
  });
  const sentence = take(eventSentences, entity);
  return `${JSON.stringify(sentence)}\ntype ${entity} @entity(immutable: true) {\n${common}${fields.join("")}}\n`;
}
