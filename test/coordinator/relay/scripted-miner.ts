import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { commitTokens } from "@lode/sdk/merkle";
import { assignmentDigest, fromWire, hashStruct, toWire, type Receipt } from "@lode/sdk/typed-data";
import { encodeTokenFrame, parseCoordinatorMessage, type CoordinatorMessage, type MinerMessage } from "@lode/protocol";
import WebSocket from "ws";
import { domain, word } from "../fixture.ts";

type Of<T extends CoordinatorMessage["type"]> = Extract<CoordinatorMessage, { type: T }>;

/** A miner that a test drives by hand over a real socket, with real signatures. */
export class ScriptedMiner {
  readonly #socket: WebSocket;
  readonly #received: CoordinatorMessage[] = [];
  #wake: () => void = () => undefined;
  readonly closed: Promise<number>;

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/v1/miner/ws`);
    this.#socket.on("message", (data: Buffer) => {
      this.#received.push(parseCoordinatorMessage(data.toString("utf8")));
      this.#wake();
    });
    this.closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.on("error", () => undefined);
  }

  /** The next message of a type; those before it are dropped. */
  async next<T extends CoordinatorMessage["type"]>(type: T): Promise<Of<T>> {
    for (;;) {
      const message = this.#received.shift();
      if (message === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (message.type === type) return message as Of<T>;
    }
  }

  send(message: MinerMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  /** Answers the challenge. */
  async hello(
    miner: Signer,
    nowMs: number,
    change: { nonce?: Hex; signer?: Signer; timestampMs?: number } = {},
  ): Promise<void> {
    const { nonce, coordinator } = await this.next("challenge");
    const timestampMs = change.timestampMs ?? nowMs;
    const hello = { coordinator, miner: miner.address, nonce: change.nonce ?? nonce, timestampMs: BigInt(timestampMs) };
    this.send({
      type: "hello",
      miner: miner.address,
      timestampMs,
      signature: signTypedData(change.signer ?? miner, domain, "MinerHello", hello),
      capabilities: {
        version: "test",
        concurrency: 1,
        models: [{ id: "demo", digest: word("model"), engineClass: word("engine"), contextTokens: 1000, sizeBytes: 1 }],
        hardware: {},
      },
      pending: [],
    });
  }

  /** Connects and is ready for work. */
  async join(miner: Signer, nowMs: number): Promise<void> {
    await this.hello(miner, nowMs);
    await this.next("welcome");
    this.send({ type: "resumed" });
  }

  /** Sends tokens of a job; `firstIndex` says where they claim to stand. */
  tokens(job: Of<"job">, ids: number[], text: string, firstIndex = 0): void {
    this.sendRaw(encodeTokenFrame({ kind: "tokens", assignment: digestOf(job), firstIndex, ids, text }));
  }

  end(job: Of<"job">, firstIndex: number): void {
    this.sendRaw(encodeTokenFrame({ kind: "end", assignment: digestOf(job), firstIndex }));
  }

  /** An honest receipt for tokens that were sent, with one thing changed before it is signed. */
  receipt(job: Of<"job">, ids: number[], signer: Signer, nowMs: number, change: Partial<Receipt> = {}): void {
    const assignment = fromWire("Assignment", job.assignment);
    const receipt: Receipt = {
      assignment: digestOf(job),
      inputCommitment: word("input"),
      outputCommitment: commitTokens(job.jobSalt, 1, ids, assignment.outputOffset),
      fingerprintCommitment: `0x${"00".repeat(32)}`,
      inputTokens: 3,
      outputTokens: ids.length,
      amountWei: 3n * assignment.inputPriceWei + BigInt(ids.length) * assignment.outputPriceWei,
      startedAtMs: BigInt(nowMs),
      finishedAtMs: BigInt(nowMs),
      finishReason: 0,
      hosted: false,
      ...change,
    };
    const [batch] = signBatch(signer, domain, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
    this.send({ type: "receipt", receipt: toWire("Receipt", receipt), batch: batch! });
  }
}

export function digestOf(job: Of<"job">): Hex {
  return assignmentDigest(domain, fromWire("Assignment", job.assignment));
}
