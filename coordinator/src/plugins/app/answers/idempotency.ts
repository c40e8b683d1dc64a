import { createHash } from "node:crypto";
import { canonicalJson } from "@lode/sdk/hash";
import { ApiError, toApiError, type ApiProblem } from "../../../errors.ts";
import type { Ledger } from "../ledger/types.ts";
import type { SealedStore } from "./sealed-store.ts";

/** A request that its client may send again. */
export interface KeyedRequest {
  /** The API key's secret: nobody else's keys are met, and nobody else can read what is kept. */
  readonly secret: string;
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  /** Route and body: the key belongs to this request only. */
  readonly route: string;
  readonly body: unknown;
  /** The id of the answer that this request would lead to. */
  readonly id: string;
  /** Told how many bytes a known answer takes before it is given again; may throw. */
  readonly onReplay?: (bytes: number) => void;
}

export interface KeyedAnswer<T> {
  readonly value: T;
  /** The id under which it was made. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly isReplay: boolean;
}

type Entry =
  | { readonly state: "begun"; readonly request: string; readonly id: string }
  | {
      readonly state: "done";
      readonly request: string;
      readonly id: string;
      readonly created: number;
      readonly value: unknown;
    }
  | { readonly state: "failed"; readonly request: string; readonly id: string; readonly problem: ApiProblem };
type Ended = Exclude<Entry, { state: "begun" }>;
/** What was kept, and the bytes that it takes. */
interface Known {
  readonly entry: Ended;
  readonly bytes: number;
}

/** How long an answer is kept for whoever asks again. */
const keptMs = 24 * 3_600_000;

/**
 * Runs a request once for each key. That it begins, and how it ended, is on the disk before anybody is told; whoever
 * comes with the same key gets the same answer or the same error, and after a crash never a second bill.
 */
export class Idempotency {
  readonly #store: SealedStore;
  readonly #ledger: Pick<Ledger, "jobState">;
  readonly #nowMs: () => number;
  readonly #onUnkept: (error: unknown) => void;
  readonly #running = new Map<string, { readonly request: string; readonly ended: Promise<Known | undefined> }>();

  /** @param onUnkept told why an answer that was worked for is not kept */
  constructor(
    store: SealedStore,
    ledger: Pick<Ledger, "jobState">,
    nowMs: () => number,
    onUnkept: (error: unknown) => void = () => undefined,
  ) {
    this.#store = store;
    this.#ledger = ledger;
    this.#nowMs = nowMs;
    this.#onUnkept = onUnkept;
  }

  /**
   * @param work gives JSON values only. Throws what it throws; 409 or 422 when the key cannot be used, and StoreFullError
   * before anything is begun whose answer could not be kept.
   */
  async run<T>(keyed: KeyedRequest, work: () => Promise<T>): Promise<KeyedAnswer<T>> {
    const name = `idempotency ${keyed.key}`;
    const place = createHash("sha256").update(`${keyed.secret} ${name}`).digest("hex");
    const request = createHash("sha256")
      .update(`${keyed.route} ${requestText(keyed.body)}`)
      .digest("hex");
    for (;;) {
      const running = this.#running.get(place);
      if (running === undefined) break;
      refuseOther(running.request, request);
      const ended = await running.ended;
      // The first one came to nothing, for free: this one is the first now, unless another was quicker.
      if (ended === undefined) continue;
      keyed.onReplay?.(ended.bytes);
      return replayOf<T>(ended.entry);
    }
    const { promise, resolve } = Promise.withResolvers<Known | undefined>();
    this.#running.set(place, { request, ended: promise });
    let ended: Known | undefined;
    try {
      let bytes = 0;
      const admit = (size: number): void => {
        keyed.onReplay?.(size);
        bytes = size;
      };
      const kept = (await this.#store.read(keyed.secret, name, admit))?.value as Entry | undefined;
      if (kept !== undefined) refuseOther(kept.request, request);
      if (kept?.state === "begun") this.#refuseUnresolved(kept.id);
      else if (kept !== undefined) {
        ended = { entry: kept, bytes };
        return replayOf<T>(kept);
      }
      this.#store.refuseFull(keyed.secret);
      const write = (value: Entry): Promise<number> =>
        this.#store.write(keyed.secret, name, { value, expiresMs: this.#store.nowMs + keptMs });
      await write({ state: "begun", request, id: keyed.id });
      const result = await this.#attempt(keyed, work);
      if (result.kind === "nothing") {
        await this.#store.remove(keyed.secret, name);
        throw result.error;
      }
      const entry: Ended =
        result.kind === "done"
          ? { state: "done", request, id: keyed.id, created: result.created, value: result.value }
          : { state: "failed", request, id: keyed.id, problem: result.problem };
      // It may be billed: who asked gets it also where the disk takes nothing, and who asks again hears that it is billed.
      const size = await write(entry).catch((error: unknown) => {
        this.#onUnkept(error);
        return 0;
      });
      ended = { entry, bytes: size };
      return { ...replayOf<T>(entry), isReplay: false };
    } finally {
      this.#running.delete(place);
      resolve(ended);
    }
  }

  async #attempt<T>(
    { id }: KeyedRequest,
    work: () => Promise<T>,
  ): Promise<
    | { readonly kind: "done"; readonly created: number; readonly value: T }
    | { readonly kind: "failed"; readonly problem: ApiProblem }
    | { readonly kind: "nothing"; readonly error: unknown }
  > {
    const created = Math.floor(this.#nowMs() / 1000);
    try {
      return { kind: "done", created, value: await work() };
    } catch (error) {
      // What cost nothing may be tried again under the same key.
      if (this.#ledger.jobState(id) === "free") return { kind: "nothing", error };
      return { kind: "failed", problem: toApiError(error).problem };
    }
  }

  /** A process died over the request: it may begin anew only when nothing of it can ever be billed. */
  #refuseUnresolved(id: string): void {
    const state = this.#ledger.jobState(id);
    if (state === "free") return;
    if (state === "open") {
      const message = `The first request with this key was interrupted, and what becomes of ${id} is not settled yet.`;
      const headers = { "retry-after": "30" };
      throw new ApiError(409, "idempotency_unresolved", message, { headers, shouldRetry: true });
    }
    const message = `The first request with this key was interrupted; what came of it is billed, see /v1/receipts/${id}.`;
    throw new ApiError(409, "idempotency_interrupted", message, { shouldRetry: false });
  }
}

/** A body by which it is known again, in whatever order its fields come. Throws 400 for numbers that are none. */
export function requestText(body: unknown): string {
  try {
    return canonicalJson(body);
  } catch (cause) {
    // JSON can write numbers beyond those that there are, also where no schema looks.
    throw new ApiError(400, "invalid_value", "The body holds a number that is out of range.", { cause });
  }
}

function refuseOther(known: string, request: string): void {
  if (known === request) return;
  const message = "This Idempotency-Key belongs to another request; use a new one.";
  throw new ApiError(422, "idempotency_mismatch", message);
}

function replayOf<T>(entry: Ended): KeyedAnswer<T> {
  if (entry.state === "failed") throw ApiError.fromProblem(entry.problem, { shouldRetry: false });
  return { value: entry.value as T, id: entry.id, created: entry.created, isReplay: true };
}
