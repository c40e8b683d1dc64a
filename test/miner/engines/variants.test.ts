import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installVariant, variantPackages } from "../../../miner/src/engines/index.ts";

const never = new AbortController().signal;
let folder: string;
let npm: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-variants-"));
  for (const name of ["node-llama-cpp", "@node-llama-cpp/linux-x64-vulkan"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, "node-llama-cpp/package.json"), '{"version":"3.22.1"}');
  // What an installation without variants has in its place.
  writeFileSync(join(folder, "@node-llama-cpp/linux-x64-vulkan/package.json"), '{"version":"1.0.0"}');
  npm = join(folder, "npm.sh");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A registry's client: it packs what is asked for, of a version that the test says. */
function serve(version: string): void {
  const script = `#!/bin/sh
[ "$1 $3 $4" = "pack --silent --pack-destination" ] || exit 7
mkdir -p "$5/made/package" && cd "$5/made" || exit 8
printf '{"version":"${version}","name":"%s"}' "$2" > package/package.json
tar -czf "$5/x.tgz" package && echo x.tgz
`;
  writeFileSync(npm, script);
  chmodSync(npm, 0o755);
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(folder, "@node-llama-cpp", name, "package.json"), "utf8"));

describe("a variant of the engine", () => {
  it("is there for two systems, and of one or two packages", () => {
    expect(variantPackages("cuda", "linux", "x64")).toEqual(["linux-x64-cuda", "linux-x64-cuda-ext"]);
    expect(variantPackages("vulkan", "win32", "x64")).toEqual(["win-x64-vulkan"]);
    expect(variantPackages("vulkan", "darwin", "arm64")).toEqual([]);
    expect(variantPackages("cuda", "linux", "arm64")).toEqual([]);
  });

  it.skipIf(process.platform === "win32")(
    "is fetched in the engine's own version, and takes the place of what was there",
    async () => {
      serve("3.22.1");
      await installVariant({ packages: ["linux-x64-vulkan", "linux-x64-cuda"], folder, npm, signal: never });
      expect(read("linux-x64-vulkan")).toEqual({ version: "3.22.1", name: "@node-llama-cpp/linux-x64-vulkan@3.22.1" });
      expect(read("linux-x64-cuda")).toMatchObject({ version: "3.22.1" });
      expect(readdirSync(join(folder, "@node-llama-cpp")).sort()).toEqual(["linux-x64-cuda", "linux-x64-vulkan"]);
    },
  );

  const both = ["linux-x64-vulkan", "linux-x64-cuda"];
  const there = (): string[] => readdirSync(join(folder, "@node-llama-cpp")).sort();
  it.skipIf(process.platform === "win32").each([1, 2, 3])(
    "comes whole or not at all, and what was there stays, when move %d fails",
    async (failing) => {
      serve("3.22.1");
      let moves = 0;
      const move = (from: string, to: string): void => {
        if ((moves += 1) === failing) throw new Error("no space left on device");
        renameSync(from, to);
      };
      const failed = installVariant({ packages: both, folder, npm, move, signal: never });
      await expect(failed).rejects.toThrow(/no space left on device/);
      expect(read("linux-x64-vulkan")).toEqual({ version: "1.0.0" });
      expect(there()).toEqual(["linux-x64-vulkan"]);
    },
  );

  // Where the system tells when a process began, another one of the same number is no owner.
  const dead = ["999999999", ...(existsSync("/proc/self/stat") ? [`${process.ppid}_1`, `${process.pid}_1`] : [])];
  it.skipIf(process.platform === "win32").each(dead)("that %s left between two moves is made good", async (owner) => {
    serve("3.22.1");
    const place = join(folder, "@node-llama-cpp");
    const left = join(place, `.install-${owner}-abc`);
    mkdirSync(left);
    renameSync(join(place, "linux-x64-vulkan"), join(left, "linux-x64-vulkan.before"));
    // Another one that works now is let alone.
    mkdirSync(join(place, `.install-${process.ppid}-def`));
    await installVariant({ packages: ["linux-x64-cuda"], folder, npm, signal: never });
    expect(read("linux-x64-vulkan")).toEqual({ version: "1.0.0" });
    expect(there()).toEqual([`.install-${process.ppid}-def`, "linux-x64-cuda", "linux-x64-vulkan"]);
  });

  it.skipIf(process.platform === "win32").each<[string, () => void]>([
    ["another version", () => serve("3.22.2")],
    ["a registry that does not answer", () => writeFileSync(npm, "#!/bin/sh\nexit 1\n", { mode: 0o755 })],
    ["no npm", () => undefined],
  ])("leaves everything as it was with %s", async (_name, prepare) => {
    prepare();
    const failed = installVariant({ packages: ["linux-x64-vulkan"], folder, npm, signal: never });
    await expect(failed).rejects.toMatchObject({ code: "download-failed" });
    expect(read("linux-x64-vulkan")).toEqual({ version: "1.0.0" });
    expect(existsSync(join(folder, "@node-llama-cpp/linux-x64-vulkan"))).toBe(true);
    expect(readdirSync(join(folder, "@node-llama-cpp"))).toEqual(["linux-x64-vulkan"]);
  });
});
