import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { startCompiler, type Compiler } from "../forge/compiler.ts";
import { makeProject, runForge } from "../forge/project.ts";
import { parseTests } from "../forge/results.ts";
import { apply, type Mutant } from "./mutants.ts";
import { Sources } from "./sources.ts";

/**
 * killed: a test fails. timeout: the tests do not end; counts as killed. survived: all pass. stillborn: it does not
 * compile. same code: the optimizer makes of it what it makes of the original.
 */
export type Status = "killed" | "timeout" | "survived" | "stillborn" | "same code";

export interface Verdict {
  readonly id: string;
  readonly status: Status;
  /** The first test that failed. */
  readonly by: string;
  readonly ms: number;
}

/** How long the tests look: few runs kill most mutants, many more judge those that are left. */
interface Effort {
  readonly fuzz: number;
  readonly runs: number;
  readonly depth: number;
  /** Options of forge that choose tests. */
  readonly tests: readonly string[];
}

const invariants = "test/contracts/invariant/**";
const QUICK: Effort = { fuzz: 8, runs: 0, depth: 0, tests: ["--no-match-path", invariants] };
const WHOLE: Effort = { fuzz: 256, runs: 16, depth: 64, tests: [] };
/** Far above what the tests take on a busy machine: a mutant that loops must not pass for one that is slow. */
const TIMEOUT_MS = 900_000;
/** Suites that killed mutants of a file and are asked first about its next one. */
const KILLERS = 4;

type Outcome = "passed" | { readonly failed: string } | "timeout" | "stillborn";

/** A copy of the contracts and tests, in which one mutant after the other is tried. */
export class Judge {
  readonly #folder: string;
  readonly #compiler: Compiler;
  readonly sources: Sources;
  /** By file: suites that killed its mutants, the last one first. */
  readonly #killers = new Map<string, string[]>();

  private constructor(folder: string, compiler: Compiler, sources: Sources) {
    [this.#folder, this.#compiler, this.sources] = [folder, compiler, sources];
  }

  /** Builds the copy, and sees that every test passes there before anything is changed. */
  static async open(folder: string): Promise<Judge> {
    // Unoptimized: what behaves wrongly does so either way, and compiling takes most of the time.
    makeProject(folder, { optimize: false, linkTests: true });
    const compiler = await startCompiler(join(folder, "compiler"));
    const judge = new Judge(folder, compiler, await Sources.read(compiler));
    try {
      await judge.#expectPass("", WHOLE);
      // Code put beside forge's back must be as good as forge's own.
      const sources = judge.sources.files.map(
        (file) => [file, judge.sources.texts.get(file) ?? Buffer.alloc(0)] as const,
      );
      for (const [file, text] of sources) await judge.#swap(file, text);
      await judge.#expectPass(" with swapped code", QUICK);
    } catch (error) {
      compiler.stop();
      throw error;
    }
    return judge;
  }

  async judge(mutant: Mutant): Promise<Verdict> {
    const started = performance.now();
    const source = this.sources.texts.get(mutant.file);
    if (source === undefined) throw new Error(`there is no ${mutant.file}`);
    const { status, by } = await this.#verdict(mutant, apply(source, mutant), source);
    return { id: mutant.id, status, by, ms: Math.round(performance.now() - started) };
  }

  close(): void {
    this.#compiler.stop();
  }

  async #verdict(mutant: Mutant, changed: Buffer, source: Buffer): Promise<{ status: Status; by: string }> {
    const restore = await this.#swap(mutant.file, changed);
    if (restore === undefined) return { status: "stillborn", by: "" };
    const killers = this.#killers.get(mutant.file) ?? [];
    const first = { ...QUICK, tests: ["--match-contract", `^(${killers.join("|")})$`] };
    for (const effort of killers.length > 0 ? [first, QUICK] : [QUICK]) {
      const outcome = await this.#test(effort);
      if (outcome === "passed") continue;
      restore();
      if (typeof outcome !== "string") this.#remember(mutant.file, outcome.failed);
      return verdictOf(outcome);
    }
    restore();
    if (await this.sources.isSameCode(mutant.file, changed)) return { status: "same code", by: "" };
    // The whole way, so that tests are compiled again that contain the changed code: those of libraries and bases.
    const path = join(this.#folder, mutant.file);
    writeFileSync(path, changed);
    try {
      const outcome = await this.#test(WHOLE);
      return outcome === "passed" ? { status: "survived", by: "" } : verdictOf(outcome);
    } finally {
      writeFileSync(path, source);
    }
  }

  #remember(file: string, failed: string): void {
    const [suite = ""] = failed.split(".");
    const others = (this.#killers.get(file) ?? []).filter((each) => each !== suite);
    this.#killers.set(file, [suite, ...others].slice(0, KILLERS));
  }

  /**
   * Puts the code that `file` has with that text into the artifacts, from which tests deploy by name. That spares forge's own
   * build, which takes ten times as long.
   * @returns what puts the former code back; undefined when it does not compile
   */
  async #swap(file: string, text: Buffer): Promise<(() => void) | undefined> {
    const codes = await this.sources.codeWith(file, text);
    if (codes === undefined) return undefined;
    const former: [path: string, text: string][] = [];
    for (const { file: source, contract, creation, deployed } of codes) {
      const path = join(this.#folder, "out", basename(source), `${contract}.json`);
      if (!existsSync(path)) continue;
      const kept = readFileSync(path, "utf8");
      const artifact = JSON.parse(kept) as Artifact;
      if (artifact.metadata.settings.compilationTarget[source] !== contract) {
        throw new Error(`${path} is not of ${source}`);
      }
      artifact.bytecode.object = `0x${creation}`;
      artifact.deployedBytecode.object = `0x${deployed}`;
      former.push([path, kept]);
      writeFileSync(path, JSON.stringify(artifact));
    }
    return () => {
      for (const [path, kept] of former) writeFileSync(path, kept);
    };
  }

  async #expectPass(how: string, effort: Effort): Promise<void> {
    const outcome = await this.#test(effort);
    if (outcome === "passed") return;
    const reason = typeof outcome === "string" ? outcome : outcome.failed;
    throw new Error(`The tests do not pass on the unchanged contracts${how}: ${reason}`);
  }

