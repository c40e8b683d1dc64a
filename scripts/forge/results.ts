/**
 * Forge's results for people, read back. Its JSON holds the trace of every test and takes eight times as long.
 */
export interface TestLine {
  /** `Suite.test_Name()` */
  readonly name: string;
  readonly passed: boolean;
  /** Why it failed. */
  readonly reason: string;
  /** The calls that broke an invariant. */
  readonly sequence: readonly string[];
  /** Of an invariant; 0 for any other test. */
  readonly calls: number;
  readonly reverts: number;
}

/** Every test of a run, or undefined when there was none because the sources do not compile. */
export function readTests(output: string): TestLine[] | undefined {
  if (!/^Ran \d+ test suites?/m.test(output)) return undefined;
  const tests: TestLine[] = [];
  let suite = "";
  let failure: { reason: string; sequence: string[] } | undefined;
  for (const line of output.split("\n")) {
    suite = /^Ran \d+ tests? for .*:(\w+)$/.exec(line)?.[1] ?? suite;
    // What follows repeats the failures.
    if (/^(Failing tests:|Encountered )/.test(line)) break;
    if (line.startsWith("[FAIL")) failure = { reason: /^\[FAIL:? ?(.*?)\]?$/.exec(line)?.[1] ?? "", sequence: [] };
    else if (failure !== undefined && line.startsWith("\t\t")) failure.sequence.push(line.trim());
    const result = /(?:^| )((?:test|invariant|setUp|beforeTest)\w*\([^)]*\)) \((.*)\)$/.exec(line);
    if (result === null || !/^(\[PASS\]|\[FAIL| )/.test(line)) continue;
    const [, name = "", counts = ""] = result;
    const number = (what: string): number => Number(new RegExp(`${what}: (\\d+)`).exec(counts)?.[1] ?? 0);
    tests.push({
      name: `${suite}.${name}`,
      passed: failure === undefined,
      reason: failure?.reason.replace(/\] (?:test|invariant|setUp)\w*\(.*$/, "") ?? "",
      sequence: failure?.sequence ?? [],
      calls: number("calls"),
      reverts: number("reverts"),
    });
    failure = undefined;
  }
  return tests;
}

/** How many tests passed, and the names of those that failed. */
export function parseTests(output: string): { passed: number; failed: readonly string[] } | undefined {
  const tests = readTests(output);
  if (tests === undefined) return undefined;
  const failed = tests.filter(({ passed }) => !passed).map(({ name }) => name);
  return { passed: tests.length - failed.length, failed };
}
