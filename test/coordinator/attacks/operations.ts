import type { FastifyInstance } from "fastify";
import type { Canaries } from "./canaries.ts";

/** The part of JSON schema that the OpenAPI document uses. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly schema: Schema;
}

/** One operation of the OpenAPI document. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Of its body, where it takes one. */
  readonly body: Schema | undefined;
}

/** Everything that the coordinator's own document says it does, so that no new route can be forgotten. */
export function operationsOf(app: FastifyInstance): Operation[] {
  const { paths = {} } = app.swagger();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Record<string, unknown>>).map(([method, it]) => {
      const content = (it["requestBody"] as { content?: Record<string, { schema?: Schema }> } | undefined)?.content;
      return {
        method: method.toUpperCase() as Operation["method"],
        path,
        tags: (it["tags"] ?? []) as string[],
        parameters: (it["parameters"] ?? []) as Parameter[],
        body: content === undefined ? undefined : (Object.values(content)[0]?.schema ?? {}),
      };
    }),
  );
}

/** Texts that patterns ask for. */
const shaped = [
  ...[`0x${"ab".repeat(20)}`, `0x${"ab".repeat(32)}`, `0x${"ab".repeat(65)}`, `0x${"ab".repeat(128)}`],
  ...["ab".repeat(32), "5", "abcd1234", "a_name", `job_${"ab".repeat(12)}`, `resp_${"ab".repeat(12)}`],
];

/**
 * A value of a schema with a canary in every text. Names of models stay: they are the market's own words.
 * @param keepsShape texts that must look some way do, so that the request gets further
 */
export function valueOf(schema: Schema, canaries: Canaries, keepsShape: boolean, place = ""): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (place.endsWith("/model")) return "demo";
  const [first] = schema.anyOf?.filter(({ type }) => type !== "null") ?? [];
  if (first !== undefined) return valueOf(first, canaries, keepsShape, place);
  switch (schema.type) {
    case "string": {
      const { pattern, format } = schema;
      if (keepsShape && format === "date-time") return "2026-12-01T10:00:00Z";
      const fitting =
        keepsShape && pattern !== undefined ? shaped.find((text) => new RegExp(pattern, "u").test(text)) : undefined;
      return fitting ?? canaries.at(place, schema.maxLength);
    }
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    case "array":
      return schema.items === undefined ? [] : [valueOf(schema.items, canaries, keepsShape, `${place}/0`)];
    case "object": {
      const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) => [
        name,
        valueOf(inner, canaries, keepsShape, `${place}/${name}`),
      ]);
      const more = Object.values(schema.patternProperties ?? {}).map((inner) => [
        canaries.at(`${place}'s name`, 60),
        valueOf(inner, canaries, keepsShape, `${place}/*`),
      ]);
      return Object.fromEntries([...fields, ...more]) as object;
    }
    default:
      return canaries.at(place);
  }
}
