import { demandsAbi } from "@lode/sdk/abi";
import { commitmentTo, shownAnchor, type Anchor, type AuditContext, type AuditEntry } from "@lode/sdk/audit";
import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { fromWire } from "@lode/sdk/typed-data";
import { encodeFunctionData } from "viem";
import { contractsOf, type ChainReader } from "../../../miner/src/chain/chain.ts";

/** What a fake chain tells: an audit's context, in blocks. */
export type Told = Pick<
  AuditContext,
  "addresses" | "stakeEvents" | "grants" | "collections" | "anchors" | "commitment" | "poolEpoch"
>;

/** A receipt that somebody demanded, and its place in an anchored log as the coordinator showed it. */
export interface AnsweredDemand {
  readonly entry: AuditEntry;
  readonly index: number;
  readonly path: readonly Hex[];
  readonly anchor: Anchor;
}

const transactionOf = (demand: number, step: number): Hex =>
  `0x${(demand * 2 + step + 1).toString(16).padStart(64, "0")}`;

/** A chain that tells one history through the calls that reading it makes. What it tells can be replaced between reads. */
export class FakeChain {
  told: Told;
  /** Changes when a reorganisation replaces old blocks. */
  fork = 0;
  /** When every payee put its voucher on record, seconds; zero for never. */
  exhibitedAt = 0;
  /** Demands that were answered: what was demanded, and where it was shown. */
  answers: readonly AnsweredDemand[] = [];
  reads: { fromBlock: bigint; toBlock: bigint }[] = [];
  last = 50n;

  constructor(told: Told) {
    this.told = told;
  }

  get reader(): ChainReader {
    const contracts = contractsOf(this.told.addresses);
    const client = {
      getBlockNumber: async () => this.last,
      getBlock: async ({ blockNumber }: { blockNumber: bigint }) => ({
        hash: `0x${(blockNumber + BigInt(this.fork) * 1_000_000n).toString(16).padStart(64, "0")}`,
        timestamp: BigInt(Math.floor((this.#times().get(blockNumber) ?? 0) / 1000)),
      }),
      getContractEvents: async (asked: { address: string; fromBlock: bigint; toBlock: bigint; eventName?: string }) => {
        if (asked.eventName === "Anchored") this.reads.push({ fromBlock: asked.fromBlock, toBlock: asked.toBlock });
        const all =
          asked.address === contracts.staking.address
            ? this.#stakes()
            : asked.address === contracts.escrow.address
              ? this.#payments()
              : asked.address === contracts.demands.address
                ? this.#demands()
                : this.#anchored();
        return all.filter(({ blockNumber }) => blockNumber >= asked.fromBlock && blockNumber <= asked.toBlock);
      },
      getTransaction: async ({ hash }: { hash: Hex }) => ({
        to: contracts.demands.address,
        input: this.#calls().get(hash) ?? "0x",
      }),
      readContract: async ({ functionName }: { functionName: string }) => {
        if (functionName === "minimumStakeWei") return 100n;
        if (functionName === "headOf") {
          return [0n, 0n, 0n, this.told.commitment ?? this.#commitment()];
        }
        if (functionName === "GRACE_SECONDS") return 3_600n;
        if (functionName === "exhibitOf") return { exhibitedAt: BigInt(this.exhibitedAt) };
        return functionName === "stakeOf" ? [2, 10n ** 30n, 0n, 0n] : [0n, 0n, 0n, this.told.poolEpoch ?? 0n];
      },
    };
    return { client, contracts, addresses: this.told.addresses } as unknown as ChainReader;
  }

  /** Over the anchors as they are read: those of one block are of one time. */
  #commitment(): Hex {
    const times = this.#times();
    const read = this.told.anchors.map((anchor) => ({ ...anchor, atMs: times.get(anchor.block) ?? 0 }));
    return commitmentTo(read.map(shownAnchor));
  }

  /** Stakes lie in blocks 1, 2, ...; collections and anchors say theirs. */
  #times(): Map<bigint, number> {
    return new Map([
      ...this.told.stakeEvents.map(({ atMs }, i) => [BigInt(i + 1), atMs] as const),
      ...this.told.anchors.map(({ block, atMs }) => [block, atMs] as const),
    ]);
  }

  #stakes() {
    const names = { registered: "StakerRegistered", operator: "OperatorChanged", staked: "StakeAdded" } as const;
    return this.told.stakeEvents.map(({ kind, ...args }, i) => ({
      eventName: names[kind],
      blockNumber: BigInt(i + 1),
      args,
    }));
  }

  #payments() {
    return [
      ...this.told.grants.map((args) => ({ eventName: "SignerAuthorized", blockNumber: 5n, args })),
      ...this.told.collections.map(({ block, ...args }) => ({ eventName: "Collected", blockNumber: block, args })),
    ];
  }

  #demands() {
    return this.answers.flatMap(({ entry }, i) => {
      const accused = entry.assignment.coordinator;
      const id = BigInt(i + 1);
      const at = (step: number) => ({ blockNumber: 30n, transactionHash: transactionOf(i, step) });
      return [
        { eventName: "DemandOpened", ...at(0), args: { id, subject: 1, accused } },
        { eventName: "DemandAnswered", ...at(1), args: { id, accused } },
      ];
    });
  }

  #calls(): Map<Hex, Hex> {
    const calls = this.answers.flatMap(({ entry, index, path, anchor }, i) => {
      const [assignment, receipt] = [fromWire("Assignment", entry.assignment), fromWire("Receipt", entry.receipt)];
      const proof = ({ root, count, index: place, path: steps, signature }: SignedLeaf) => ({
        ...{ root, count, index: place, path: steps, signature },
      });
      const demand = encodeFunctionData({
        abi: demandsAbi,
        functionName: "demandInLog",
        args: [assignment, proof(entry.assignmentBatch), receipt, proof(entry.receiptBatch)],
      });
      const previous = `0x${"00".repeat(32)}` as const;
      const answer = encodeFunctionData({
        abi: demandsAbi,
        functionName: "answerInLog",
        args: [BigInt(i + 1), BigInt(index), [...path], previous, [shownAnchor(anchor)]],
      });
      return [[transactionOf(i, 0), demand] as const, [transactionOf(i, 1), answer] as const];
    });
    return new Map(calls);
  }

  #anchored() {
    return this.told.anchors.map(({ block, ...args }) => ({ eventName: "Anchored", blockNumber: block, args }));
  }
}
