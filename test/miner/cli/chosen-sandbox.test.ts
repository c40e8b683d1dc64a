import { describe, expect, it } from "vitest";
import { chosenGroups, chosenSandbox, trustClassOf } from "../../../miner/src/cli/miner/sandbox.ts";
import type { ControlGroups, Sandbox } from "../../../miner/src/engines/index.ts";

const shut: Sandbox = { kind: "bubblewrap", seccomp: true };
const none: Sandbox = { kind: "none", reason: "bubblewrap is not installed" };

async function choose(mode: string, found: Sandbox) {
  const warnings: string[] = [];
  const sandbox = await chosenSandbox(
    mode,
    (sentence) => warnings.push(sentence),
    () => Promise.resolve(found),
  );
  return { sandbox, warnings };
}

describe("the sandbox of a start", () => {
  it.each(["auto", "require"])("is taken in silence where there is one (%s)", async (mode) => {
    expect(await choose(mode, shut)).toEqual({ sandbox: shut, warnings: [] });
  });

  it("is missed aloud, and lowers the trust class", async () => {
    const { sandbox, warnings } = await choose("auto", none);
    expect(warnings).toEqual([expect.stringMatching(/^NO SANDBOX: bubblewrap is not installed\. .*lower trust class/)]);
    expect([trustClassOf(shut), trustClassOf({ ...shut, seccomp: false }), trustClassOf(sandbox)]).toEqual([
      { trust_class: "sandbox+seccomp" },
      { trust_class: "sandbox" },
      { trust_class: "process" },
    ]);
    expect(trustClassOf(undefined)).toEqual({});
  });

  it("is not missed where it is required: the start is refused", async () => {
    await expect(choose("require", none)).rejects.toMatchObject({ code: "no_sandbox", exitCode: 1 });
  });

  it("can be switched off, as aloud", async () => {
    const { sandbox, warnings } = await choose("off", shut);
    expect(sandbox).toEqual({ kind: "none", reason: "it is switched off" });
    expect(warnings).toHaveLength(1);
  });

  it("says what is weaker than it could be", async () => {
    expect((await choose("auto", { ...shut, seccomp: false })).warnings).toHaveLength(1);
  });

  it("knows no other mode", async () => {
    await expect(choose("on", shut)).rejects.toMatchObject({ code: "usage", exitCode: 2 });
  });
});

describe("the control group of a start", () => {
  const told = (platform: string, groups: ControlGroups): string[] => {
    const warnings: string[] = [];
    const open = (): ControlGroups => groups;
    expect(chosenGroups(platform, (sentence) => warnings.push(sentence), open).kind).toBe(
      platform === "linux" ? groups.kind : "none",
    );
    return warnings;
  };

  it("is taken in silence where there is one, and missed aloud", () => {
    const made: ControlGroups = {
      kind: "v2",
      make: () => {
        throw new Error("nothing is started here");
      },
    };
    expect(told("linux", made)).toEqual([]);
    expect(told("linux", { kind: "none", reason: "it may not" })).toEqual([
      expect.stringMatching(/^NO CONTROL GROUP: it may not\. /),
    ]);
  });

  it("is nothing to miss where no system has any", () => {
    expect(told("darwin", { kind: "none", reason: "never asked" })).toEqual([]);
  });
});
