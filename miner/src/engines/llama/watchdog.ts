import type { Computing } from "./messages.ts";

/** Sees whether a process that is asked for something still lives, and still computes. */
export interface Watchdog {
  /** It said something. */
  heard(): void;
  /** It said how far what it computes has come. */
  computes(computing: Computing): void;
  stop(): void;
}

export interface WatchdogOptions {
  /** Whether anything is wanted of the process. */
  isBusy: () => boolean;
  /** Asks for a sign of life, and how far it has come. */
  ask: () => void;
  /** Called once, when none came. */
  onSilence: () => void;
  /** Called once, when what it computes had come no further for so many milliseconds. */
  onStill: (forMs: number) => void;
  /** Longest silence, milliseconds; nothing that is computed counts as hanging sooner either. */
  silentMs: number;
}

/** So often within the longest silence it is asked. */
const asks = 12;

/**
 * A process that was stopped, or whose main thread a model file keeps busy for ever, neither ends nor answers: jobs would wait for it one after the
 * other. While it computes it answers, however long that takes, because computing is another thread's work; where that thread hangs, in a broken
 * driver or on a dead disk, only what has ended since the last answer tells it from a slow one.
 */
export function createWatchdog({ isBusy, ask, onSilence, onStill, silentMs }: WatchdogOptions): Watchdog {
  const stepMs = silentMs / asks;
  let heardMs = performance.now();
  let lookedMs = heardMs;
  /** When what is computed began, or came further; undefined while nothing is. */
  let movedMs: number | undefined;
  let done = 0;
  /** A question is out: whoever wanted something may have given up by now, and a process that lives answers all the same. */
  let isOwed = false;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // When this process itself was held up, what the other one said meanwhile is still unread, and it may have been held up too.
    const wasHeldUp = nowMs - lookedMs > 3 * stepMs;
    lookedMs = nowMs;
    if (wasHeldUp) movedMs = undefined;
    const isWanted = isBusy() || isOwed;
    if (!isWanted || wasHeldUp) heardMs = nowMs;
    if (!isWanted) return;
    if (nowMs - heardMs <= silentMs) {
      isOwed = true;
      ask();
      return;
    }
    clearInterval(timer);
    onSilence();
  }, stepMs);
  timer.unref();
  return {
    heard: () => {
      isOwed = false;
      heardMs = performance.now();
    },
    computes({ done: ended, mayTakeMs }) {
      const nowMs = performance.now();
      const isFurther = ended !== done;
      done = ended;
      if (mayTakeMs === undefined) movedMs = undefined;
      else if (movedMs === undefined || isFurther) movedMs = nowMs;
      else if (nowMs - movedMs > Math.max(silentMs, mayTakeMs)) {
        clearInterval(timer);
        onStill(nowMs - movedMs);
      }
    },
    stop: () => clearInterval(timer),
  };
}
