import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkReceipt, receiptChecks, type ReceiptChain, type ReceiptEvidence } from "@lode/sdk/audit";
import { keccak } from "@lode/sdk/hash";
import { MerkleTree } from "@lode/sdk/merkle";
import { fromWire, hashStruct } from "@lode/sdk/typed-data";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faults as planted } from "./audit-faults.ts";
import { honestPlan, people, signHistory } from "./audit-history.ts";

const index = 2;
const other = keccak(Buffer.from("something else"));

/** What an honest coordinator and an honest chain say of the third of six receipts; the anchor holds the first four. */
function honest(): ReceiptEvidence & { chain: ReceiptChain; head: NonNullable<ReceiptEvidence["head"]> } {
  const { context, entries } = signHistory(honestPlan());
  const tree = new MerkleTree();
  for (const { receipt } of entries) tree.append(hashStruct("Receipt", fromWire("Receipt", receipt)));
  const { addresses, coordinator, head, stakeEvents, minimumMinerWei, minimumCoordinatorWei } = context;
  const anchor = { epoch: 3n, size: 4n, root: tree.root(4) };
  return {
    addresses,
    coordinator,
    entry: entries[index]!,
    head,
    headPath: tree.inclusionProof(index),
    chain: { stakeEvents, minimumMinerWei, minimumCoordinatorWei, anchor },
    anchorPath: tree.inclusionProof(index, 4),
  };
}

const verdicts = (evidence: ReceiptEvidence): Record<string, string> =>
  Object.fromEntries(checkReceipt(evidence).checks.map(({ name, verdict }) => [name, verdict]));
const names = Object.keys(receiptChecks);
const all = (verdict: string): Record<string, string> => Object.fromEntries(names.map((name) => [name, verdict]));

type Evidence = ReturnType<typeof honest>;
const faults: readonly (readonly [string, (evidence: Evidence) => ReceiptEvidence, readonly string[]])[] = [
  [
    "another signature under the assignment",
    (e) => ({
      ...e,
      entry: { ...e.entry, assignmentBatch: { ...e.entry.assignmentBatch, signature: e.entry.receiptBatch.signature } },
    }),
    ["assignment_signed"],
  ],
  [
    "another signature under the quote",
    (e) => ({ ...e, entry: { ...e.entry, quoteSignature: e.entry.receiptBatch.signature } }),
    ["quote_signed"],
  ],
  [
    "one wei more than was signed",
    (e) => {
      const amountWei = `${BigInt(e.entry.receipt.amountWei) + 1n}`;
      return { ...e, entry: { ...e.entry, receipt: { ...e.entry.receipt, amountWei } } };
    },
    ["receipt_signed", "amount_right", "in_log", "anchored"],
  ],
  [
    "a quote of another price",
    (e) => ({ ...e, entry: { ...e.entry, quote: { ...e.entry.quote, outputPriceWei: "1000" } } }),
    ["quote_signed", "price_quoted"],
  ],
  [
    "another coordinator",
    (e) => ({ ...e, coordinator: people.stranger.address }),
    ["assignment_signed", "quote_signed", "receipt_belongs", "staked", "head_signed"],
  ],
  ["a higher minimum stake", (e) => ({ ...e, chain: { ...e.chain, minimumMinerWei: 1_001n } }), ["staked"]],
  [
    "a head of another time",
    (e) => ({ ...e, head: { ...e.head, head: { ...e.head.head, timestampMs: e.head.head.timestampMs + 1n } } }),
    ["head_signed"],
  ],
  ["another path to the head", (e) => ({ ...e, headPath: [other, ...(e.headPath ?? []).slice(1)] }), ["in_log"]],
  [
    "another root on the chain",
    (e) => ({ ...e, chain: { ...e.chain, anchor: { ...e.chain.anchor!, root: other } } }),
    ["anchored"],
  ],
  ["another place in the log", (e) => ({ ...e, entry: { ...e.entry, index: index + 1 } }), ["in_log", "anchored"]],
];

