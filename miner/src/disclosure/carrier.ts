import type { Hex } from "@lode/sdk/hash";
import type { SignedLetter } from "@lode/sdk/letters";

/** A way for letters. Any may fail, forget or repeat: senders write again, readers know what they have read. */
export interface Carrier {
  readonly name: string;
  /** Rejects when it does not take the letter. */
  send(letter: SignedLetter): Promise<void>;
  /** Letters to an address that came since the last call. Their signatures are not checked yet. */
  receive(to: Hex): Promise<SignedLetter[]>;
}
