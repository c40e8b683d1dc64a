/**
 * Miners that end in the middle of an answer, as real processes: killed, stopped, and cut off by a wire that forwards nothing. The
 * client's text is compared with an undisturbed run's, and the log is audited at the end.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Display } from "../dev/display.ts";
import { layoutOf } from "../dev/layout.ts";
import { openMarket, type Market } from "../dev/market.ts";
import type { Person } from "../dev/people.ts";
import { runLode, startMiner } from "../dev/programs.ts";
import { untilMinersServe } from "../dev/served.ts";
import { Processes, type Running } from "../processes/processes.ts";
import { root } from "../root.ts";
import { layWire, type Wire } from "./failover/wire.ts";
import { streamAnswer } from "./failover/stream.ts";
import { percentile, round } from "./statistics.ts";

type Fault = "killed" | "stopped" | "cut";
const FAULTS: readonly Fault[] = ["killed", "stopped", "cut"];
/** Of each fault. */
const ROUNDS = Number(process.env["FAILOVER_ROUNDS"] ?? "50");
/** On a busy machine fewer rounds are played, and counted, rather than none of them judged: the audit at the end is always made. */
const MINUTES = Number(process.env["FAILOVER_MINUTES"] ?? "60");
/** A development market has so many miners. */
const SEATS = 2;
/** Text that is there when something breaks. */
const BREAK_AT_CHARS = 40;
/** An answer may be over before the fault bites; then it is tried again. */
const MOST_TRIES = 5;
const settlePatienceMs = 120_000;

interface Seat {
  readonly person: Person;
  readonly wire: Wire;
  readonly name: string;
  process: Running;
}

interface Round {
  readonly fault: Fault;
  readonly silenceMs: number;
  readonly isEqual: boolean;
}

/**
 * @returns `closedMs`, `silentMs`: longest silence that a client sees when a miner's process dies, and when it is stopped or cut off,
 * 95th percentiles (medians and worst beside them); how many rounds of each fault; `textEqual`: whether every text was that of an undisturbed run; `findings` of the audit
 */
