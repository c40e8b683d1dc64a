import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { circuitOf, filesOf, NativeProver, proverOf, SnarkjsProver, ZkError } from "@lode/zk-circuits";
import { classifierInput, classifyFeatures, featuresOf } from "@lode/zk-circuits/classifier";
import { groth16, type VerificationKey } from "snarkjs";
import { afterAll, describe, expect, it } from "vitest";

const circuit = circuitOf("classifier");
const features = featuresOf("what is 12 times 12");
const input = classifierInput(features, 4n, { answer: classifyFeatures(features), binding: 6n });
const folder = mkdtempSync(join(tmpdir(), "lode-prover-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands for rapidsnark: the same arguments, the same files, a zero byte behind the text as some versions leave. */
const program = (name: string, body: string): string => {
  const file = join(folder, name);
  const library = join(process.cwd(), "node_modules", "snarkjs", "main.js");
  writeFileSync(
    file,
    `#!${process.execPath}
import { writeFileSync } from "node:fs";
import { groth16 } from ${JSON.stringify(library)};
const [key, witness, proofFile, publicFile] = process.argv.slice(2);
${body}
process.exit(0);
`,
  );
  chmodSync(file, 0o755);
  return file;
};

describe("an operator's own program", { timeout: 120_000 }, () => {
  it("is one setting away, and its proof is as good", async () => {
    const file = program(
      "good.mjs",
      `const { proof, publicSignals } = await groth16.prove(key, witness, undefined, { singleThread: true });
writeFileSync(proofFile, JSON.stringify(proof) + "\\0");
writeFileSync(publicFile, JSON.stringify(publicSignals));
writeFileSync(${JSON.stringify(join(folder, "witness-was"))}, witness);`,
    );
    const prover = proverOf(file);
    expect(prover).toBeInstanceOf(NativeProver);
    const { proof, publicSignals } = await prover.prove(circuit, input);
    expect(publicSignals).toEqual([input["commitment"], input["answer"], input["binding"]]);
    const key = JSON.parse(readFileSync(filesOf(circuit).verificationKey, "utf8")) as VerificationKey;
    expect(await groth16.verify(key, publicSignals.map(String), proof)).toBe(true);
    // The witness is what a proof hides: nothing of it stays.
    expect(existsSync(dirname(readFileSync(join(folder, "witness-was"), "utf8")))).toBe(false);
  });

  it.each([
    ["that fails", "process.exit(3);"],
    ["that writes nothing", ""],
    ["that writes no JSON", `writeFileSync(proofFile, "hello"); writeFileSync(publicFile, "[]");`],
  ])("%s is a failure that may pass", async (name, body) => {
    const failed = proverOf(program(`${name.replaceAll(" ", "-")}.mjs`, body)).prove(circuit, input);
    await expect(failed).rejects.toMatchObject({ code: "prover_failed", retryable: true });
  });

  it("that is not there is one too, and without a setting it is snarkjs", async () => {
    await expect(proverOf(join(folder, "nowhere")).prove(circuit, input)).rejects.toBeInstanceOf(ZkError);
    expect(proverOf(undefined)).toBeInstanceOf(SnarkjsProver);
    expect(proverOf("")).toBeInstanceOf(SnarkjsProver);
  });
});

describe("an input", () => {
  it("of another class has no proof", async () => {
    const wrong = { ...input, answer: (BigInt(String(input["answer"])) + 1n) % 6n };
    await expect(new SnarkjsProver().prove(circuit, wrong)).rejects.toMatchObject({
      code: "bad_input",
      retryable: false,
    });
  });

  it("needs the circuit's key", async () => {
    const absent = { ...circuit, name: "absent" };
    await expect(new SnarkjsProver().prove(absent, input)).rejects.toMatchObject({ code: "no_key" });
  });
});
