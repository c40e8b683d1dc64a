/**
 * `npm run fuzz -- [--runs N] [--depth N] [--seconds N] [--match WORD] [--seed S] [--report]`: long stateful fuzzing of the
 * invariants with forge, which looks harder than the short campaign in `npm test`. `--seconds` ends each campaign after that
 * time. Says how many calls it made; `--report` records that in test/contracts/reports. Ends with 1 when an invariant broke, after the calls that break it.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { makeProject, runForge } from "../forge/project.ts";
import { root } from "../root.ts";
import { parseCampaign, toMarkdown, type FuzzReport } from "./campaign.ts";

const HOURS = 3_600_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    depth: { type: "string", default: "256" },
    seconds: { type: "string" },
    match: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "0" },
    report: { type: "boolean", default: false },
  },
});

const folder = join(root, ".cache", "fuzz");
makeProject(folder, { optimize: true, linkTests: true });
// A sequence that broke an invariant is shown again from its seed; one kept from other contracts says nothing.
rmSync(join(folder, "cache", "invariant"), { recursive: true, force: true });

const started = performance.now();
const result = await runForge(
  folder,
  [
    ...["test", "--match-path", "test/contracts/invariant/**", "--fuzz-seed", values.seed, "--threads", values.threads],
    // The other tests of that folder play one fixed sequence.
    ...["--match-test", `^invariant_.*${values.match ?? ""}`],
  ],
  {
    FOUNDRY_INVARIANT_RUNS: values.runs,
    FOUNDRY_INVARIANT_DEPTH: values.depth,
    FOUNDRY_INVARIANT_SHOW_METRICS: "true",
    ...(values.seconds === undefined ? {} : { FOUNDRY_INVARIANT_TIMEOUT: values.seconds }),
  },
  12 * HOURS,
);
const campaign = parseCampaign(result.stdout);
if (campaign === undefined || campaign.invariants.length === 0) {
  console.error(`Forge ran no invariant.\n${result.stdout.slice(-4_000)}${result.stderr.slice(-4_000)}`);
  process.exitCode = 1;
} else {
  const args = process.argv.slice(2).filter((arg) => arg !== "--report");
  const report: FuzzReport = {
    date: new Date().toISOString().slice(0, 10),
    command: ["npm run fuzz", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    machine: `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    seconds: Math.round((performance.now() - started) / 1000),
    seed: values.seed,
    runs: Number(values.runs),
    depth: Number(values.depth),
    ...campaign,
  };
  if (values.report) await record(report);
  for (const { name, reason, sequence } of campaign.invariants.filter(({ passed }) => !passed)) {
    console.log(`BROKEN ${name}: ${reason}\n${sequence.map((call) => `  ${call}`).join("\n")}`);
  }
  const broken = campaign.invariants.filter(({ passed }) => !passed).length;
  console.log(
    `${campaign.invariants.length} invariants, ${campaign.calls.toLocaleString("en-US")} calls ` +
      `(${campaign.distinctCalls.toLocaleString("en-US")} distinct, ${campaign.reverts.toLocaleString("en-US")} reverted), ` +
      `${broken} broken, ${report.seconds} s`,
  );
  process.exitCode = broken === 0 ? 0 : 1;
}

async function record(report: FuzzReport): Promise<void> {
  const texts = { json: JSON.stringify(report), md: toMarkdown(report) };
  for (const [ending, text] of Object.entries(texts)) {
    const file = join(root, "test", "contracts", "reports", `fuzz.${ending}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  }
}
