import { describe, expect, it } from "vitest";
import { findMissing, platformOf, withAdded, type LockFile } from "../../scripts/check/lock-file.ts";

const complete: LockFile = {
  packages: {
    "": {},
    "node_modules/tool": { version: "1.2.3", dev: true, optionalDependencies: { "@tool/linux-x64-gnu": "1.2.3" } },
    "node_modules/@tool/linux-x64-gnu": { version: "1.2.3", os: ["linux"], cpu: ["x64"], optional: true },
  },
};

const without = (name: string): LockFile => ({
  packages: Object.fromEntries(Object.entries(complete.packages).filter(([path]) => path !== `node_modules/${name}`)),
});

describe("findMissing", () => {
  it("finds nothing in a complete lock file", () => {
    expect(findMissing(complete)).toEqual([]);
  });

  it("names an optional package without an entry, and who wants it", () => {
    expect(findMissing(without("@tool/linux-x64-gnu"))).toMatchObject([
      { name: "@tool/linux-x64-gnu", version: "1.2.3", wantedBy: "node_modules/tool", dev: true },
    ]);
  });

  it("accepts an entry nested below the package that wants it", () => {
    const { "node_modules/@tool/linux-x64-gnu": entry, ...rest } = complete.packages;
    expect(
      findMissing({ packages: { ...rest, "node_modules/tool/node_modules/@tool/linux-x64-gnu": entry! } }),
    ).toEqual([]);
  });

  it("accepts an entry of the workspace's parent for a package nested in another", () => {
    const nested = { version: "1.0.0", optionalDependencies: { "@tool/linux-x64-gnu": "1.2.3" } };
    expect(findMissing({ packages: { ...complete.packages, "node_modules/a/node_modules/b": nested } })).toEqual([]);
  });
});

describe("withAdded", () => {
  it("completes the file so that nothing is missing any more", () => {
    const lock = without("@tool/linux-x64-gnu");
    const mended = withAdded(lock, findMissing(lock));
    expect(findMissing(mended)).toEqual([]);
    expect(mended.packages["node_modules/@tool/linux-x64-gnu"]).toEqual({
      version: "1.2.3",
      dev: true,
      cpu: ["x64"],
      libc: ["glibc"],
      os: ["linux"],
      optional: true,
    });
  });

  it("adds nothing for a version range", () => {
    const packages = { "node_modules/tool": { optionalDependencies: { "tool-linux-x64": "^1.2.3" } } };
    const missing = findMissing({ packages });
    expect(missing).toMatchObject([{ platform: undefined }]);
    expect(withAdded({ packages }, missing).packages).toEqual(packages);
  });
});

describe("platformOf", () => {
  it.each([
    ["@esbuild/win32-arm64", { os: ["win32"], cpu: ["arm64"] }],
    ["@rollup/rollup-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
    ["@unrs/resolver-binding-wasm32-wasi", { cpu: ["wasm32"] }],
    ["@foundry-rs/anvil-darwin-amd64", { os: ["darwin"], cpu: ["x64"] }],
    ["left-pad", undefined],
  ])("%s", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
