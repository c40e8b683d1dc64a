import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseEther, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { depositPool, LODE } from "../../scripts/bench/gas/acts.ts";
import { bedOn, type Bed } from "../../scripts/bench/gas/bed.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import type { Running } from "../../scripts/processes/processes.ts";
import { untilReady } from "../../scripts/processes/ready.ts";
import { root } from "../../scripts/root.ts";
import { ensureSubgraphBuilt } from "../../scripts/subgraph/build.ts";
import { MappingModule } from "../../subgraph/host/module.ts";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";
import { sendQuery } from "../helpers/indexer.ts";

const program = join(root, "subgraph", "indexer", "main.ts");
const PATIENCE_MS = 300_000;

let devnet: TestDevnet;
let bed: Bed;
let url: string;
let running: Running;

/** The program on a folder that stays. */
async function start(): Promise<void> {
  const port = await findFreePort();
  running = devnet.processes.start({
    name: "indexer",
    command: process.execPath,
    args: [program, "--folder", join(devnet.layout.folder, "index"), "--port", `${port}`, "--poll-ms", "20"],
    env: { RPC_URL: devnet.rpcUrl, ADDRESSES_FILE: devnet.addressesFile },
    logFile: devnet.layout.log(`indexer-${port}`),
  });
  await untilReady(
    running,
    async () => (running.lastLines(9).includes("listening on") ? true : undefined),
    PATIENCE_MS,
  );
  url = `http://127.0.0.1:${port}/graphql`;
}

/** Answers when the index has reached the chain's head. */
async function ask(query: string, variables?: object): Promise<any> {
  await untilReady(
    running,
    async () => {
      const head = await devnet.chain.client.getBlock();
      const { body } = await sendQuery(url, "{ _meta { block { hash } } }");
      return body.data?._meta?.block.hash === head.hash ? true : undefined;
    },
    PATIENCE_MS,
  );
  const { body } = await sendQuery(url, query, variables);
  expect(body.errors ?? []).toEqual([]);
  return body.data;
}

/** The sentence that refuses a query. */
async function refusal(query: string, variables?: object): Promise<string> {
  const { body } = await sendQuery(url, query, variables);
  return body.errors[0].message;
}

const accounts: Hex[] = [];
beforeAll(async () => {
  await ensureSubgraphBuilt();
  devnet = await startDevnet();
  bed = await bedOn(devnet.chain, devnet.addresses);
  for (let index = 0; index < 5; index++) {
    const person = await bed.person(`depositor ${index}`);
    await depositPool(bed, person, BigInt(index + 1) * LODE);
    accounts.push(person.address);
  }
  await start();
}, 600_000);
afterAll(() => devnet.stop());

