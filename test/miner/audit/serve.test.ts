import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, SignedHead } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData, signTypedData } from "@lode/sdk/keys";
import { leafHash, verifyInclusion } from "@lode/sdk/merkle";
import { fromWire, ledgerDomain, toWire } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Auditor, type AuditorOptions } from "../../../miner/src/audit/auditor.ts";
import { Memory } from "../../../miner/src/audit/copy/memory.ts";
import { HeadBook, toShown } from "../../../miner/src/audit/gossip/head-book.ts";
import { Peer } from "../../../miner/src/audit/gossip/peer.ts";
import { LogSource } from "../../../miner/src/audit/log/log-source.ts";
import type { WitnessServer } from "../../../miner/src/audit/serve/server.ts";
import { Strangers } from "../../../miner/src/audit/serve/strangers.ts";
import { Webhook } from "../../../miner/src/audit/serve/webhook.ts";
import { Witness } from "../../../miner/src/audit/serve/witness.ts";
import { changedPlan, other } from "../../sdk/audit-plans.ts";
import { addresses, honestPlan, ledger, people, signHistory, startMs, type History } from "../../sdk/audit-history.ts";
import { FakeChain } from "./fake-chain.ts";
import { LogServer } from "./log-server.ts";

const coordinator = people.coordinator.address;
const auditorKey = people.stranger;
const never = new AbortController().signal;
let folder: string;
let open: { close(): Promise<void> | void }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-witness-"));
  open = [];
});
afterEach(async () => {
  for (const one of open.toReversed()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A witness of a history, with its server; `name` is its home. */
async function watch(name: string, history: History, more: Partial<AuditorOptions> = {}, webhook?: Webhook) {
  const log = await LogServer.open(history);
  const chain = new FakeChain(history.context);
  const memory = new Memory(join(folder, name), addresses.chainId, coordinator);
  const heads = new HeadBook(ledgerDomain(addresses), memory.file("heads.jsonl"));
  const nowMs = (): number => startMs + 10_000_000;
  const shared = { chain: chain.reader, source: new LogSource(log.url), coordinator, threads: 1, memory, heads, nowMs };
  const auditor = new Auditor({ ...shared, ...more });
  const rounds: unknown[] = [];
  const onRound = (round: unknown): void => void rounds.push(round);
  const witness = new Witness({ auditor, heads, coordinator, signer: auditorKey, webhook, everyMs: 1, nowMs, onRound });
  const { stakeEvents } = history.context;
  const server = await witness.serve({ host: "127.0.0.1", port: 0 }, () => ({ addresses, coordinator, stakeEvents }));
  open.push(log, memory, auditor, server);
  return { log, chain, auditor, witness, heads, server, rounds, memory };
}

const at = ({ port }: WitnessServer, path: string): URL => new URL(path, `http://127.0.0.1:${port}`);
const json = async (
  server: WitnessServer,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(at(server, path));
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const post = async (server: WitnessServer, body: string) =>
  (await fetch(at(server, "/v1/audit/heads"), { method: "POST", body })).status;

describe("a witness", () => {
  it("countersigns the head that it proved right, and shows it, its roots and its leaves", async () => {
    const { witness, server } = await watch("a", signHistory(honestPlan()));
    expect((await json(server, "/v1/audit/root?size=1")).status).toBe(503);
    await witness.round(never);
    const { heads } = (await json(server, "/v1/audit/heads")).body as {
      heads: { head: never; signature: Hex; witnesses: { auditor: Hex; signature: Hex }[] }[];
    };
    expect(heads).toHaveLength(1);
    const head = fromWire("TreeHead", heads[0]!.head);
    expect(recoverTypedData(ledger, "TreeHead", head, heads[0]!.signature)).toBe(coordinator);
    const [by] = heads[0]!.witnesses;
    expect(by!.auditor).toBe(auditorKey.address);
    expect(recoverTypedData(ledger, "TreeHead", head, by!.signature)).toBe(auditorKey.address);
    expect((await json(server, "/v1/audit/root?size=6")).body["root"]).toBe(head.root);
    const { leaf, path } = (await json(server, "/v1/audit/leaf?index=3&size=6")).body as { leaf: Hex; path: Hex[] };
    expect(verifyInclusion({ leafHash: leafHash(leaf), index: 3, size: 6, path, root: head.root })).toBe(true);
    for (const odd of ["root?size=7", "root?size=x", "root", "leaf?index=6&size=6", "leaf?index=0&size=0"]) {
      expect((await json(server, `/v1/audit/${odd}`)).status).toBe(404);
    }
  });

  it("does not countersign a head that its log does not give", async () => {
    const history = signHistory(honestPlan());
    const { witness, heads } = await watch("a", { ...history, entries: history.entries.slice(0, 5) });
    await witness.round(never);
    expect(heads.all).toEqual([]);
  });

  it("exports figures: every kind of finding, rounds, and rounds that failed", async () => {
    const history = signHistory(changedPlan(1, { change: (r) => ({ ...r, amountWei: r.amountWei + 1n }) }));
    const { witness, server, log, rounds } = await watch("a", history);
    await witness.round(never);
    log.instead = () => ({ status: 404, body: "{}" });
    await witness.round(never);
    const text = await (await fetch(at(server, "/metrics"))).text();
    expect(text).toContain('lode_audit_findings{kind="amount_wrong"} 1\n');
    expect(text).toContain('lode_audit_findings{kind="split_view"} 0\n');
    expect(text).toContain("lode_audit_rounds_total 2\n");
    expect(text).toContain("lode_audit_failures_total 1\n");
    expect(text).toContain("lode_audit_log_entries 6\n");
    expect(rounds).toEqual([
      expect.objectContaining({ report: expect.anything() as unknown }),
      { failure: expect.anything() as unknown },
    ]);
    expect((await json(server, "/v1/audit/report")).body).toMatchObject({ found: 1 });
  });

  it("takes of strangers only what the coordinator signed, and no more than its limits", async () => {
    const { witness, server, heads } = await watch("a", signHistory(honestPlan()));
    await witness.round(never);
    const before = signHistory({ receipts: honestPlan().receipts.slice(0, 2) }).context.head;
    const forged: SignedHead = {
      ...before,
      signature: signTypedData(people.stranger, ledger, "TreeHead", before.head),
    };
    const shown = (head: SignedHead) => toShown({ ...head, witnesses: [] });
    expect(await post(server, JSON.stringify({ heads: [shown(forged), { head: 1 }, null, 7] }))).toBe(200);
    expect(heads.all).toHaveLength(1);
    expect(await post(server, JSON.stringify({ heads: [shown(before)] }))).toBe(200);
    expect(heads.all).toHaveLength(2);
    expect(await post(server, "no JSON")).toBe(400);
    expect(await post(server, JSON.stringify({ heads: Array.from({ length: 33 }, () => shown(before)) }))).toBe(413);
    expect(await post(server, "x".repeat(70_000))).toBe(413);
    expect((await fetch(at(server, "/nowhere"))).status).toBe(404);
    const statuses = await Promise.all(
      Array.from({ length: 80 }, async () => (await fetch(at(server, "/metrics"))).status),
    );
    expect(statuses).toContain(429);
  });

  it("does not keep a countersignature that its auditor did not make", async () => {
    const { witness, server, heads } = await watch("a", signHistory(honestPlan()));
    await witness.round(never);
    const { head } = signHistory(honestPlan()).context;
    const witnesses = [{ auditor: people.wallets[0].address, signature: head.signature }];
    expect(await post(server, JSON.stringify({ heads: [toShown({ ...head, witnesses })] }))).toBe(200);
    expect(heads.all[0]!.witnesses.map(({ auditor }) => auditor)).toEqual([auditorKey.address]);
  });
});

describe("two auditors that were shown different logs", () => {
  it("find it out from each other's heads, with the proof that the contract takes", async () => {
    const first = await watch("a", signHistory(honestPlan()));
    await first.witness.round(never);
    const elsewhere = signHistory(changedPlan(3, { change: (r) => ({ ...r, outputCommitment: other }) }));
    const peers = [new Peer(`http://127.0.0.1:${first.server.port}`), new Peer("http://127.0.0.1:9")];
    const second = await watch("b", elsewhere, { peers });
    const report = await second.auditor.round();
    expect(report.findings.map(({ kind }) => kind)).toEqual(["split_view"]);
    expect(report.silentPeers).toEqual(["http://127.0.0.1:9"]);
    const { act, evidence } = report.findings[0]!.dispute!;
    expect(act).toBe("split-view");
    expect(evidence).toMatchObject({ coordinator, index: 3 });
    for (const side of ["first", "second"]) {
      const { head, signature, leaf, path } = evidence[side] as { head: never; signature: Hex; leaf: Hex; path: Hex[] };
      const read = fromWire("TreeHead", head);
      expect(recoverTypedData(ledger, "TreeHead", read, signature)).toBe(coordinator);
      expect(
        verifyInclusion({ leafHash: leafHash(leaf), index: 3, size: Number(read.size), path, root: read.root }),
      ).toBe(true);
    }
    expect((evidence["first"] as { leaf: Hex }).leaf).not.toBe((evidence["second"] as { leaf: Hex }).leaf);
  });

  it("find nothing when one of them merely saw more", async () => {
    const first = await watch("a", signHistory({ receipts: honestPlan().receipts.slice(0, 4), headAfterMs: 30_000 }));
    await first.witness.round(never);
    const second = await watch("b", signHistory(honestPlan()), {
      peers: [new Peer(`http://127.0.0.1:${first.server.port}`)],
    });
    expect((await second.auditor.round()).findings).toEqual([]);
    await second.witness.round(never);
    const third = await watch("c", first.log.history, { peers: [new Peer(`http://127.0.0.1:${second.server.port}`)] });
    expect((await third.auditor.round()).findings).toEqual([]);
    expect(toWire("TreeHead", third.heads.all.at(-1)!.head).size).toBe("6");
  });
});

describe("the webhook", () => {
  const secret = "a secret of sixteen";
  const finding: Finding = { kind: "amount_wrong", message: "entry 1: odd", index: 1, evidence: {} };

  async function listen(statuses: number[]) {
    const calls: { body: string; signature: string }[] = [];
    const server: Server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        calls.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers["lode-signature"]) });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    open.push({ close: () => void server.close() });
    const waits: number[] = [];
    const make = () =>
      new Webhook({
        url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
        secret,
        file: join(folder, "told.json"),
        nowMs: () => 1_000_000,
        pause: async (ms) => void waits.push(ms),
      });
    return { calls, waits, make };
  }

  it("is told until it takes it, signed, and never of the same finding again", async () => {
    const { calls, waits, make } = await listen([500, 429]);
    const webhook = make();
    await webhook.tell(coordinator, [finding, finding], never);
    expect(calls).toHaveLength(3);
    expect(waits).toEqual([1000, 2000]);
    expect(webhook.untold).toBe(0);
    const { body, signature } = calls[2]!;
    expect(signature).toBe(`t=1000,v1=${createHmac("sha256", secret).update(`1000.${body}`).digest("hex")}`);
    expect(JSON.parse(body)).toMatchObject({ coordinator, findings: [{ kind: "amount_wrong", index: 1 }] });
    await make().tell(coordinator, [finding, { ...finding, index: 2 }], never);
    expect(calls).toHaveLength(4);
    expect(JSON.parse(calls[3]!.body)).toMatchObject({ findings: [{ index: 2 }] });
  });

  it("is asked again in the next round when it never answered well", async () => {
    const { calls, make } = await listen([500, 500, 500, 500, 500]);
    const webhook = make();
    await webhook.tell(coordinator, [finding], never);
    expect(calls).toHaveLength(5);
    expect(webhook.untold).toBe(1);
    await webhook.tell(coordinator, [finding], never);
    expect(webhook.untold).toBe(0);
  });
});

describe("strangers", () => {
  it("may ask so much at once and so much a second, each by itself", () => {
    let nowMs = 0;
    const strangers = new Strangers(() => nowMs);
    expect(Array.from({ length: 61 }, () => strangers.mayAsk("a")).filter(Boolean)).toHaveLength(60);
    expect(strangers.mayAsk("b", 60)).toBe(true);
    nowMs = 1000;
    expect(strangers.mayAsk("a", 10)).toBe(true);
    expect(strangers.mayAsk("a")).toBe(false);
  });

  it("who are too many share one count, until some have been quiet", () => {
    let nowMs = 0;
    const strangers = new Strangers(() => nowMs);
    for (let i = 0; i < 4096; i++) strangers.mayAsk(`address ${i}`);
    expect(strangers.mayAsk("late", 60)).toBe(true);
    expect(strangers.mayAsk("later")).toBe(false);
    nowMs = 60_000;
    expect(strangers.mayAsk("later still", 60)).toBe(true);
    expect(strangers.mayAsk("last", 60)).toBe(true);
  });
});
