/** `unknown`: it could not be looked at, because something else is missing. */
export type State = "ok" | "warning" | "problem" | "unknown";

/** What one look at one thing found. */
export interface Finding {
  name: string;
  state: State;
  /** One sentence. */
  says: string;
  /** What to do about it; a command where there is one. */
  next?: string;
  /** Exit code of a command that would fail for this. */
  exitCode?: number;
  /** Figures for programs. */
  figures?: Readonly<Record<string, unknown>>;
}

const signs: Readonly<Record<State, string>> = {
  ok: "ok",
  warning: "warning",
  problem: "PROBLEM",
  unknown: "not known",
};

/** One line for each finding, and what to do below those that ask for it. */
export function showFindings(findings: readonly Finding[]): string {
  const wide = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .flatMap(({ name, state, says, next }) => [
      `${signs[state].padEnd(9)}  ${name.padEnd(wide)}  ${says}`,
      ...(next === undefined ? [] : [`${" ".repeat(11 + wide)}  -> ${next}`]),
    ])
    .join("\n");
}

/** How many findings there are of each kind, in words. */
export function countFindings(findings: readonly Finding[]): string {
  const count = (state: State): number => findings.filter((finding) => finding.state === state).length;
  const many = (state: State, noun: string): string => `${count(state)} ${noun}${count(state) === 1 ? "" : "s"}`;
  const unknown = count("unknown") === 0 ? "" : `, ${count("unknown")} not known`;
  return `${count("ok")} ok, ${many("warning", "warning")}, ${many("problem", "problem")}${unknown}.`;
}

/** What is looked at, and how long that may take. */
export interface Subject {
  name: string;
  limitMs: number;
  /** Exit code of a look that is late or fails; 1 unless given. */
  exitCode?: number;
}

/** Ends a look that takes too long or fails with what is known then. */
export async function look(subject: Subject, work: () => Promise<Finding>): Promise<Finding> {
  const { name, limitMs, exitCode } = subject;
  const failed = (says: string): Finding => {
    return { name, state: "problem", says, ...(exitCode !== undefined && { exitCode }) };
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(failed(`There was no answer within ${limitMs / 1000} s.`)), limitMs);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    return failed(error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error));
  } finally {
    clearTimeout(timer);
  }
}
