import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { hashStruct, ledgerDomain } from "@lode/sdk/typed-data";
import type { ChainReader } from "../chain/chain.ts";
import { CourtWatch } from "../chain/court-watch.ts";
import { postData } from "../chain/post.ts";
import { chainCarrier, httpCarrier } from "../disclosure/index.ts";
import type { Engine } from "../engines/index.ts";
import { exitCode, MinerError } from "../errors.ts";
import { Checks } from "./checks.ts";
import { CourtActs } from "./court.ts";
import { CoordinatorDraws } from "./draws.ts";
import { Duties } from "./duties.ts";
import type { VerifierEvent } from "./events.ts";
import { Letters } from "./letters.ts";
import { engineReference } from "./reference.ts";
import { Turns } from "./turns.ts";
import type { VerifierStore } from "./verifier-store.ts";

export interface VerifierOptions {
  readonly chain: ChainReader;
  readonly rpcUrl: string;
  /** The staked juror, and the key that acts for it. */
  readonly self: Hex;
  readonly signer: Signer;
  readonly store: VerifierStore;
  /** Whose logs are watched, and by whom letters go. */
  readonly coordinatorUrls: readonly string[];
  /** See `engineReference`. */
  readonly engineOf: (modelDigest: Hex, engineClass: Hex, contextTokens: number) => Promise<Engine | undefined>;
  /** See ChecksOptions. */
  readonly maxBondsWei: bigint | undefined;
  readonly pollMs: number;
  /** How long transcripts are waited for: of drawn receipts, and in cases. */
  readonly disclosureSecs: number;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set; the process's own unless given. */
  readonly steadyMs?: () => number;
  readonly emit: (event: VerifierEvent) => void;
}

/** How many looks one waits for the verifier before it at a step that anybody may take. */
const looksPerTurn = 3;

/** Checks what draws name and sits on juries until the signal aborts. Throws MinerError when it is no juror and cannot become one. */
export async function runVerifier(options: VerifierOptions): Promise<void> {
  const { chain, rpcUrl, self, signer, store, coordinatorUrls, pollMs, disclosureSecs, signal, nowMs, emit } = options;
  const domain = ledgerDomain(chain.addresses);
  const watch = new CourtWatch(chain);
  const acts = new CourtActs(chain, rpcUrl, signer);
  const { steadyMs = () => performance.now() } = options;
  const turns = new Turns(self, looksPerTurn * pollMs, steadyMs);
  const reference = engineReference(domain, options.engineOf, ({ receipt }) => hashStruct("Receipt", receipt));
  const post = (data: Hex): Promise<void> => postData(chain, rpcUrl, signer, data);
  const letters = new Letters({
    ...{ chain, watch, domain, self, signer, nowMs, steadyMs, emit },
    carriers: coordinatorUrls.map(httpCarrier),
    lastCarrier: chainCarrier(chain, post, () => firstDuty(watch, self)),
    // By what was written down and what the chain holds: an answer may be here before its question is asked again behind a restart.
    isWanted: (receipt) => {
      const check = store.checks.get(receipt);
      if (check !== undefined && check.found === undefined) return true;
      return watch.open().some(({ receipt: tried, jury }) => tried === receipt && jury.includes(self));
    },
    patienceMs: Math.max(10 * pollMs, 1000),
  });
  const draws = new Map(
    coordinatorUrls.map((url) => [
      url,
      new CoordinatorDraws(url, { chain, watch, acts, turns, store, self, nowMs, emit }),
    ]),
  );
  const shared = { watch, acts, turns, store, letters, reference, self, signal, emit };
  const checks = new Checks({
    ...shared,
    ...{ nowMs, steadyMs, disclosureMs: disclosureSecs * 1000, maxBondsWei: options.maxBondsWei },
    anchorsOf: (url) => draws.get(url)?.anchors,
  });
  const duties = new Duties({ ...shared, chain, disclosureSecs: BigInt(disclosureSecs) });
  const attempt = async (what: string, step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => {
      if (!signal.aborted) emit({ event: "warning", message: `${what}: ${sentence(error)}` });
    });
  };

  await watch.sync();
  await join(options, watch, acts);
  while (!signal.aborted) {
    await attempt("the court", () => watch.sync());
    await attempt("letters", () => letters.collect());
    await attempt("cases", () => duties.step());
    for (const [url, one] of draws) await attempt(url, () => one.step());
    await attempt("checks", () => checks.step());
    await wait(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Takes a seat among the jurors where there is none yet. */
async function join({ self, signer, emit }: VerifierOptions, watch: CourtWatch, acts: CourtActs): Promise<void> {
  const seatOf = () => watch.seats().find(({ juror }) => juror === self);
  if (seatOf() === undefined) {
    if (self !== signer.address) {
      const message = `${self} is no juror yet: run \`lode jury join\` with its own wallet, not its operator's.`;
      throw new MinerError("not_a_juror", message, { exitCode: exitCode.wallet });
    }
    await acts.act("join", [], "join the jurors");
    await watch.sync();
  }
  emit({ event: "joined", juror: self, weight: seatOf()?.weight ?? 0 });
}

/** The block from which letters on the chain matter: the oldest open case that this juror sits in. */
function firstDuty(watch: CourtWatch, self: Hex): bigint | undefined {
  const blocks = watch
    .open()
    .filter(({ jury }) => jury.includes(self))
    .map(({ filedAtBlock }) => filedAtBlock);
  return blocks.reduce<bigint | undefined>(
    (least, one) => (least === undefined || one < least ? one : least),
    undefined,
  );
}

function sentence(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