export async function failover(): Promise<Record<string, unknown>> {
  const processes = new Processes();
  const folder = join(root, ".cache", "bench-failover");
  rmSync(folder, { recursive: true, force: true });
  const seats: Seat[] = [];
  const wires: Wire[] = [];
  try {
    for (let seat = 0; seat < SEATS; seat++) wires.push(await layWire());
    const market = await openMarket(new Display(process.stderr), processes, layoutOf(folder), {
      autoPort: true,
      coordinatorEnv: (port) => ({
        REQUESTS_PER_MINUTE: "100000",
        LOG_LEVEL: "warn",
        // Miners behind a wire sign for the place where they find it.
        LOGIN_ORIGINS: [`http://127.0.0.1:${port}`, ...wires.map(({ url }) => url)].join(","),
      }),
    });
    await takeSeats(market, processes, seats, wires);
    const api = { url: market.coordinator.url, key: market.key, model: market.model };
    const rounds: Round[] = [];
    let tries = 0;
    const until = performance.now() + MINUTES * 60_000;
    for (let number = 0; number < ROUNDS && performance.now() < until; number++) {
      for (const fault of FAULTS) {
        const undisturbed = await streamAnswer(api, number);
        const done = await disturb(market, processes, seats, fault, number, undisturbed.text);
        rounds.push(done.round);
        tries += done.tries;
        console.error(
          `${number + 1}/${ROUNDS} ${fault}: ${Math.round(done.round.silenceMs)} ms, ${done.round.isEqual ? "equal" : "DIFFERENT"}`,
        );
      }
    }
    await untilSettled(api);
    const books = (await runLode(market, market.client, ["audit", "--log", api.url])) as {
      findings: unknown[];
    };
    return summary(rounds, tries, books.findings.length);
  } finally {
    for (const wire of wires) await wire.close();
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The market's own miners make room for others of the same people behind wires. */
async function takeSeats(market: Market, processes: Processes, seats: Seat[], wires: readonly Wire[]): Promise<void> {
  for (const miner of market.processes.slice(-market.miners.length)) await miner.stop();
  for (const [index, person] of market.miners.entries()) {
    const wire = wires[index];
    if (wire === undefined) throw new Error(`there is no wire for miner ${index + 1}`);
    wire.lead(market.coordinator.url);
    const name = `seat ${index + 1}`;
    seats.push({ person, wire, name, process: seated(market, processes, { person, wire, name }) });
  }
  await untilMinersServe(
    market.coordinator.url,
    seats.map((seat) => seat.process),
  );
}

function seated(market: Market, processes: Processes, { person, wire, name }: Omit<Seat, "process">): Running {
  const logFile = market.layout.log(name.replace(" ", "-"));
  return startMiner(processes, market, person, { name, coordinatorUrl: wire.url, logFile });
}

async function disturb(
  market: Market,
  processes: Processes,
  seats: readonly Seat[],
  fault: Fault,
  seed: number,
  expected: string,
): Promise<{ round: Round; tries: number }> {
  const api = { url: market.coordinator.url, key: market.key, model: market.model };
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    let victim: Seat | undefined;
    const { text, miners, silenceMs } = await streamAnswer(api, seed, (miner, chars) => {
      if (chars < BREAK_AT_CHARS) return false;
      victim = seats.find(({ person }) => person.address.toLowerCase() === miner);
      if (victim === undefined) throw new Error(`nobody here is ${miner}`);
      harm(victim, fault);
      return true;
    });
    if (victim !== undefined) await heal(market, processes, victim, fault);
    await untilConnected(market, seats);
    if (miners.length > 1) return { round: { fault, silenceMs, isEqual: text === expected }, tries };
    if (text !== expected) return { round: { fault, silenceMs, isEqual: false }, tries };
  }
  throw new Error(`the answer was over ${MOST_TRIES} times before the miner was ${fault}`);
}

function harm({ process: miner, wire }: Seat, fault: Fault): void {
  if (fault === "killed") miner.kill("SIGKILL");
  else if (fault === "stopped") miner.kill("SIGSTOP");
  else wire.cut();
}

async function heal(market: Market, processes: Processes, seat: Seat, fault: Fault): Promise<void> {
  if (fault === "stopped") seat.process.kill("SIGCONT");
  else if (fault === "cut") seat.wire.mend();
  else {
    await seat.process.ended;
    // The engine's own process ends with its parent; the next one takes its place.
    seat.process = seated(market, processes, seat);
  }
}

async function untilConnected(market: Market, seats: readonly Seat[]): Promise<void> {
  await untilMinersServe(
    market.coordinator.url,
    seats.map((seat) => seat.process),
  );
}

/** What a lost miner delivered stays reserved until it comes back and sends its receipt. */
async function untilSettled(api: { readonly url: string; readonly key: string }): Promise<void> {
  const until = performance.now() + settlePatienceMs;
  while (performance.now() < until) {
    const answer = await fetch(`${api.url}/v1/wallet/balance`, { headers: { authorization: `Bearer ${api.key}` } });
    if (((await answer.json()) as { lockedWei: string }).lockedWei === "0") return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("Some work was never settled.");
}

function summary(rounds: readonly Round[], tries: number, findings: number): Record<string, unknown> {
  const silences = (faults: readonly Fault[]): number[] =>
    rounds.filter(({ fault }) => faults.includes(fault)).map(({ silenceMs }) => silenceMs);
  const [closed, silent] = [silences(["killed"]), silences(["stopped", "cut"])];
  return {
    bench: "failover",
    rounds: rounds.length,
    ...Object.fromEntries(FAULTS.map((name) => [name, rounds.filter(({ fault }) => fault === name).length])),
    tries,
    closedMs: round(percentile(closed, 0.95), 1),
    closedP50Ms: round(percentile(closed, 0.5), 1),
    closedWorstMs: round(Math.max(...closed), 1),
    silentMs: round(percentile(silent, 0.95), 1),
    silentP50Ms: round(percentile(silent, 0.5), 1),
    silentWorstMs: round(Math.max(...silent), 1),
    textEqual: rounds.every(({ isEqual }) => isEqual),
    findings,
  };
}
