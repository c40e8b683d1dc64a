import { randomBytes } from "node:crypto";
import { commitmentOf, revelationOf, verdicts } from "@lode/sdk/draws";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtCase, CourtWatch } from "../chain/court-watch.ts";
import { chainSeconds, isRefusal, readCase, stage, type CourtActs } from "./court.ts";
import type { VerifierEvent } from "./events.ts";
import type { Letters } from "./letters.ts";
import { undisclosed, type Judgement, type Reference } from "./reference.ts";
import type { Turns } from "./turns.ts";
import type { KeptBallot, VerifierStore } from "./verifier-store.ts";

export interface DutiesOptions {
  readonly chain: ChainReader;
  readonly watch: CourtWatch;
  readonly acts: CourtActs;
  readonly turns: Turns;
  readonly store: VerifierStore;
  readonly letters: Letters;
  readonly reference: Reference;
  readonly self: Hex;
  /** How long after the draw of the jury an accused's transcript is waited for, in seconds of the chain's clock. */
  readonly disclosureSecs: bigint;
  readonly signal: AbortSignal;
  readonly emit: (event: VerifierEvent) => void;
}

type Tried = Awaited<ReturnType<typeof readCase>>;

/** Silence counts from the first question of this process on, and for so many seconds at most, but while there is time to commit. */
const mostPatienceSecs = 3_600n;
const lastCallSecs = 900n;

/** Seats of a jury; the contract closes the commits when as many are there. */
const jurySize = 5;

/**
 * Takes part in open cases. What to do next follows from the chain and from what was written down, so that a verifier
 * goes on where it was killed.
 */
export class Duties {
  readonly #options: DutiesOptions;
  readonly #told = new Set<bigint>();
  /** When this process asked in a case first, by the chain's clock. */
  readonly #askedAt = new Map<bigint, bigint>();
  #commitSeconds: bigint | undefined;

  constructor(options: DutiesOptions) {
    this.#options = options;
  }

  /** One look at every open case. One case's trouble does not stop the others. */
  async step(): Promise<void> {
    const { watch, chain, emit } = this.#options;
    this.#tellEnds();
    for (const one of watch.open()) {
      try {
        const tried = await readCase(chain, one.id);
        const isOnJury = one.jury.includes(this.#options.self);
        if (tried.stage === stage.filed) await this.#drawJury(one, tried);
        else if (tried.stage === stage.committing) await this.#whileCommitting(one, tried, isOnJury);
        else if (tried.stage === stage.revealing) await this.#whileRevealing(one, tried, isOnJury);
      } catch (error) {
        // Refused: another verifier was first, or the chain moved on. The next look shows it.
        if (!isRefusal(error)) emit({ event: "warning", message: `case ${one.id}: ${sentence(error)}` });
      }
    }
  }

  async #drawJury({ id }: CourtCase, { moment }: Tried): Promise<void> {
    const { watch, emit } = this.#options;
    if ((await watch.valueOf(moment)) === undefined) return;
    if (await this.#byTurns(`draw ${id}`, "drawJury", [id])) emit({ event: "jury-drawn", caseId: id.toString() });
  }

  async #whileCommitting(one: CourtCase, tried: Tried, isOnJury: boolean): Promise<void> {
    const { chain, acts, self, emit } = this.#options;
    const { id } = one;
    const isOver = (await chainSeconds(chain)) > tried.deadline;
    if (isOnJury && !one.committed.has(self) && !isOver) {
      const kept = await this.#ballotOf(one, tried);
      if (kept === undefined) return;
      const { ballot, reason } = kept;
      await acts.act("commit", [id, self, commitmentOf(ballot)], `commit in case ${id}`);
      const verdict = verdicts[ballot.verdict] ?? "?";
      emit({ event: "committed", caseId: id.toString(), verdict, reason });
      return;
    }
    if (tried.commits < jurySize && !isOver) return;
    if (await this.#byTurns(`close ${id}`, "closeCommits", [id]))
      emit({ event: "commits-closed", caseId: id.toString() });
  }

  async #whileRevealing(one: CourtCase, tried: Tried, isOnJury: boolean): Promise<void> {
    const { chain, watch, acts, store, self, emit } = this.#options;
    const { id } = one;
    const kept = store.ballots.get(id.toString());
    const isOver = (await chainSeconds(chain)) > tried.deadline;
    const mayReveal = isOnJury && one.committed.has(self) && !one.revealed.has(self) && kept !== undefined && !isOver;
    if (mayReveal) {
      if ((await watch.valueOf(tried.moment)) === undefined && tried.reveals === 0) return;
      const { client, contracts } = chain;
      const positions = await client.readContract({ ...contracts.court, functionName: "positionsOf", args: [id] });
      await acts.act("reveal", [id, self, revelationOf(kept.ballot, positions)], `reveal in case ${id}`);
      emit({ event: "revealed", caseId: id.toString() });
      return;
    }
    if (tried.reveals < tried.commits && !isOver) return;
    if (await this.#byTurns(`settle ${id}`, "settle", [id])) emit({ event: "settled", caseId: id.toString() });
  }

  /** The ballot that was written down, or a new one as soon as there is something to judge. */
  async #ballotOf(one: CourtCase, tried: Tried): Promise<KeptBallot | undefined> {
    const { store, self, emit } = this.#options;
    const caseId = one.id.toString();
    const kept = store.ballots.get(caseId);
    if (kept !== undefined) return kept;
    const judged = await this.#judge(one, tried);
    if (judged === undefined) return undefined;
    const { verdict, values, reason } = judged;
    if (values.length !== tried.outputTokens) {
      emit({ event: "warning", message: `case ${caseId}: ${values.length} values for ${tried.outputTokens} tokens` });
      return undefined;
    }
    const salt = bytesToHex(randomBytes(32));
    const ballot = { caseId, juror: self, verdict: verdicts.indexOf(verdict), salt, values };
    await store.append({ kind: "ballot", ballot, receipt: one.receipt, reason });
    return { ballot, receipt: one.receipt, reason };
  }

