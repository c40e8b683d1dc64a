import type { Hex } from "@lode/sdk/hash";
import type { Clocks } from "../clocks.ts";
import type { Ledger } from "../ledger/types.ts";

/** By which of the interfaces a machine spoke last. */
export type Face = "poll" | "node" | "agent";

export interface GpuState {
  readonly name?: string;
  readonly temperatureC?: number;
  readonly vramUsedMb?: number;
  readonly vramTotalMb?: number;
  readonly utilizationPct?: number;
}

/** What a machine says of itself, under one set of names whatever the interface. Only what it said is there. */
export interface NodeReport {
  readonly status?: "available" | "busy" | "degraded" | "draining";
  /** 0..1 */
  readonly load?: number;
  readonly mode?: string;
  readonly gpus?: readonly GpuState[];
  readonly cpuPct?: number;
  readonly ramUsedMb?: number;
  readonly ramTotalMb?: number;
  readonly latencyMs?: number;
  readonly models?: readonly string[];
  readonly workloads?: readonly string[];
  /** Jobs that it takes at a time. */
  readonly concurrency?: number;
  readonly maxRuntimeSecs?: number;
  readonly location?: string;
  readonly version?: string;
}

/** A machine of an account, as it was last heard. */
export interface Node {
  readonly account: Hex;
  readonly id: string;
  readonly face: Face;
  readonly registeredMs: number;
  readonly lastSeenMs: number;
  /** The same by the clock that is never set. */
  readonly heardMs: number;
  readonly report: NodeReport;
}

export type NodeStatus = "available" | "busy" | "degraded" | "draining" | "offline";

/** Machines of one account, and of all together; the one that was silent longest makes room when it is offline. */
const maximumOfAccount = 64;
const maximumOfAll = 10_000;
/** Heartbeats that may be missed before a machine counts as degraded, and as gone; halves are for the way. */
const degradedAfter = 1.5;
const offlineAfter = 3.5;

/**
 * Machines that speak over HTTP, in memory: after a restart each is back with its next word. An id belongs to the account
 * that uses it, so that nobody can take another's.
 */
export class NodeRegistry {
  readonly #nodes = new Map<string, Node>();
  readonly #ledger: Pick<Ledger, "recordMinerEvent">;
  readonly #heartbeatMs: number;
  readonly #nowMs: () => number;
  readonly #steadyMs: () => number;
  readonly #online = new Set<string>();

  constructor(ledger: Pick<Ledger, "recordMinerEvent">, heartbeatSecs: number, { nowMs, steadyMs }: Clocks) {
    this.#ledger = ledger;
    this.#heartbeatMs = heartbeatSecs * 1000;
    this.#nowMs = nowMs;
    this.#steadyMs = steadyMs;
  }

  /** Machines that are not offline. */
  get online(): number {
    return [...this.#nodes.values()].filter((node) => this.statusOf(node) !== "offline").length;
  }

  get(account: Hex, id: string): Node | undefined {
    return this.#nodes.get(keyOf(account, id));
  }

  /** An account's machines, those first that registered first. */
  of(account: Hex): Node[] {
    return [...this.#nodes.values()].filter((node) => node.account === account);
  }

  all(): Iterable<Node> {
    return this.#nodes.values();
  }

  /**
   * Takes a machine's word; what it leaves out stays as it was.
   * @returns undefined when there is no room for another machine of the account
   */
  hear(account: Hex, id: string, face: Face, report: NodeReport = {}): Node | undefined {
    const key = keyOf(account, id);
    const known = this.#nodes.get(key);
    const nowMs = this.#nowMs();
    if (known === undefined && !this.#makeRoom(account)) return undefined;
    const node: Node = {
      account,
      id,
      face,
      registeredMs: known?.registeredMs ?? nowMs,
      lastSeenMs: nowMs,
      heardMs: this.#steadyMs(),
      report: { ...known?.report, ...report },
    };
    this.#nodes.set(key, node);
    if (!this.#online.has(key)) {
      this.#online.add(key);
      this.#ledger.recordMinerEvent(account, "registered");
    }
    return node;
  }

  statusOf({ heardMs, report }: Node): NodeStatus {
    const missed = (this.#steadyMs() - heardMs) / this.#heartbeatMs;
    if (missed > offlineAfter) return "offline";
    return missed > degradedAfter ? "degraded" : (report.status ?? "available");
  }

  /** Notes who went offline. */
  sweep(): void {
    for (const key of this.#online) {
      const node = this.#nodes.get(key);
      if (node !== undefined && this.statusOf(node) !== "offline") continue;
      this.#online.delete(key);
      if (node !== undefined) this.#ledger.recordMinerEvent(node.account, "went_offline");
    }
  }

  #makeRoom(account: Hex): boolean {
    const own = this.of(account);
    if (own.length < maximumOfAccount && this.#nodes.size < maximumOfAll) return true;
    const candidates = own.length < maximumOfAccount ? [...this.#nodes.values()] : own;
    const [oldest] = candidates.sort((a, b) => a.heardMs - b.heardMs);
    if (oldest === undefined || this.statusOf(oldest) !== "offline") return false;
    return this.#nodes.delete(keyOf(oldest.account, oldest.id));
  }
}

const keyOf = (account: Hex, id: string): string => `${account} ${id}`;
