/** What a classifier says of a request. */
export interface Verdict {
  readonly isRefused: boolean;
  /** Names of what it found; told to the client. */
  readonly categories: readonly string[];
}

/** Judges texts before any miner sees them. Whatever holds this contract can be plugged in. */
export interface Classifier {
  /** Throws when it cannot say: the request is put off then, never let through. */
  classify(texts: readonly string[], about: { readonly model: string; readonly signal: AbortSignal }): Promise<Verdict>;
}
