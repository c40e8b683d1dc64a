import { signBatch } from "@lode/sdk/batch";
import type { Signer } from "@lode/sdk/keys";
import { hashStruct, type Domain, type Progress } from "@lode/sdk/typed-data";
import type { AcknowledgedProgress } from "./types.ts";

interface Waiting {
  readonly progress: Progress;
  readonly resolve: (value: AcknowledgedProgress) => void;
  readonly reject: (error: unknown) => void;
}

/** Largest batch: its paths stay short. */
const maximumBatch = 256;

/** Where several came together more will: they share a signature, which takes longer than all else, milliseconds. */
const gatherMs = 2;

/** Signs acknowledgements of progress: all that come within one turn of the event loop, or a little more, share a signature. */
export class Acknowledger {
  readonly #signer: Signer;
  readonly #domain: Domain;
  #waiting: Waiting[] = [];
  #lastCount = 0;

  constructor(signer: Signer, domain: Domain) {
    this.#signer = signer;
    this.#domain = domain;
  }

  acknowledge(progress: Progress): Promise<AcknowledgedProgress> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ progress, resolve, reject });
      if (this.#waiting.length === maximumBatch) this.#sign();
      else if (this.#waiting.length > 1) return;
      else if (this.#lastCount > 1) setTimeout(() => this.#sign(), gatherMs);
      else setImmediate(() => this.#sign());
    });
  }

  #sign(): void {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    this.#lastCount = group.length;
    try {
      const leaves = group.map(({ progress }) => hashStruct("Progress", progress));
      const batches = signBatch(this.#signer, this.#domain, "ProgressBatch", leaves);
      group.forEach(({ progress, resolve, reject }, i) => {
        const batch = batches[i];
        if (batch === undefined) reject(new Error("a batch lost a leaf"));
        else resolve({ progress, batch });
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
