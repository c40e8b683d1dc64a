import { deflateRawSync, inflateRawSync } from "node:zlib";
import { canonicalJson, type Hex } from "@lode/sdk/hash";
import { seal, type Signer } from "@lode/sdk/keys";
import {
  assignmentDigest,
  fromWire,
  hashStruct,
  toWire,
  type Assignment,
  type Domain,
  type Receipt,
  type WireStruct,
} from "@lode/sdk/typed-data";
import { parseTranscript, ProtocolError, transcriptProblem, type Transcript } from "@lode/protocol";

/** A receipt, what it is for, and everything that both commit to. */
export interface Disclosure {
  readonly assignment: Assignment;
  readonly receipt: Receipt;
  readonly transcript: Transcript;
}

/** Most that a sealed letter may unpack to: a compressed bomb ends here. */
const maximumBytes = 64 * 1024 * 1024;

/** Something that is said to be a receipt's transcript and is not. */
export class DisclosureError extends Error {
  override readonly name = "DisclosureError";
}

/** Seals a disclosure for the holder of a key alone. */
export function sealDisclosure({ assignment, receipt, transcript }: Disclosure, publicKey: Hex): Uint8Array {
  const wire = { assignment: toWire("Assignment", assignment), receipt: toWire("Receipt", receipt), transcript };
  return seal(publicKey, deflateRawSync(Buffer.from(canonicalJson(wire), "utf8")));
}

/**
 * Opens a sealed disclosure and checks it against the receipt that it is about: whatever else was sealed, changed or left
 * out is refused. Throws DisclosureError.
 */
export function openDisclosure(signer: Signer, domain: Domain, about: Hex, sealed: Uint8Array): Disclosure {
  const refuse = (what: string, cause?: unknown): never => {
    throw new DisclosureError(what, { cause });
  };
  let wire: { assignment?: unknown; receipt?: unknown; transcript?: unknown };
  try {
    const text = inflateRawSync(signer.open(sealed), { maxOutputLength: maximumBytes }).toString("utf8");
    wire = (JSON.parse(text) ?? {}) as typeof wire;
  } catch (cause) {
    return refuse("the sealed disclosure cannot be opened", cause);
  }
  try {
    const disclosure = {
      assignment: fromWire("Assignment", wire.assignment as WireStruct<"Assignment">),
      receipt: fromWire("Receipt", wire.receipt as WireStruct<"Receipt">),
      transcript: parseTranscript(JSON.stringify(wire.transcript ?? null)),
    };
    checkDisclosure(disclosure, domain, about);
    return disclosure;
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof ProtocolError) return refuse(cause.message, cause);
    throw cause;
  }
}

/** That a disclosure is the one of a receipt. Throws DisclosureError. */
export function checkDisclosure({ assignment, receipt, transcript }: Disclosure, domain: Domain, about: Hex): void {
  if (hashStruct("Receipt", receipt) !== about) throw new DisclosureError("it is of another receipt");
  if (receipt.assignment !== assignmentDigest(domain, assignment)) {
    throw new DisclosureError("the receipt is for another assignment");
  }
  const problem = transcriptProblem(transcript, assignment, receipt);
  if (problem !== undefined) throw new DisclosureError(`${problem} is not what was committed to`);
}
