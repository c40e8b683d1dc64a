/**
 * `npm run mutate:contracts`: changes the contracts in one small place after the other and sees whether a test notices.
 * Works on copies in `.cache/mutation`. An interrupted run goes on where it was.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { root } from "../root.ts";
import { Journal } from "./journal.ts";
import { Judge, type Verdict } from "./judge.ts";
import { toMarkdown } from "./markdown.ts";
import { mutantsOf, sample, shuffled, type Mutant } from "./mutants.ts";
import { parseOptions, usage, type Options } from "./options.ts";
import { makeReport, readEquivalents, type Report } from "./report.ts";
import { contractsIn, type Sources } from "./sources.ts";

const args = process.argv.slice(2);
const options = readOptions();
if (options !== undefined) await run(options);

function readOptions(): Options | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function run(options: Options): Promise<void> {
  const started = performance.now();
  const judges = await Promise.all(
    Array.from({ length: options.workers }, (_, number) => Judge.open(join(root, ".cache", "mutation", `${number}`))),
  );
  try {
    const [first] = judges;
    if (first === undefined) return;
    const mutants = choose(first.sources, options);
    const verdicts = await judgeAll(judges, mutants, new Journal(options.fresh), options);
    const command = ["npm run mutate:contracts", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
    const seconds = Math.round((performance.now() - started) / 1000);
    const report = makeReport(mutants, verdicts, readEquivalents(), { command, seconds });
    if (options.report !== undefined) await writeReport(options.report, report);
    tell(report, options);
  } finally {
    for (const judge of judges) judge.close();
  }
}

function choose(sources: Sources, { only, sample: size, seed }: Options): Mutant[] {
  const isWanted = (file: string): boolean =>
    only === undefined || file.includes(only) || contractsIn(sources.treeOf(file)).includes(only);
  const all = sources.files
    .filter((file) => isWanted(file) && !file.startsWith("contracts/generated/"))
    .flatMap((file) => mutantsOf(file, sources.texts.get(file) ?? Buffer.alloc(0), sources.treeOf(file)));
  if (all.length === 0) throw new Error(`no contract fits --only ${only ?? ""}`);
  return size === undefined ? all : sample(all, size, seed);
}

/** Every judge takes the next mutant that has no verdict yet. */
async function judgeAll(
  judges: readonly Judge[],
  mutants: readonly Mutant[],
  journal: Journal,
  { minutes, seed }: Options,
): Promise<Map<string, Verdict>> {
  const verdicts = new Map(journal.known);
  // With the time cut short, those judged shall be a fair sample.
  const order = minutes === Infinity ? mutants : shuffled(mutants, seed);
  const waiting = order.filter(({ id }) => !verdicts.has(id));
  const end = performance.now() + minutes * 60_000;
  const all = waiting.length;
  let done = 0;
  console.error(`${mutants.length} mutants, ${mutants.length - all} of them judged before`);
  const work = async (judge: Judge): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      if (performance.now() > end) return;
      const verdict = await judge.judge(mutant);
      journal.add(verdict);
      verdicts.set(mutant.id, verdict);
      done += 1;
      const how = verdict.status === "killed" ? `killed by ${verdict.by}` : verdict.status;
      console.error(`${done}/${all} ${mutant.file}:${mutant.line} ${mutant.operator}: ${how} (${verdict.ms} ms)`);
      if (verdict.status === "survived") console.error(`  - ${mutant.before}\n  + ${mutant.after}`);
    }
  };
  await Promise.all(judges.map(work));
  return verdicts;
}

async function writeReport(path: string, report: Report): Promise<void> {
  const texts = { json: JSON.stringify(report), md: toMarkdown(report) };
  for (const [ending, text] of Object.entries(texts)) {
    const file = join(root, `${path}.${ending}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  }
}

function tell(report: Report, { json, atLeast }: Options): void {
  const { total, unused } = report;
  if (total.mutants < report.chosen) console.log(`${total.mutants} of ${report.chosen} mutants judged`);
  console.log(
    `${total.killed} of ${total.mutants} mutants killed, ${total.survived} survived, ${total.equivalent} equivalent, ` +
      `${total.sameCode} with the same code, ${total.stillborn} stillborn: ${total.killedPercent} % killed`,
  );
  for (const { file, before } of unused) console.log(`not needed in the list of equivalents: ${file}: ${before}`);
  if (json) console.log(JSON.stringify(report));
  process.exitCode = total.killedPercent >= atLeast ? 0 : 1;
}
