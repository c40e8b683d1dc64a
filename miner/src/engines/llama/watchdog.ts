/** Sees whether a process that is asked for something still lives. */
export interface Watchdog {
  /** It said something. */
  heard(): void;
  stop(): void;
}

export interface WatchdogOptions {
  /** Whether anything is wanted of the process. */
  isBusy: () => boolean;
  /** Asks for a sign of life. */
  ask: () => void;
  /** Called once, when none came. */
  onSilence: () => void;
  /** Longest silence, milliseconds. */
  silentMs: number;
}

/** So often within the longest silence it is asked. */
const asks = 12;

/**
 * A process that was stopped, or whose main thread a model file keeps busy for ever, neither ends nor answers: jobs would wait for it one after the
 * other. While it computes it answers, however long that takes, because computing is another thread's work.
 */
export function createWatchdog({ isBusy, ask, onSilence, silentMs }: WatchdogOptions): Watchdog {
  const stepMs = silentMs / asks;
  let heardMs = performance.now();
  let lookedMs = heardMs;
  /** A question is out: whoever wanted something may have given up by now, and a process that lives answers all the same. */
  let isOwed = false;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // When this process itself was held up, what the other one said meanwhile is still unread.
    const wasHeldUp = nowMs - lookedMs > 3 * stepMs;
    lookedMs = nowMs;
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
    stop: () => clearInterval(timer),
  };
}
