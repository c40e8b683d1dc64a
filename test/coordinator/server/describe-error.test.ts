import { LodeError } from "@lode/sdk/errors";
import { describe, expect, it } from "vitest";
import { describeError } from "../../../coordinator/src/plugins/external/describe-error.ts";

const canary = "canary-4471";

describe("what a log says of an error", () => {
  it("is its calls without its message, also where a line of that looks like a call", () => {
    const error = new SyntaxError(`Unexpected token\n    at ${canary} (file:///x.ts:1:1)\n    at ${canary}`);
    const described = describeError(new Error(`outer ${canary}`, { cause: error }));
    expect(JSON.stringify(described)).not.toContain(canary);
    expect(described.stack).toContain("describe-error.test.ts");
    expect(described.cause?.stack).toContain("describe-error.test.ts");
  });

  it("is nothing of a stack whose message was changed since", () => {
    const error = new Error(`first\n    at ${canary}`);
    // Written down when it is first asked for.
    expect(error.stack).toContain(canary);
    error.message = "second";
    expect(describeError(error)).toMatchObject({ message: "(not logged)", stack: "" });
  });

  it("is the message too where that is our own", () => {
    expect(describeError(new LodeError("no_miner", "Nobody is there."))).toMatchObject({
      ...{ message: "Nobody is there.", code: "no_miner" },
      stack: expect.stringContaining("describe-error.test.ts"),
    });
  });
});
