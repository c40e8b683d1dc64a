import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { SignedHead } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData, signTypedData, type Signer } from "@lode/sdk/keys";
import { fromWire, toWire, type Domain } from "@lode/sdk/typed-data";

/** An auditor's signature over a head: it saw it. It is over the head as the coordinator signed it, and proves nothing else. */
export interface Witness {
  readonly auditor: Hex;
  readonly signature: Hex;
}

export interface WitnessedHead extends SignedHead {
  readonly witnesses: readonly Witness[];
}

/** Heads that are remembered, and witnesses of one of them. */
export const mostHeads = 10_000;
const mostWitnesses = 16;

/** Every head of one coordinator that this auditor saw or was shown, with those who saw it. */
export class HeadBook {
  readonly #heads = new Map<string, WitnessedHead>();
  readonly #domain: Domain;
  readonly #file: string | undefined;
  /** Heads that were compared with the log and begin it. */
  readonly #agreeing = new Set<string>();

  /** @param file keeps the heads; nothing is kept without it */
  constructor(domain: Domain, file?: string) {
    this.#domain = domain;
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    const lines = readFileSync(file, "utf8").split("\n");
    for (const line of lines.slice(-2 * mostHeads)) {
      const head = readWitnessed(parse(line));
      if (head !== undefined) this.#take(head);
    }
    writeFileSync(file, this.all.map(lineOf).join(""), { mode: 0o600 });
  }

  /** The largest ones last. */
  get all(): WitnessedHead[] {
    return [...this.#heads.values()].sort((a, b) => Number(a.head.size - b.head.size));
  }

  /** Those that were not found to agree with the log yet. */
  get open(): WitnessedHead[] {
    return this.all.filter((head) => !this.#agreeing.has(keyOf(head)));
  }

  /**
   * Takes a head and those of its witnesses who really signed it. Says whether anything about it was new. The caller has checked
   * that the coordinator signed it.
   */
  add(head: SignedHead & { readonly witnesses?: readonly Witness[] }): boolean {
    const witnesses = (head.witnesses ?? []).filter((witness) => this.#isBy(head, witness));
    const merged = this.#take({ head: head.head, signature: head.signature, witnesses });
    if (merged !== undefined && this.#file !== undefined) appendFileSync(this.#file, lineOf(merged), { mode: 0o600 });
    return merged !== undefined;
  }

  /** Adds an auditor's own signature to a head. */
  countersign(head: SignedHead, auditor: Signer): void {
    const signature = signTypedData(auditor, this.#domain, "TreeHead", head.head);
    this.add({ ...head, witnesses: [{ auditor: auditor.address, signature }] });
  }

  /** Says that the log begins with these heads' trees. */
  agree(heads: readonly SignedHead[]): void {
    for (const head of heads) this.#agreeing.add(keyOf(head));
  }

  #take(given: WitnessedHead): WitnessedHead | undefined {
    const key = keyOf(given);
    const known = this.#heads.get(key);
    const fresh = given.witnesses.filter(
      ({ auditor }) => known === undefined || !known.witnesses.some((witness) => witness.auditor === auditor),
    );
    if (known !== undefined && fresh.length === 0) return undefined;
    const witnesses = [...(known?.witnesses ?? []), ...fresh].slice(0, mostWitnesses);
    const merged = { ...given, ...known, witnesses };
    this.#heads.set(key, merged);
    if (this.#heads.size > mostHeads) this.#forget();
    return merged;
  }

  /** The smallest head that agrees with the log goes: larger ones that agree say more. */
  #forget(): void {
    const [gone] = this.all.filter((head) => this.#agreeing.has(keyOf(head)));
    const [least] = gone === undefined ? this.all : [gone];
    if (least !== undefined) this.#heads.delete(keyOf(least));
  }

  #isBy({ head }: SignedHead, { auditor, signature }: Witness): boolean {
    try {
      return recoverTypedData(this.#domain, "TreeHead", head, signature) === auditor;
    } catch {
      return false;
    }
  }
}

function keyOf({ head }: SignedHead): string {
  return `${head.size} ${head.root}`;
}

/** A head as files and auditors' answers hold it. */
export function toShown({ head, signature, witnesses }: WitnessedHead): unknown {
  return { head: toWire("TreeHead", head), signature, witnesses };
}

function lineOf(head: WitnessedHead): string {
  return `${JSON.stringify(toShown(head))}\n`;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

const signatureText = /^0x[0-9a-fA-F]{130}$/;

/** A head out of a stranger's JSON; undefined when it is none. */
export function readWitnessed(value: unknown): WitnessedHead | undefined {
  const { head, signature, witnesses = [] } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof signature !== "string" || !signatureText.test(signature) || !Array.isArray(witnesses)) return undefined;
  try {
    return {
      head: fromWire("TreeHead", head),
      signature: signature.toLowerCase() as Hex,
      witnesses: witnesses.slice(0, mostWitnesses).flatMap((witness) => readWitness(witness) ?? []),
    };
  } catch {
    return undefined;
  }
}

function readWitness(value: unknown): Witness | undefined {
  const { auditor, signature } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof auditor !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(auditor)) return undefined;
  if (typeof signature !== "string" || !signatureText.test(signature)) return undefined;
  return { auditor: auditor.toLowerCase() as Hex, signature: signature.toLowerCase() as Hex };
}
