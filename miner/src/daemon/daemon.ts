import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import type { MinerMessage, WantedModel } from "@lode/protocol";
import type { ChainReader } from "../chain/chain.ts";
import type { Engine } from "../engines/index.ts";
import { MinerError } from "../errors.ts";
import { backoffSeconds } from "./backoff.ts";
import type { Classifications } from "./classifications.ts";
import type { MinerEvent } from "./events.ts";
import { Link, type LinkEnd, type LinkOptions } from "./link/link.ts";
import { openPollSocket } from "./link/poll-socket.ts";
import { openWebSocket, type Certificate } from "./link/socket.ts";
import type { MinerStore } from "./miner-store.ts";
import type { JobCaps } from "./running-job.ts";
import type { Station } from "./station.ts";

/** What a miner tells about its machine every minute. */
export type MachineMetrics = Omit<Extract<MinerMessage, { type: "metrics" }>, "type">;

export interface ServedModel {
  /** Name that clients ask for. */
  readonly id: string;
  readonly engine: Engine;
}

export interface DaemonOptions {
  /** The coordinators' base URLs, http or https; each is served over a link of its own. */
  readonly coordinatorUrls: readonly string[];
  /** What a coordinator that asks for certificates is shown, PEM. */
  readonly certificate?: Certificate | undefined;
  readonly chain: ChainReader;
  /** The staker that earns; its operator key signs. */
  readonly miner: Hex;
  readonly signer: Signer;
  /** What is served, each model once. It may grow while it is served: links look when the station announces something. */
  readonly models: readonly ServedModel[];
  readonly store: MinerStore;
  /** Slots and conditions, shared by all links. */
  readonly station: Station;
  /** Longest time between heartbeats, in seconds; the coordinator's unless it is shorter. */
  readonly heartbeatSecs?: number | undefined;
  /** How long a question is held where no WebSocket gets through, in seconds. */
  readonly pollSecs: number;
  readonly machineMetrics: () => MachineMetrics;
  /** See EnergyMeter; undefined where nothing tells. */
  readonly energyMark: () => number | undefined;
  /** Told which models a coordinator's clients ask for, the most wanted first. */
  readonly onWanted?: ((coordinatorUrl: string, wanted: readonly WantedModel[]) => Promise<void>) | undefined;
  /** What one job may take. */
  readonly caps?: JobCaps | undefined;
  /** Receipts commit to the likeliest tokens of every position too, 64 bytes a token to whoever checks. */
  readonly fingerprints?: boolean | undefined;
  /** Proves classifications for the contract that pays them; undefined where this miner proves none. */
  readonly classifications?: Classifications | undefined;
  readonly askInputWei: bigint;
  readonly askOutputWei: bigint;
  readonly hardware: Readonly<Record<string, string | number>>;
  /** Id of the place where this machine stands. */
  readonly place?: string | undefined;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  readonly emit: (event: MinerEvent) => void;
}

/** Serves all coordinators at the same time until the signal aborts. Throws MinerError when every one of them refuses for good. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { coordinatorUrls, station, emit } = options;
  const ends = await Promise.allSettled(
    coordinatorUrls.map(async (coordinatorUrl) => {
      try {
        await serve({ ...options, coordinatorUrl, station });
      } catch (error) {
        // The others are served all the same.
        const message = error instanceof Error ? error.message : String(error);
        if (coordinatorUrls.length > 1) emit({ event: "warning", message: `${coordinatorUrl}: ${message}` });
        throw error;
      }
    }),
  );
  const failed = ends.filter((end) => end.status === "rejected");
  if (failed.length === coordinatorUrls.length) throw failed[0]?.reason;
}

/** Links to one coordinator, works, and links again after a loss. */
async function serve(options: LinkOptions): Promise<void> {
  const { signal, emit, random, coordinatorUrl } = options;
  let way: "websocket" | "poll" = "websocket";
  for (let attempt = 0; !signal.aborted; attempt++) {
    const { reason, wasOpen, wasWelcome, isFatal } = await serveOnce(options, way);
    if (isAborted(signal)) return;
    if (isFatal) throw new MinerError("refused", `The coordinator refuses this miner: ${reason}`);
    if (wasWelcome) attempt = 0;
    // A WebSocket that does not even open may be one that the network stops: the other way is tried in turn.
    // A certificate is shown on WebSockets only.
    way = way === "websocket" && !wasOpen && options.certificate === undefined ? "poll" : "websocket";
    const retryInSecs = Math.round(backoffSeconds(attempt, random()) * 10) / 10;
    emit({ event: "disconnected", url: coordinatorUrl, reason, retryInSecs });
    await wait(retryInSecs * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** A signal changes while something is awaited, which narrowing does not see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function serveOnce(options: LinkOptions, way: "websocket" | "poll"): Promise<LinkEnd> {
  const { coordinatorUrl, certificate, pollSecs, signal } = options;
  const socket =
    way === "poll" ? openPollSocket({ coordinatorUrl, pollSecs }) : openWebSocket(coordinatorUrl, certificate);
  const link = new Link(socket, options);
  const onAbort = (): void => void link.drainAndClose();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await link.ended;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
