/** Marks a bigint in JSON; no other text in these files begins so. */
const mark = "bigint:";

/** JSON of values with bigints in them. */
export function packJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === "bigint" ? `${mark}${field.toString()}` : field,
  );
}

/** What `packJson` wrote. Throws a SyntaxError for what is no such JSON. */
export function unpackJson(text: string): unknown {
  return JSON.parse(text, (_key, field: unknown) =>
    typeof field === "string" && field.startsWith(mark) ? BigInt(field.slice(mark.length)) : field,
  );
}