  async #test({ fuzz, runs, depth, tests }: Effort): Promise<Outcome> {
    // What an earlier mutant failed on would be tried first on the next one.
    for (const kept of ["fuzz", "invariant"])
      rmSync(join(this.#folder, "cache", kept), { recursive: true, force: true });
    const result = await runForge(
      this.#folder,
      // What something costs is no behaviour, and unoptimized it costs more.
      ["test", "--fail-fast", "--fuzz-seed", "1", "--threads", "1", "--no-match-test", "(Gas|Costs)", ...tests],
      {
        LODE_COMPILER: this.#compiler.socket,
        FOUNDRY_FUZZ_RUNS: `${fuzz}`,
        FOUNDRY_INVARIANT_RUNS: `${runs}`,
        FOUNDRY_INVARIANT_DEPTH: `${depth}`,
        // That a sequence breaks an invariant is enough; nobody reads it.
        FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: "0",
      },
      TIMEOUT_MS,
    );
    if (result.exitCode === "timeout") return "timeout";
    const read = parseTests(result.stdout);
    if (read === undefined) return "stillborn";
    const [failed] = read.failed;
    if (failed !== undefined) return { failed };
    // No test ran: an option that chooses tests is wrong.
    if (read.passed === 0)
      throw new Error(`forge ran no test\n${result.stdout.slice(-2_000)}${result.stderr.slice(-2_000)}`);
    return "passed";
  }
}

function verdictOf(outcome: Exclude<Outcome, "passed">): { status: Status; by: string } {
  return typeof outcome === "string" ? { status: outcome, by: "" } : { status: "killed", by: outcome.failed };
}

interface Artifact {
  readonly bytecode: { object: string };
  readonly deployedBytecode: { object: string };
  readonly metadata: { readonly settings: { readonly compilationTarget: Readonly<Record<string, string>> } };
}
