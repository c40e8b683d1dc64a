import { entityOf, eventsOf, fieldOf, type Source } from "./sources.ts";

/**
 * The functions that keep each event of a source as its immutable entity, in AssemblyScript. What follows from an event is
 * written by hand in the mapping that calls them.
 */
export function renderRecords(source: Source): string {
  const events = eventsOf(source);
  const imports = events.map(({ name }) => `  ${name},\n`).join("");
  const entities = events
    .map((event) => `  ${entityOf(source, event)} as ${entityOf(source, event)}Record,\n`)
    .join("");
  const functions = events.map((event) => {
    const entity = entityOf(source, event);
    const fields = event.inputs.map((input) => {
      const value = `event.params.${input.name}`;
      // The generated getter gives addresses; as bytes in memory they are the same.
      const bytes = input.type === "address[]" ? `changetype<Bytes[]>(${value})` : value;
      return `  record.${fieldOf(source, input)} = ${bytes};\n`;
    });
    return `export function record${event.name}(event: ${event.name}): void {
  const record = new ${entity}Record(recordId(event));
  stamp(record, event);
${fields.join("")}  record.save();
}
`;
  });
  const needsBytes = events.some(({ inputs }) => inputs.some(({ type }) => type === "address[]"));
  return `// Written by \`npm run generate\` from the contract's events.
${needsBytes ? `import { Bytes } from "@graphprotocol/graph-ts";\n` : ""}import {
${imports}} from "../../generated/${source.name}/${source.name}";
import {
${entities}} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

${functions.join("\n")}`;
}
