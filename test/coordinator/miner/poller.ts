import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Edge } from "../edge/edge.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface Answer {
  readonly status: number;
  /** Whatever came: a test says what it expects of it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** The part of a job that a miner uses. */
export interface Job {
  readonly id: `0x${string}`;
  readonly workload: string;
  readonly input: { readonly prompt: string; readonly max_tokens: number; readonly max_output_bytes: number };
}

/** A simple miner: a key, and plain HTTP. */
export class Poller {
  readonly #edge: Pick<Edge, "url">;
  readonly #key: string;
  readonly id: string;

  constructor(edge: Pick<Edge, "url">, key: string, id = "rig-1") {
    this.#edge = edge;
    this.#key = key;
    this.id = id;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.#edge.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
  }

  heartbeat(fields: object = {}): Promise<Answer> {
    return this.call("POST", "/v1/miner/heartbeat", { miner_id: this.id, mode: "cpu", gpu: null, ...fields });
  }

  next(slots = 1): Promise<Answer> {
    return this.call("GET", `/v1/miner/next?miner=${this.id}&slots=${slots}`);
  }

  /** Polls until there is a job. */
  async job(): Promise<Job> {
    for (let tries = 0; tries < 600; tries++) {
      const { status, body } = await this.next();
      if (status === 200) return body as Job;
      if (status !== 204) throw new Error(`next answers ${status}: ${JSON.stringify(body)}`);
      await pause(20);
    }
    throw new Error("no job came");
  }

  prove(id: string, output: string, fields: object = {}): Promise<Answer> {
    const body = { id, mode: "cpu", output_sha: sha256(output), output, metrics: { seconds: 0.5 }, ...fields };
    return this.call("POST", "/v1/miner/proof", body);
  }
}