describe("one receipt", () => {
  it("passes every check when everybody is honest, and names who signed", () => {
    const { checks, signers } = checkReceipt(honest());
    expect(checks.map(({ name }) => name)).toEqual(names);
    expect(checks.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    const coordinator = people.coordinator.address;
    expect(signers).toEqual({
      assignment: coordinator,
      quote: coordinator,
      receipt: people.miners[0].address,
      head: coordinator,
    });
  });

  it.each(faults)("fails for %s, and only where it shows", (_name, change, failed) => {
    const evidence = change(honest());
    expect(verdicts(evidence)).toEqual({
      ...all("passed"),
      ...Object.fromEntries(failed.map((name) => [name, "failed"])),
    });
    for (const { verdict, message } of checkReceipt(evidence).checks) {
      expect(message === undefined).toBe(verdict === "passed");
    }
  });

  it("leaves open what needs a chain when there is none, and what needs a proof that did not come", () => {
    const open = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "unknown"]));
    const needsChain = ["assignment_signed", "quote_signed", "receipt_signed", "staked", "head_signed", "anchored"];
    expect(verdicts({ ...honest(), chain: undefined })).toEqual({ ...all("passed"), ...open(needsChain) });
    expect(verdicts({ ...honest(), head: undefined })).toEqual({
      ...all("passed"),
      ...open(["head_signed", "in_log"]),
    });
    expect(verdicts({ ...honest(), headPath: undefined })).toEqual({ ...all("passed"), ...open(["in_log"]) });
    expect(verdicts({ ...honest(), anchorPath: undefined })).toEqual({ ...all("passed"), ...open(["anchored"]) });
    const { chain } = honest();
    expect(verdicts({ ...honest(), chain: { ...chain, anchor: undefined } })).toMatchObject({ anchored: "unknown" });
  });
});

describe("the same rules as a browser gets them", () => {
  let folder: string;
  let inBrowser: { checkReceipt: typeof checkReceipt };
  let bundled: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-browser-"));
    const outfile = join(folder, "audit.mjs");
    // For this platform a module of Node's that is imported anywhere fails the build.
    const { metafile } = await build({
      stdin: { contents: 'export { checkReceipt } from "@lode/sdk/audit";', resolveDir: import.meta.dirname },
      bundle: true,
      platform: "browser",
      format: "esm",
      metafile: true,
      logLevel: "silent",
      outfile,
    });
    bundled = Object.keys(metafile.inputs);
    inBrowser = (await import(pathToFileURL(outfile).href)) as typeof inBrowser;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("hold no module of Node's, no native code and no WebAssembly", () => {
    expect(bundled.some((file) => file.endsWith("platform-web.ts"))).toBe(true);
    expect(
      bundled.filter((file) => /^node:|-node\.ts$|node_modules\/(secp256k1|hash-wasm|ethers)\//.test(file)),
    ).toEqual([]);
  });

  it("come to the same verdict, with another library's hashes and signatures", () => {
    const evidence = honest();
    const { Buffer } = globalThis;
    // What runs here must do without what browsers have not.
    Reflect.deleteProperty(globalThis, "Buffer");
    let found;
    try {
      found = inBrowser.checkReceipt(evidence);
    } finally {
      globalThis.Buffer = Buffer;
    }
    expect(found).toEqual(checkReceipt(evidence));
    for (const [, change] of faults) {
      const evidence = change(honest());
      expect(inBrowser.checkReceipt(evidence)).toEqual(checkReceipt(evidence));
    }
  });
});

it("fails a check for whatever an audit finds in an entry by itself", () => {
  let found = 0;
  for (const [name, history] of planted) {
    const { context, entries } = history();
    const { addresses, coordinator, stakeEvents, minimumMinerWei, minimumCoordinatorWei, maximumFeePpm } = context;
    const chain = { stakeEvents, minimumMinerWei, minimumCoordinatorWei, maximumFeePpm, anchor: undefined };
    for (const entry of entries) {
      let verdict;
      try {
        const nothing = { head: undefined, headPath: undefined, anchorPath: undefined };
        verdict = checkReceipt({ addresses, coordinator, entry, chain: chain as ReceiptChain, ...nothing });
      } catch {
        continue; // It cannot be read, and the caller says so.
      }
      if (verdict.problems.length === 0) continue;
      found += 1;
      expect({ name, failed: verdict.checks.some((check) => check.verdict === "failed") }).toEqual({
        name,
        failed: true,
      });
    }
  }
  expect(found).toBeGreaterThan(40);
});