  async #judge({ id, receipt, accused, jury }: CourtCase, tried: Tried): Promise<Judgement | undefined> {
    const { chain, letters, reference, self, disclosureSecs, signal, emit } = this.#options;
    const disclosure = letters.get(receipt);
    if (disclosure !== undefined) {
      const judged = await reference.judge(disclosure, signal);
      if (judged === undefined) {
        const message = `case ${id} is about a model that is not here, or not for so long a job: absence costs stake`;
        emit({ event: "warning", message });
      }
      return judged;
    }
    const { client, contracts } = chain;
    this.#commitSeconds ??= await client.readContract({ ...contracts.court, functionName: "COMMIT_SECONDS" });
    const drawnAt = tried.deadline - this.#commitSeconds;
    const now = await chainSeconds(chain);
    const waited = now - drawnAt;
    const hasAsked = this.#askedAt.has(id);
    const askedAt = this.#askedAt.get(id) ?? now;
    this.#askedAt.set(id, askedAt);
    const patience = disclosureSecs < mostPatienceSecs ? disclosureSecs : mostPatienceSecs;
    const isHeard = now - askedAt >= patience || (hasAsked && tried.deadline - now < lastCallSecs);
    if (waited > disclosureSecs && isHeard) return undisclosed(receipt, tried.outputTokens);
    await letters.ask(receipt, accused, { onChain: true });
    // The accused may show it to some jurors only: whoever has it hands it on.
    if (waited * 2n > disclosureSecs) {
      for (const juror of jury) if (juror !== self) await letters.ask(receipt, juror, { onChain: true });
    }
    return undefined;
  }

  /** A step that anybody may take, when it is this verifier's turn. Returns whether it took it. */
  async #byTurns(step: string, functionName: string, args: readonly unknown[]): Promise<boolean> {
    const { watch, acts, turns } = this.#options;
    const everybody = watch.seats().map(({ juror }) => juror);
    if (!turns.isMine(step, everybody)) return false;
    await acts.act(functionName, args, step);
    turns.done(step);
    return true;
  }

  #tellEnds(): void {
    const { watch, store, letters, self, emit } = this.#options;
    for (const { id, end, jury, receipt, challenger } of watch.cases.values()) {
      if (end === undefined || this.#told.has(id)) continue;
      this.#told.add(id);
      letters.forget(receipt);
      if (!jury.includes(self) && challenger !== self) continue;
      const verdict = end.isVoid ? "void" : (verdicts[end.verdict] ?? "none");
      const own = store.ballots.get(id.toString())?.ballot.verdict;
      emit({ event: "decided", caseId: id.toString(), verdict, fee: own === end.verdict && end.verdict !== 0 });
    }
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
