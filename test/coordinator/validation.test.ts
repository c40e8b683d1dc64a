import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { validationError, type FastifyValidation } from "../../coordinator/src/errors.ts";

const schema = Type.Object({
  scope: Type.Optional(Type.Union([Type.Literal("client"), Type.Literal("read")])),
  object: Type.Optional(Type.Literal("list")),
});

/** What a body that the schema does not take is answered with. */
function told(body: object): object {
  const validation = [...Compile(schema).Errors(body)] as FastifyValidation["validation"];
  const { status, message, code, param } = validationError({ ...(validation !== undefined && { validation }) });
  return { status, message, code, param };
}

describe("a value that is none of those there are", () => {
  it.each([
    ["of several", { scope: "emperor" }, "scope", `'scope' must be one of "client", "read".`],
    ["of one", { object: "set" }, "object", `'object' must be "list".`],
  ])("is told all of them: %s", (_name, body, param, message) => {
    expect(told(body)).toEqual({ status: 400, code: "invalid_value", param, message });
  });
});
