import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { circuitOf, filesOf, readManifest } from "@lode/zk-circuits";
import type { VerificationKey } from "snarkjs";
import { afterAll, describe, expect, it } from "vitest";
import { fingerprint } from "../../scripts/zk/compile.ts";
import { verifyQuickly, weaknesses } from "../../scripts/zk/verify-quick.ts";

const circuit = circuitOf("classifier");
const manifest = readManifest();
const record = manifest.circuits["classifier"]!;
const key = JSON.parse(readFileSync(filesOf(circuit).verificationKey, "utf8")) as VerificationKey;
const folder = mkdtempSync(join(tmpdir(), "lode-zk-setup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the quick verification", () => {
  it("finds that everything committed belongs together", async () => {
    expect(await verifyQuickly(circuit)).toEqual([]);
  });

  it.each([
    ["sources", "The sources are not those"],
    ["wasm", "classifier.wasm is not the manifest's"],
    ["zkey", "classifier.zkey is not the manifest's"],
    ["verificationKey", "verification-key.json is not the manifest's"],
  ] as const)("sees another hash of the %s", async (field, sentence) => {
    const circuits = { classifier: { ...record, [field]: "0".repeat(64) } };
    const wrong = await verifyQuickly(circuit, { ...manifest, circuits });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain(sentence);
  });

  it("sees that the contracts call the key something else", async () => {
    const circuits = { classifier: { ...record, setup: "ceremony" as const } };
    const wrong = await verifyQuickly(circuit, { ...manifest, circuits });
    expect(wrong).toEqual([expect.stringContaining("ClassifierKey.sol holds another key")]);
  });

  it("depends on the sources that a circuit includes, and on the compiler's options", () => {
    expect(fingerprint(circuit)).toBe(record.sources);
    expect(fingerprint({ ...circuit, optimisation: 2 })).not.toBe(record.sources);
    const copy = join(folder, "copy.circom");
    writeFileSync(copy, `${readFileSync("zk-circuits/circuits/classifier.circom", "utf8")} `);
    expect(fingerprint({ ...circuit, source: copy })).not.toBe(record.sources);
  });
});

describe("a verifying key", () => {
  it("of the classifier has none of the weaknesses", () => {
    expect(weaknesses(circuit, key)).toEqual([]);
  });

  it("that nobody contributed to is refused", () => {
    expect(weaknesses(circuit, { ...key, vk_delta_2: key.vk_gamma_2 })).toEqual([
      expect.stringMatching(/Gamma is delta/),
    ]);
  });

  it("to which a signal does not matter is refused", () => {
    const [constant, first] = key.IC as [string[], string[]];
    const zero = ["0", "1", "0"];
    for (const IC of [
      [constant, first, first, key.IC[3]!],
      [constant, zero, key.IC[2]!, key.IC[3]!],
    ]) {
      expect(weaknesses(circuit, { ...key, IC })).toEqual([expect.stringMatching(/does not matter/)]);
    }
    expect(weaknesses({ signals: ["one"] }, key)).toEqual([expect.stringMatching(/3 public signals/)]);
  });
});
