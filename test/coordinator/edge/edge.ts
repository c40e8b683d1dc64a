import { signTypedData, type Signer } from "@lode/sdk/keys";
import type { Hex } from "@lode/sdk/hash";
import { clientLogin } from "@lode/sdk/typed-data";
import type { FastifyInstance } from "fastify";
import { until } from "../../helpers/books.ts";
import { buildApp, type Parts } from "../../../coordinator/src/app.ts";
import type { SlabDesk } from "../../../coordinator/src/plugins/app/slabs/desk.ts";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import {
  client,
  domain,
  openLedgerFixture,
  operator,
  person,
  prices,
  temporaryHome,
  type LedgerFixture,
} from "../fixture.ts";
import { ScriptedMiner, type MinerOptions } from "./scripted-miner.ts";

/** The coordinator's real HTTP and WebSocket face over its real ledger, listening on a port of its own. */
export interface Edge extends LedgerFixture {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Where it keeps everything, the embedded database included. */
  readonly home: string;
  /** The client's API key. */
  readonly key: string;
  /** Names one more place where it is found, beside where it listens. */
  isAlsoAt(url: string): void;
  /** Everything that was logged, one JSON object a line. */
  readonly logged: string[];
  /** Connects a miner; each has a key of its own, and is the operator of its own stake. */
  miner(options?: Partial<MinerOptions>): Promise<ScriptedMiner>;
  /** The same miners in the order in which they would get a job now: on a busy machine their round trips differ. */
  inOrder(miners: readonly ScriptedMiner[]): Promise<ScriptedMiner[]>;
  /** Has these miners' round trips measured as on a machine that does nothing else, for tests of what depends on them. */
  settle(miners: readonly ScriptedMiner[]): Promise<void>;
  login(scope: "client" | "miner" | "read" | "admin", wallet?: Signer): Promise<string>;
  /** Hangs up every miner and gives their open attempts up, so that the next test finds nobody. */
  disconnect(): Promise<void>;
  chat(
    body: object,
    options?: { key?: string; signal?: AbortSignal; headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
  stop(): Promise<void>;
}

/** A round trip of a second is a nanosecond among so many. */
const settlingPongs = 72;

/** Starts one. Settings that a test does not name are the program's own defaults. A host serves miners that poll. */
export async function openEdge(
  env: Readonly<Record<string, string>> = {},
  parts: Partial<Pick<Parts, "classifier" | "host">> & { readonly slabs?: SlabDesk } = {},
): Promise<Edge> {
  const folder = temporaryHome();
  const databaseUrl = env["DATABASE_URL"];
  const ledger = await openLedgerFixture(folder.home, {
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(parts.host !== undefined && { host: parts.host }),
    ...(parts.slabs !== undefined && { slabs: parts.slabs }),
  });
  const { clock } = ledger;
  // Opening the embedded database keeps this process busy for seconds, which would look like a silent miner.
  await ledger.ledger.entries(0, 1);
  const logged: string[] = [];
  const config = readConfig({ LODE_HOME: folder.home, PRICING: "fixed", ...env });
  const loginOrigins = [...config.loginOrigins];
  const app = await buildApp({
    ...parts,
    config: { ...config, ...prices, loginOrigins },
    ledger: ledger.ledger,
    chain: ledger.chain,
    nowMs: () => clock.nowMs,
    steadyMs: () => clock.steadyMs ?? clock.nowMs,
    logStream: { write: (line) => void logged.push(line) },
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const miners: ScriptedMiner[] = [];
  const login: Edge["login"] = async (scope, wallet = client) => {
    const { nonce } = (await app.inject({ method: "POST", url: "/v1/keys/challenge" })).json<{ nonce: Hex }>();
    const timestampMs = clock.nowMs;
    const { origin } = new URL(url);
    const at = {
      coordinator: operator.address,
      origin,
      client: wallet.address,
      nonce,
      timestampMs: BigInt(timestampMs),
    };
    const signature = signTypedData(wallet, domain, "ClientLogin", clientLogin(at, { scope }));
    const payload = { client: wallet.address, origin, nonce, timestampMs, signature, scope };
    const answer = await app.inject({ method: "POST", url: "/v1/keys", payload });
    if (answer.statusCode !== 201) throw new Error(`no key: ${answer.body}`);
    return answer.json<{ key: string }>().key;
  };
  const key = await login("client");
  const areMeasured = (some: readonly ScriptedMiner[]): Promise<void> =>
    until("everybody is measured", async () =>
      some.every(({ address }) => app.hub.session(address)?.isMeasured === true),
    );
  return {
    ...ledger,
    app,
    url,
    home: folder.home,
    key,
    isAlsoAt: (other) => void loginOrigins.push(...[url, other].map((one) => new URL(one).origin)),
    logged,
    login,
    async miner(options = {}) {
      const signer = options.signer ?? person(`miner ${miners.length}`);
      const miner = new ScriptedMiner({ url, nowMs: () => clock.nowMs, ...options, signer });
      miners.push(miner);
      if (options.isUnproven === true) return miner;
      await miner.join();
      if (options.resumes === false) return miner;
      await until("the miner is ready", async () => app.hub.session(miner.address)?.isResumed === true);
      return miner;
    },
    async settle(some) {
      await areMeasured(some);
      for (const { address } of some) {
        const session = app.hub.session(address)!;
        for (let times = 0; times < settlingPongs; times++) {
          const nowMs = performance.now();
          session.ping(nowMs);
          session.onPong(nowMs);
        }
        app.floor.refresh(session);
      }
    },
    async inOrder(some) {
      await areMeasured(some);
      const model = some[0]!.options.models[0]!;
      const asked = { client: client.address, model, tier: 1, maxTokens: 10, isConstrained: false, wishes: {} };
      const found = app.floor.choose(asked)?.found ?? [];
      return found.map(({ offer }) => some.find(({ address }) => address === offer.miner)!);
    },
    async disconnect() {
      for (const miner of miners) miner.hangUp();
      await until("everybody is gone", async () => app.hub.size + app.relay.running === 0);
      for (const { address } of miners) await ledger.ledger.voidOthers(address, new Set());
    },
    chat: (body, { key: bearer = key, signal, headers } = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json", ...headers },
        body: JSON.stringify({
          model: "demo",
          messages: [{ role: "user", content: "Hello" }],
          max_tokens: 40,
          ...body,
        }),
        ...(signal !== undefined && { signal }),
      }),
    async stop() {
      for (const miner of miners) miner.hangUp();
      await app.close();
      await ledger.close();
      folder.remove();
    },
  };
}
