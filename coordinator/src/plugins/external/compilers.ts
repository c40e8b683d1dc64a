import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

type Serializer = (data: unknown) => string;
type Check = ReturnType<typeof TypeBoxValidatorCompiler>;

/**
 * Checkers and serializers are made when a request first needs one, and a serializer once for all routes that share its schema: of
 * most routes, and of nearly all errors, a process needs none, and making them all took a tenth of its memory.
 */
export function useCompilers(app: FastifyInstance): void {
  app.setValidatorCompiler((route) => {
    // Headers are texts in every schema here: there is nothing to convert them to.
    const wanted = { ...route, ...(route.httpPart === "headers" && { httpPart: "body" }) };
    let check: Check | undefined;
    return (value: unknown) => (check ??= TypeBoxValidatorCompiler(wanted))(value);
  });
  const compile = SerializerSelector()({}, {});
  const known = new WeakMap<object, Serializer>();
  app.setSerializerCompiler((route) => {
    const schema = route.schema as object;
    const make = (): Serializer => {
      const made = known.get(schema) ?? (compile({ ...route, httpStatus: route.httpStatus ?? "" }) as Serializer);
      known.set(schema, made);
      return made;
    };
    let serialize: Serializer | undefined;
    return (data) => (serialize ??= make())(data);
  });
}
