import type { Logger } from "snarkjs";

/** Shows what a long step is at: one line that is rewritten on a terminal, a line every ten seconds elsewhere. */
export function progress(step: string): Logger {
  const started = performance.now();
  let shownAt = 0;
  const show = (message: string): void => {
    const now = performance.now();
    const { isTTY } = process.stderr;
    if (now - shownAt < (isTTY ? 200 : 10_000)) return;
    shownAt = now;
    const line = `${step}: ${message.split("\n")[0] ?? ""} (${((now - started) / 1000).toFixed(0)} s)`;
    process.stderr.write(isTTY ? `\r\x1b[K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`);
  };
  const say = (message: string): void => void process.stderr.write(`${step}: ${message}\n`);
  return { debug: show, info: show, warn: say, error: say };
}