describe("the embedded indexer", { timeout: 600_000 }, () => {
  it("filters, orders and pages", async () => {
    const ids = async (args: string): Promise<Hex[]> =>
      (await ask(`{ pools${args} { id } }`)).pools.map((row: any) => row.id);
    expect(await ids("(orderBy: balanceWei)")).toEqual(accounts);
    expect(await ids("(orderBy: balanceWei, orderDirection: desc, first: 2, skip: 1)")).toEqual([
      accounts[3],
      accounts[2],
    ]);
    expect(
      await ids(`(where: { balanceWei_gt: "${2n * LODE}", balanceWei_lt: "${5n * LODE}" }, orderBy: balanceWei)`),
    ).toEqual(accounts.slice(2, 4));
    expect(await ids(`(where: { balanceWei_in: ["${LODE}", "7"] })`)).toEqual([accounts[0]]);
    expect(await ids(`(where: { id_not_in: ${JSON.stringify(accounts.slice(1))} })`)).toEqual([accounts[0]]);
    expect(
      await ids(
        `(where: { or: [{ balanceWei: "${LODE}" }, { and: [{ balanceWei_gte: "${5n * LODE}" }, { isFrozen: false }] }] }, orderBy: balanceWei)`,
      ),
    ).toEqual([accounts[0], accounts[4]]);
    expect(await ids(`(where: { id_contains: "${accounts[2]!.slice(6, 20)}" })`)).toEqual([accounts[2]]);
    expect(await ids(`(where: { id: "${accounts[2]!.toUpperCase().replace("0X", "0x")}" })`)).toEqual([accounts[2]]);
    expect(await ids("(where: { spell_not: null })")).toEqual([]);
    expect(await ids('(where: { spell_: { dueWei_gt: "0" } })')).toEqual([]);
  });

  it("answers one entity by its id, also as of a block of the past", async () => {
    const query =
      "query Q($id: ID!, $block: Block_height) { pool(id: $id, block: $block) { balanceWei epoch isFrozen } }";
    const pool = { balanceWei: `${LODE}`, epoch: "0", isFrozen: false };
    expect(await ask(query, { id: accounts[0] })).toEqual({ pool });
    const [{ blockNumber }] = (await ask(`{ poolDepositeds(where: { account: "${accounts[0]!}" }) { blockNumber } }`))
      .poolDepositeds;
    expect(await ask(query, { id: accounts[0], block: { number: Number(blockNumber) } })).toEqual({ pool });
    expect(await ask(query, { id: accounts[0], block: { number: Number(blockNumber) - 1 } })).toEqual({ pool: null });
    expect(await refusal(query, { id: accounts[0], block: { number: 2_000_000 } })).toMatch(
      /^The index has reached block \d+; block 2000000 is not there yet\.$/,
    );
    expect(await refusal(query, { id: accounts[0], block: { hash: `0x${"ab".repeat(32)}` } })).toContain(
      "No block with the hash",
    );
  });

  it("refuses what nests too deep, asks for too much, or is no query", async () => {
    const nest = (depth: number): string => (depth === 0 ? "{ id }" : `{ payees { epoch ${nest(depth - 1)} } }`);
    expect(await ask("{ feeEpoches(first: 3) { payees(first: 3) { epoch { payees(first: 3) { id } } } } }")).toEqual({
      feeEpoches: [],
    });
    expect(await refusal(`{ feeEpoches(first: 1) ${nest(5)} }`)).toMatch(/nests deeper than 8 levels|could/);
    const tower =
      "{ feeEpoches(first: 1) { payees(first: 1) { epoch { payees(first: 1) { epoch { payees(first: 1) { epoch { payees(first: 1) { id } } } } } } } } }";
    expect(await refusal(tower)).toBe("The query nests deeper than 8 levels.");
    expect(await refusal("{ clients(first: 1000) { accounts(first: 1000) { id } } }")).toContain("150000 entities");
    expect(
      await refusal("query Q($n: Int) { clients(first: $n) { a: accounts { id } b: accounts { id } } }", { n: 1000 }),
    ).toContain("1500 lists");
    expect(await refusal("{ pools(first: 1001) { id } }")).toBe('"first" must be between 0 and 1000.');
    expect(await refusal("{ pools(skip: 5001) { id } }")).toBe('"skip" must be between 0 and 5000.');
    expect(await refusal('{ pools(where: { balanceWei_gt: "many" }) { id } }')).toContain("many is no BigInt");
    expect((await sendQuery(url, `{ ${"a: pools { id } ".repeat(500)} }`)).status).toBe(400);
    expect((await sendQuery(url, " ".repeat(70_000))).status).toBe(413);
    expect(await refusal("{ nothing }")).toContain('Cannot query field "nothing"');
    expect(await refusal("mutation { x }")).toContain("not configured");
  });

  it("lets web pages read, and tells of itself", async () => {
    const answer = await fetch(url, { method: "OPTIONS" });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    const { _meta } = await ask(
      "{ _meta { block { number hash timestamp parentHash } deployment hasIndexingErrors } }",
    );
    const block = await devnet.chain.client.getBlock({ blockNumber: BigInt(_meta.block.number) });
    expect(_meta).toMatchObject({
      block: { hash: block.hash, parentHash: block.parentHash, timestamp: Number(block.timestamp) },
      hasIndexingErrors: false,
    });
    const { __schema } = await ask(
      "{ __schema { types { name fields { name type { ofType { ofType { ofType { name } } } } } } } }",
    );
    expect(__schema.types.length).toBeGreaterThan(100);
  });

  it("goes on where it was after SIGKILL, also when the chain forked meanwhile", async () => {
    const query = "{ pools(orderBy: id) { id balanceWei } flows { id } poolDepositeds(orderBy: id) { id } }";
    const snapshot = await devnet.chain.client.snapshot();
    const [person] = [await bed.person("late")];
    await depositPool(bed, person, 5n);
    const before = await ask(query);
    running.kill("SIGKILL");
    await running.ended;
    await start();
    expect(await ask(query)).toEqual(before);
    // It did not begin anew: that would be in its log.
    running.kill("SIGKILL");
    await running.ended;
    await devnet.chain.client.revert({ id: snapshot });
    await devnet.chain.client.setBalance({ address: accounts[0]!, value: parseEther("100") });
    await bed.send(accounts[0]!, bed.escrow, "depositPool", [accounts[1]!, 9n]);
    await start();
    const after = await ask(query);
    expect(after.pools.map((row: any) => row.id)).toEqual([...accounts].sort());
    expect(after.pools.find((row: any) => row.id === accounts[1]).balanceWei).toBe(`${2n * LODE + 9n}`);
    expect(after.poolDepositeds).toHaveLength(accounts.length + 1);
    expect(running.lastLines(9)).toContain("the chain forked: back from block");
  });

  it("refuses addresses of another chain, and options that are none, in one sentence", async () => {
    const run = promisify(execFile);
    const other = join(devnet.layout.folder, "other.json");
    mkdirSync(devnet.layout.folder, { recursive: true });
    writeFileSync(other, JSON.stringify({ ...devnet.addresses, chainId: 5 }));
    const failing = async (...args: string[]): Promise<{ code: number; stderr: string }> =>
      run(process.execPath, [program, "--rpc", devnet.rpcUrl, ...args]).then(
        () => ({ code: 0, stderr: "" }),
        (error: unknown) => error as { code: number; stderr: string },
      );
    expect(await failing("--addresses", other, "--folder", join(devnet.layout.folder, "x"))).toMatchObject({
      code: 1,
      stderr: "The node is of chain 31337, the addresses are of chain 5.\n",
    });
    expect(await failing("--port", "many")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--port takes a whole number"),
    });
    expect(await failing("--twice")).toMatchObject({ code: 2, stderr: expect.stringContaining("'--twice'") });
  });

  it("refuses a mapping that imports what the host does not have", () => {
    // (module (import "index" "ipfs.cat" (func)))
    const hex = "0061736d01000000010401600000" + "021201" + "05696e646578" + "08697066732e636174" + "0000";
    const wasm = Buffer.from(hex, "hex");
    expect(() => new MappingModule("Strange", wasm)).toThrow(
      "The mapping Strange imports ipfs.cat, which this indexer does not have.",
    );
  });
});
