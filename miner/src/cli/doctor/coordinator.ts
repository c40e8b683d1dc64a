import { exitCode } from "../../errors.ts";
import type { Finding } from "./finding.ts";
import { isWebUrl } from "../settings.ts";

/** A signed message has to be made and read within its deadline; clocks further apart than this come too near. */
const mostSkewMs = 10_000;

const unlooked = (says: string): Finding => ({ name: "clock", state: "unknown", says });
const problem = (says: string, next: string, figures: Finding["figures"] = {}): Finding => {
  return { name: "coordinator", state: "problem", says, next, figures, exitCode: exitCode.unreachable };
};

/** Asks the coordinator how it is, how far away it is, and what time it has. */
export async function checkCoordinator(url: string | undefined, now: () => number): Promise<Finding[]> {
  if (url === undefined) {
    const next = "name it with --coordinator or COORD_URL";
    const says = "No coordinator is named, so that none was asked.";
    return [{ name: "coordinator", state: "warning", says, next }, unlooked("There is no coordinator to ask.")];
  }
  if (!isWebUrl(url)) {
    const says = `${JSON.stringify(url)} is not a coordinator's URL.`;
    return [problem(says, "write it like http://127.0.0.1:8402"), unlooked("There is no coordinator to ask.")];
  }
  const started = now();
  let answer: Response;
  let health: unknown;
  try {
    answer = await fetch(new URL("/health", url), { signal: AbortSignal.timeout(5000) });
    health = await answer.json().catch(() => undefined);
  } catch {
    const next = "check the URL and the network, and whether the coordinator runs";
    return [problem(`No coordinator answers at ${url}.`, next), unlooked("The coordinator does not answer.")];
  }
  const rttMs = Math.round(now() - started);
  const clock = checkClock(answer.headers.get("date"), started + rttMs / 2);
  const { status, miners } = (typeof health === "object" && health !== null ? health : {}) as Record<string, unknown>;
  const isHealth = typeof status === "string" && Number.isSafeInteger(miners);
  const figures = { url, rttMs, httpStatus: answer.status, ...(isHealth && { status, miners }) };
  if (!isHealth) {
    const says = `What answers at ${url} (status ${answer.status}) is not a coordinator.`;
    return [problem(says, "check the URL", figures), unlooked("There is no coordinator to ask.")];
  }
  if (!answer.ok || status !== "ok") {
    const says = `The coordinator at ${url} answers, but says that it cannot work now (status ${answer.status}).`;
    return [problem(says, "wait, or name another with --coordinator", figures), clock];
  }
  const says = `${url} answers in ${rttMs} ms and has ${String(miners)} ${miners === 1 ? "miner" : "miners"}.`;
  return [{ name: "coordinator", state: "ok", says, figures }, clock];
}

/** Compares clocks. The header has whole seconds, so that a skew below one is none. */
export function checkClock(date: string | null, localMs: number): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return unlooked("The coordinator does not tell its time.");
  const skewMs = Math.round(localMs - (theirs + 500));
  const figures = { skewMs };
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  if (Math.abs(skewMs) <= mostSkewMs) {
    return { name: "clock", state: "ok", says: `It is within ${seconds} s of the coordinator's.`, figures };
  }
  const says = `It is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the coordinator's; messages have deadlines.`;
  const next = "let the system set its clock (on Linux: timedatectl set-ntp true)";
  return { name: "clock", state: "problem", says, next, figures };
}
