import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  readonly timeoutMs: number;
}

const QUICK: Effort = { fuzz: 8, runs: 2, depth: 32, timeoutMs: 90_000 };
const WHOLE: Effort = { fuzz: 256, runs: 16, depth: 64, timeoutMs: 600_000 };

/** A copy of the contracts and tests, in which one mutant after the other is tried. */
export class Judge {
  readonly #folder: string;
  readonly #compiler: Compiler;
  readonly sources: Sources;

  private constructor(folder: string, compiler: Compiler, sources: Sources) {
    [this.#folder, this.#compiler, this.sources] = [folder, compiler, sources];
  }

  /** Builds the copy, and sees that every test passes there before anything is changed. */
  static async open(folder: string): Promise<Judge> {
    // Unoptimized: what behaves wrongly does so either way, and compiling takes most of the time.
    makeProject(folder, { optimize: false, linkTests: true });
    const compiler = await startCompiler(join(folder, "compiler"));
    const judge = new Judge(folder, compiler, await Sources.read(compiler));
    const { tests, output } = await judge.#test(WHOLE);
    if (tests === undefined || tests === "timeout" || tests.failed.length > 0 || tests.passed === 0) {
      compiler.stop();
      const failed = typeof tests === "object" ? tests.failed.join(", ") : "";
      throw new Error(`The tests do not pass on the unchanged contracts: ${failed}\n${output}`);
    }
    return judge;
  }

  async judge(mutant: Mutant): Promise<Verdict> {
    const started = performance.now();
    const source = this.sources.texts.get(mutant.file);
    if (source === undefined) throw new Error(`there is no ${mutant.file}`);
    const path = join(this.#folder, mutant.file);
    const changed = apply(source, mutant);
    writeFileSync(path, changed);
    try {
      const { status, by } = await this.#verdict(mutant, changed);
      return { id: mutant.id, status, by, ms: Math.round(performance.now() - started) };
    } finally {
      writeFileSync(path, source);
    }
  }

  close(): void {
    this.#compiler.stop();
  }

  async #verdict(mutant: Mutant, changed: Buffer): Promise<{ status: Status; by: string }> {
    for (const effort of [QUICK, WHOLE]) {
      const { tests } = await this.#test(effort);
      if (tests === undefined) return { status: "stillborn", by: "" };
      if (tests === "timeout") return { status: "timeout", by: "" };
      if (tests.failed.length > 0) return { status: "killed", by: tests.failed[0] ?? "" };
      if (effort === QUICK && (await this.sources.isSameCode(mutant.file, changed))) {
        return { status: "same code", by: "" };
      }
    }
    return { status: "survived", by: "" };
  }

  async #test({ fuzz, runs, depth, timeoutMs }: Effort) {
    // What an earlier mutant failed on would be tried first on the next one.
    for (const kept of ["fuzz", "invariant"])
      rmSync(join(this.#folder, "cache", kept), { recursive: true, force: true });
    const result = await runForge(
      this.#folder,
      // What something costs is no behaviour, and unoptimized it costs more.
      ["test", "--fail-fast", "--fuzz-seed", "1", "--threads", "1", "--no-match-test", "(Gas|Costs)"],
      {
        LODE_COMPILER: this.#compiler.socket,
        FOUNDRY_FUZZ_RUNS: `${fuzz}`,
        FOUNDRY_INVARIANT_RUNS: `${runs}`,
        FOUNDRY_INVARIANT_DEPTH: `${depth}`,
        // That a sequence breaks an invariant is enough; nobody reads it.
        FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: "0",
      },
      timeoutMs,
    );
    const tests = result.exitCode === "timeout" ? ("timeout" as const) : parseTests(result.stdout);
    return { tests, output: result.stdout.slice(-2_000) + result.stderr.slice(-2_000) };
  }
}
