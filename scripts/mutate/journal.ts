import { createHash } from "node:crypto";
import { appendFileSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../root.ts";
import type { Verdict } from "./judge.ts";

/** Verdicts so far, one a line, so that an interrupted run goes on where it was. */
export class Journal {
  readonly #file: string;
  readonly known: ReadonlyMap<string, Verdict>;

  /** @param fresh forget what is known */
  constructor(fresh: boolean) {
    this.#file = join(root, ".cache", "mutation", `${fingerprint()}.jsonl`);
    mkdirSync(dirname(this.#file), { recursive: true });
    if (fresh) rmSync(this.#file, { force: true });
    this.known = new Map(readLines(this.#file).map((verdict) => [verdict.id, verdict]));
  }

  add(verdict: Verdict): void {
    appendFileSync(this.#file, `${JSON.stringify(verdict)}\n`);
  }
}

function readLines(file: string): Verdict[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  // The last line is torn when the run was killed.
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Verdict];
    } catch {
      return [];
    }
  });
}

/** Verdicts hold for these contracts and these tests only. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const patterns = ["contracts/**/*.sol", "test/contracts/**/*.sol", "scripts/mutate/*.ts", "scripts/forge/*"];
  for (const file of patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort())) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
