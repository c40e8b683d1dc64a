/** A schema at random from everything that is supported, nested at most `depth` deep. */
export function randomSchema(random: () => number, depth = 3): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const nested = (): unknown => randomSchema(random, depth - 1);
  const many = (make: () => unknown, most: number): unknown[] => Array.from({ length: 1 + upTo(most - 1) }, make);

  const scalars: (() => unknown)[] = [
    () => ({ type: "null" }),
    () => ({ type: "boolean", description: "yes or no" }),
    () => ({ type: "number" }),
    () => ({ type: "integer" }),
    () => {
      const minimum = (random() - 0.5) * 10 ** upTo(4);
      return random() < 0.5
        ? { type: "number", minimum, exclusiveMaximum: minimum + 0.5 + random() }
        : { type: "number", minimum };
    },
    () => {
      const minimum = upTo(2000) - 1000;
      return { type: "integer", minimum, maximum: minimum + upTo(300) };
    },
    () => ({ type: "string" }),
    () => {
      const minLength = upTo(3);
      return { type: "string", minLength, maxLength: minLength + upTo(6) };
    },
    () => ({
      type: "string",
      pattern: pick(["^[a-z]{1,4}$", "^\\d{3}-\\d{2,4}$", "a.c", "^(?:yes|no)$", "^[^x]{2}$", "é+"]),
    }),
    () => ({
      type: "string",
      format: pick(["date", "time", "date-time", "uuid", "ipv4", "ipv6", "duration", "hostname", "email"]),
    }),
    () => ({
      enum: pick([
        ["a", "ab", "b"],
        [1, 2.5, -3e10],
        [null, true, "ü"],
        [{ a: [1, {}] }, []],
      ]),
    }),
    () => ({ const: pick<unknown>(["x", 7, null, [1, "2"], { k: "v" }]) }),
    () => ({ type: ["string", "null", "integer"] }),
  ];
  const containers: (() => unknown)[] = [
    () => ({ type: "array", items: nested(), minItems: upTo(2), maxItems: 2 + upTo(2) }),
    () => ({ type: "array", items: nested() }),
    () => {
      const names = ["a", "ab", "name", 'q"\n', "ä", "0"].filter(() => random() < 0.5);
      const properties = Object.fromEntries(names.map((name) => [name, nested()]));
      const others = pick<unknown>([undefined, false, true, { type: "integer" }]);
      return {
        type: "object",
        properties,
        required: names.filter(() => random() < 0.6),
        ...(others === undefined ? {} : { additionalProperties: others }),
      };
    },
    () => ({ type: "object", additionalProperties: nested() }),
    () => ({ anyOf: many(nested, 3) }),
    () => ({
      oneOf: ["circle", "square"].map((kind) => ({
        type: "object",
        properties: { kind: { const: kind }, value: nested() },
        required: ["kind"],
      })),
    }),
    () => ({ type: "object", properties: { inner: { $ref: "#/$defs/leaf" }, again: { $ref: "#/$defs/loop" } } }),
  ];
  return pick(depth === 0 ? scalars : random() < 0.3 ? scalars : containers)();
}

/** A whole document: a random schema with definitions that random parts refer to. */
export function randomDocument(random: () => number): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $defs: {
      leaf: randomSchema(random, 0),
      loop: {
        type: "object",
        properties: { next: { $ref: "#/$defs/loop" }, list: { type: "array", items: { $ref: "#/$defs/loop" } } },
        required: random() < 0.5 ? ["list"] : [],
        additionalProperties: false,
      },
    },
    ...(randomSchema(random) as Record<string, unknown>),
  };
}
