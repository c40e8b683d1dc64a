import { losesWork, statusOf } from "../../../domain/reliability/status.ts";
import type { MinerSession } from "./session.ts";

export interface WatchOptions {
  readonly sessions: () => Iterable<MinerSession>;
  readonly heartbeatSecs: number;
  /** A working miner that gives no sign of life for this long is gone, milliseconds. */
  readonly silentMs: number;
  /** By a clock that is never set: heartbeats are counted by it. */
  readonly steadyMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
  /** Whether a miner can be given work is not as before. */
  readonly onChange: (session: MinerSession) => void;
  /** So many heartbeats were missed that the link is over. */
  readonly onOffline: (session: MinerSession) => void;
}

/** How often working miners are looked after, milliseconds. */
export const watchMs = 200;
/** A miner that was quiet for this long is asked for a sign of life. */
const quietMs = 300;

/** Sees which miners are still there: by their heartbeats, and while they work by any sign of life. */
export class Watch {
  readonly #options: WatchOptions;
  #watchedMs = performance.now();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Marks miners that missed heartbeats; a miner without work cannot lose any. */
  checkHeartbeats(): void {
    const { sessions, heartbeatSecs, steadyMs, onChange, onOffline } = this.#options;
    for (const session of [...sessions()].filter(({ isHost }) => !isHost)) {
      // By its silence alone: one that says itself that it is degraded ends or finishes what it has by its own judgement.
      const status = statusOf("available", session.lastSeenMs, heartbeatSecs * 1000, steadyMs());
      if (status === "offline") {
        onOffline(session);
      } else if (losesWork(status) && (session.status !== "degraded" || session.streams.size > 0)) {
        session.status = "degraded";
        session.loseAll("heartbeat");
        onChange(session);
      }
    }
  }

  /**
   * A miner that works and is stopped, cut off or hung says nothing and closes nothing: whoever is quiet is asked for a sign of life,
   * and loses its work when none comes. @param nowMs by the process's own clock
   */
  look(nowMs: number): void {
    const { sessions, silentMs, steadyMs, log, onChange } = this.#options;
    // When this process itself was held up, what others sent meanwhile is still unread.
    const passedMs = nowMs - this.#watchedMs;
    const wasHeldUp = passedMs > 3 * watchMs;
    this.#watchedMs = nowMs;
    for (const session of sessions()) {
      if (wasHeldUp) session.lastSeenMs = Math.min(session.lastSeenMs + passedMs - watchMs, steadyMs());
      if (session.isQuiet || session.isHost) continue;
      const isIdle = session.streams.size === 0;
      // Nobody asked one that is idle for anything: its rest is no silence when work comes.
      if (isIdle || wasHeldUp || session.isPaused) session.lastHeardMs = Math.max(session.lastHeardMs, nowMs - quietMs);
      if (isIdle) continue;
      const quiet = nowMs - session.lastHeardMs;
      if (quiet > quietMs) session.ping(nowMs);
      if (quiet <= silentMs) continue;
      log("warn", { miner: session.miner, quietMs: Math.round(quiet) }, "miner silent");
      session.isQuiet = true;
      session.loseAll("silent");
      onChange(session);
    }
  }
}
