import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Voucher } from "@lode/sdk/typed-data";
import { zeroHash } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../../scripts/dev/people.ts";
import type { TestDevnet } from "../../helpers/devnet.ts";
import { startActs, wei, type ActTester, type Changed, type Told, type VoucherItem } from "./act-tester.ts";
import { isSentence, type Ran } from "./run-lode.ts";

const somebody = `0x${"ab".repeat(20)}`;
const names = ["miner", "coordinator", "client", "hot", "poor"] as const;
type Name = (typeof names)[number];
let tester: ActTester<Name>;
let devnet: TestDevnet;
let people: Readonly<Record<Name, Person>>;
let folder: string;

beforeAll(async () => {
  tester = await startActs(names);
  ({ devnet, people, folder } = tester);
  await devnet.fund(people.miner, people.coordinator, people.client);
  await devnet.chain.client.setBalance({ address: people.poor.address, value: 10n ** 18n });
}, 240_000);
afterAll(() => tester.stop());

const lode = (who: Name, args: readonly string[], env: Record<string, string> = {}, answers?: string[]): Promise<Ran> =>
  tester.lode(who, args, env, answers);
const json = (who: Name, args: readonly string[]): Promise<Told> => tester.json(who, args);
const stateOf = (who: Name): Promise<unknown> => tester.stateOf(who);
const doAct = (who: Name, args: readonly string[]): Promise<Changed> => tester.doAct(who, args);
const passDays = (days: number): Promise<void> => tester.passDays(days);
const voucherFile = (items: readonly VoucherItem<Name>[]): Promise<string> => tester.voucherFile(items);

describe("acts on a stake", () => {
  it("register with a permit, an operator, a payout and capabilities, in one transaction", async () => {
    const hash = `0x${"5a".repeat(32)}`;
    const options = ["--permit", "--operator", people.hot.address, "--payout", somebody, "--capabilities", hash];
    const changed = await doAct("miner", ["stake", "500", ...options]);
    expect(changed).toMatchObject({
      role: { before: "0", after: "1" },
      stake: { before: "0", after: wei(500) },
      operator: { after: people.hot.address },
      payout: { after: somebody },
    });
  });
  it("register a coordinator with an approval, in two", async () => {
    const changed = await doAct("coordinator", ["stake", "5000", "--role", "coordinator"]);
    expect(changed).toMatchObject({
      role: { after: "2" },
      stake: { after: wei(5000) },
      wallet: { after: wei(95_000) },
    });
  });
  it("top up one's own stake and somebody's", async () => {
    expect(await doAct("miner", ["stake", "10"])).toMatchObject({ stake: { after: wei(510) } });
    const args = ["stake", "top-up", people.miner.address, "5", "--yes"];
    expect(await doAct("coordinator", args)).toMatchObject({ stake: { before: wei(510), after: wei(515) } });
  });
  it("replace the operator and the payout", async () => {
    const { address } = people.miner;
    const operator = { before: people.hot.address, after: address };
    expect(await doAct("miner", ["stake", "set-operator", address])).toEqual({ operator });
    expect(await doAct("miner", ["stake", "set-payout", address])).toEqual({
      payout: { before: somebody, after: address },
    });
  });
  it("announce capabilities, which only an event shows", async () => {
    const hash = `0x${"6b".repeat(32)}`;
    expect(await doAct("miner", ["stake", "announce", hash])).toEqual({});
    const shown = await lode("miner", ["stake", "announce", hash, "--dry-run"]);
    expect(shown.out).toContain(`event CapabilitiesAnnounced { staker: `);
    expect(shown.out).toContain(hash);
  });
  it("thaw and withdraw", async () => {
    const thawing = await doAct("miner", ["unstake", "--amount", "100"]);
    expect(thawing).toMatchObject({ stake: { after: wei(415) }, "stake, thawing": { after: wei(100) } });
    const { timestamp } = await devnet.chain.client.getBlock();
    expect(Number(thawing["stake, thaw ends"]!.after)).toBe(Number(timestamp) + 7 * 86_400);
    await passDays(7);
    const withdrawn = await doAct("miner", ["withdraw"]);
    expect(withdrawn["stake, thawing"]).toEqual({ before: wei(100), after: "0" });
    expect(BigInt(withdrawn["wallet"]!.after) - BigInt(withdrawn["wallet"]!.before)).toBe(10n ** 20n);
  });
});

describe("acts on LODE", () => {
  it("transfer", async () => {
    const changed = await doAct("client", ["token", "transfer", somebody, "25", "--yes"]);
    expect(changed).toMatchObject({ wallet: { after: wei(99_975) }, receiver: { before: "0", after: wei(25) } });
  });
  it("approve, and what is approved already is not approved again", async () => {
    const { paymentEscrow } = devnet.addresses;
    expect(await doAct("client", ["token", "approve", paymentEscrow, "7"])).toEqual({
      allowance: { before: "0", after: wei(7) },
    });
    const args = ["client", "deposit", "7", "--payee", people.coordinator.address, "--dry-run"];
    expect((await json("client", args)).acts.map((act) => act.function)).toEqual(["deposit"]);
    await doAct("client", ["token", "approve", paymentEscrow, "0"]);
  });
  it("delegate votes", async () => {
    const changed = await doAct("client", ["token", "delegate", people.client.address]);
    expect(changed).toMatchObject({ votes: { before: "0", after: wei(99_975) } });
    const moved = await doAct("client", ["token", "delegate", people.hot.address]);
    expect(moved).toMatchObject({ votes: { after: "0" }, "votes of the delegate": { after: wei(99_975) } });
  });
  it("burn", async () => {
    const changed = await doAct("client", ["token", "burn", "0.5", "--yes"]);
    const { before, after } = changed["LODE in existence"]!;
    expect(BigInt(before) - BigInt(after)).toBe(5n * 10n ** 17n);
  });
});

describe("acts of a client", () => {
  const payee = (): string => people.coordinator.address;
  it("deposit with an approval, with a permit, and for somebody else", async () => {
    expect(await doAct("client", ["client", "deposit", "50", "--payee", payee()])).toMatchObject({
      account: { before: "0", after: wei(50) },
    });
    expect(await doAct("client", ["client", "deposit", "10", "--payee", payee(), "--permit"])).toMatchObject({
      account: { before: wei(50), after: wei(60) },
    });
    const args = ["client", "deposit", "5", "--payee", payee(), "--for", people.client.address, "--yes"];
    expect(await doAct("miner", args)).toMatchObject({ account: { after: wei(65) } });
  });
  it("authorise a signer with its keystore", async () => {
    const { keystoreFile, passwordFile, address } = people.hot;
    const key = ["--signer-wallet", keystoreFile, "--signer-password-file", passwordFile];
    const changed = await doAct("client", ["client", "authorize", payee(), "40", "--until", "20d", ...key]);
    expect(changed).toMatchObject({ "signer, cap": { before: "0", after: wei(40) } });
    const told = await lode("client", ["client", "authorize", payee(), "45", "--dry-run", ...key]);
    expect(told.out).toContain(address);
  });
  it("authorise a signer with the proof that its holder made", async () => {
    const made = await lode("poor", ["client", "prove", people.client.address, payee()]);
    expect(made.code).toBe(0);
    const changed = await doAct("client", ["client", "authorize", payee(), "1", ...made.out.split(" ")]);
    expect(changed).toMatchObject({ "signer, cap": { before: "0", after: wei(1) } });
  });
  it("revoke a signer", async () => {
    const changed = await doAct("client", ["client", "revoke", payee(), people.hot.address]);
    const { timestamp } = await devnet.chain.client.getBlock();
    expect(Number(changed["signer, until"]!.after)).toBe(Number(timestamp) + 3 * 86_400);
  });
  it("thaw and withdraw part of an account", async () => {
    expect(await doAct("client", ["client", "thaw", payee(), "5"])).toMatchObject({
      account: { before: wei(65), after: wei(65) },
      "account, thawing": { after: wei(5) },
    });
    await passDays(7);
    expect(await doAct("client", ["client", "withdraw", payee()])).toMatchObject({
      account: { before: wei(65), after: wei(60) },
      "account, thawing": { after: "0" },
      "account, thaw ends": { after: "0" },
    });
  });
});

describe("acts on a pool", () => {
  it("deposit, thaw and withdraw", async () => {
    expect(await doAct("coordinator", ["pool", "deposit", "30"])).toMatchObject({ pool: { after: wei(30) } });
    const args = ["pool", "deposit", "2", "--for", people.coordinator.address, "--yes"];
    expect(await doAct("client", args)).toMatchObject({ pool: { before: wei(30), after: wei(32) } });
    expect(await doAct("coordinator", ["pool", "thaw", "12"])).toMatchObject({ "pool, thawing": { after: wei(12) } });
    await passDays(7);
    expect(await doAct("coordinator", ["pool", "withdraw"])).toMatchObject({ pool: { after: wei(20) } });
  });
  it("authorise and revoke a signer", async () => {
    const { keystoreFile, passwordFile, address } = people.hot;
    const key = ["--signer-wallet", keystoreFile, "--signer-password-file", passwordFile];
    expect(await doAct("coordinator", ["pool", "authorize", "9", ...key])).toMatchObject({
      "pool signer, cap a day": { before: "0", after: wei(9) },
    });
    const made = await lode("poor", ["pool", "prove", people.coordinator.address]);
    await doAct("coordinator", ["pool", "authorize", "1", ...made.out.split(" ")]);
    const revoked = await doAct("coordinator", ["pool", "revoke", address]);
    expect(Number(revoked["pool signer, until"]!.after)).toBeLessThan(Number(revoked["pool signer, until"]!.before));
  });
});

describe("acts on vouchers", () => {
  it("collect one, and several of which one is stale", async () => {
    const [client, coordinator, miner] = [people.client, people.coordinator, people.miner].map(
      ({ address }) => address,
    );
    const one = await voucherFile([{ from: "client", to: "coordinator", lode: 10 }]);
    expect(await doAct("poor", ["collect", "--vouchers", one])).toMatchObject({
      [`${client} paid ${coordinator}`]: { before: "0", after: wei(10) },
      [`account of ${client}`]: { before: wei(60), after: wei(50) },
      [`pool of ${coordinator}`]: { before: wei(20), after: wei(29.9) },
    });
    const many = await voucherFile([
      { from: "client", to: "coordinator", lode: 10 },
      { from: "client", to: "coordinator", lode: 20 },
      { from: "coordinator", to: "miner", lode: 35, kind: 1 },
    ]);
    expect(await doAct("miner", ["collect", "--vouchers", many])).toMatchObject({
      [`pool of ${miner}`]: { before: "0", after: wei(35) },
      [`pool of ${coordinator}`]: { before: wei(29.9), after: wei(4.8) },
    });
  });
  it("sweep one's own balance and somebody's", async () => {
    expect(await doAct("miner", ["sweep"])).toMatchObject({ pool: { before: wei(35), after: "0" } });
    const more = await voucherFile([{ from: "coordinator", to: "miner", lode: 36, kind: 1 }]);
    await doAct("poor", ["collect", "--vouchers", more]);
    expect(await doAct("poor", ["sweep", people.miner.address])).toMatchObject({ pool: { after: "0" } });
  });
  it("sweep several balances, those that cannot be swept left out", async () => {
    const more = await voucherFile([{ from: "coordinator", to: "miner", lode: 37, kind: 1 }]);
    await doAct("poor", ["collect", "--vouchers", more]);
    const [miner, coordinator] = [people.miner.address.toLowerCase(), people.coordinator.address.toLowerCase()];
    const changed = await doAct("poor", ["sweep-many", `${miner},${coordinator},${miner}`]);
    expect(changed).toMatchObject({ [`pool of ${miner}`]: { before: wei(1), after: "0" } });
    const kept = changed[`pool of ${coordinator}`];
    expect(kept?.after).toBe(kept?.before);
  });
  it("burn the fees", async () => {
    const changed = await doAct("poor", ["burn-fees"]);
    const { timestamp } = await devnet.chain.client.getBlock();
    const epoch = timestamp / (7n * 86_400n);
    expect(changed).toMatchObject({
      [`fees of epoch ${epoch}`]: { after: wei(0.2) },
      [`fees of epoch ${epoch}, burned`]: { before: "0", after: wei(0.2) },
    });
  });
  it("anchor a log", async () => {
    const root = `0x${"11".repeat(32)}`;
    const changed = await doAct("coordinator", ["ledger", "anchor", "--root", root, "--size", "12", "--yes"]);
    expect(changed).toMatchObject({ anchors: { after: "1" }, "log size": { before: "0", after: "12" } });
  });
});

describe("a refusal is a sentence with its values, and sends nothing", () => {
  const coordinator = (): string => people.coordinator.address;
  const thief = async (): Promise<string> => {
    const file = await voucherFile([{ from: "poor", to: "miner", lode: 1 }]);
    const { voucher, signature } = JSON.parse(readFileSync(file, "utf8")) as { voucher: Voucher; signature: string };
    writeFileSync(file, JSON.stringify({ voucher: { ...voucher, payer: people.client.address }, signature }));
    return file;
  };
  it.each<[string, Name, () => string[] | Promise<string[]>, RegExp]>([
    [
      "registering twice in another role",
      "miner",
      () => ["stake", "top-up", somebody, "1", "--yes"],
      /has no stake; stake first/,
    ],
    ["too little left", "miner", () => ["unstake", "414"], /leaves 1000000000000000000 wei staked, the minimum is/],
    ["more than is staked", "miner", () => ["unstake", "9999"], /Only \d+ wei are staked/],
    ["nothing thawing", "miner", () => ["withdraw"], /no stake thawing/],
    ["no stake", "poor", () => ["stake", "set-operator", somebody], /has no stake; stake first/],
    ["no LODE", "poor", () => ["stake", "500"], /has 0 LODE, 500 LODE are needed/],
    ["no LODE to send", "poor", () => ["token", "transfer", somebody, "1", "--yes"], /has 0 LODE/],
    [
      "paying oneself",
      "client",
      () => ["client", "deposit", "1", "--payee", people.client.address],
      /cannot pay itself/,
    ],
    [
      "thawing more than there is",
      "client",
      () => ["client", "thaw", coordinator(), "900"],
      /The account holds \d+ wei/,
    ],
    ["withdrawing nothing", "client", () => ["client", "withdraw", coordinator()], /Nothing is thawing/],
    ["revoking a stranger", "client", () => ["client", "revoke", coordinator(), somebody], /may not sign for/],
    [
      "a foreign proof",
      "client",
      () => ["client", "authorize", coordinator(), "1", "--signer", somebody, "--proof", `0x${"00".repeat(65)}`],
      /proof of .* is not its signature/,
    ],
    [
      "a proof too late",
      "client",
      async () => {
        const made = await lode("hot", ["client", "prove", people.client.address, coordinator()]);
        return ["client", "authorize", coordinator(), "50", "--until", "1000", ...made.out.split(" ")];
      },
      /would expire in the past \(1000\)/,
    ],
    ["revoking no pool signer", "miner", () => ["pool", "revoke", somebody], /may not sign for/],
    ["an empty pool", "miner", () => ["pool", "thaw", "1"], /The account holds 0 wei/],
    ["sweeping a pool", "coordinator", () => ["sweep"], /its pool pays miners and leaves only by a thaw/],
    ["sweeping nothing", "poor", () => ["sweep"], /nothing to sweep; collect first/],
    [
      "a stale voucher",
      "poor",
      async () => ["collect", "--vouchers", await voucherFile([{ from: "client", to: "coordinator", lode: 5 }])],
      /are collected already/,
    ],
    [
      "a stolen voucher",
      "poor",
      async () => ["collect", "--vouchers", await thief()],
      /may not sign for|nothing in this account/,
    ],
    [
      "a log that shrinks",
      "coordinator",
      () => ["ledger", "anchor", "--root", zeroHash, "--size", "3", "--yes"],
      /3 entries, 12 are anchored/,
    ],
    [
      "anchoring for somebody",
      "miner",
      () => ["ledger", "anchor", coordinator(), "--root", zeroHash, "--size", "13", "--yes"],
      /may not anchor for/,
    ],
    ["no fees", "poor", () => ["burn-fees"], /No fees of epoch \d+ are left to burn/],
  ])("%s", async (_name, who, args, sentence) => {
    const before = await stateOf(who);
    for (const extra of [["--dry-run"], []]) {
      const ran = await lode(who, [...(await args()), ...extra]);
      expect(ran.err).toMatch(sentence);
      expect(isSentence(ran.err)).toBe(true);
      expect(ran.code).toBe(5);
    }
    expect(await stateOf(who)).toEqual(before);
  });

  it.each<[string, string[], RegExp]>([
    ["an address that is none", ["stake", "set-operator", "0x12"], /is not an address; write 0x and 40/],
    ["a hash that is none", ["stake", "announce", "0x12"], /is not a hash/],
    [
      "a size that is none",
      ["ledger", "anchor", "--root", zeroHash, "--size", "many", "--yes"],
      /is not a whole number/,
    ],
    ["a time that is none", ["pool", "authorize", "1", "--until", "soon"], /is not a time; write 30d/],
    ["no signer", ["pool", "authorize", "1"], /Name the signer: --signer-wallet/],
    ["no amount", ["unstake"], /Give the amount/],
    [
      "a voucher file that is not there",
      ["collect", "--vouchers", "/nowhere.json"],
      /^There is no file \/nowhere\.json\./,
    ],
    ["a voucher file that is none", ["collect", "--vouchers", import.meta.filename], /cannot be read as JSON/],
  ])("%s is wrong usage", async (_name, args, sentence) => {
    const ran = await lode("miner", args);
    expect(ran.err).toMatch(sentence);
    expect(ran.code).toBe(2);
  });
});

describe("what cannot be undone", () => {
  const args = ["token", "transfer", somebody, "1"];
  it("is refused without --yes where nobody can be asked", async () => {
    const before = await stateOf("client");
    const ran = await lode("client", args);
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.err).toMatch(/will belong to .* for good\. Look at it with --dry-run, and add --yes/);
    expect(await stateOf("client")).toEqual(before);
  });
  it("is shown to a person, who decides", async () => {
    const before = await stateOf("client");
    const no = await lode("client", args, {}, ["n"]);
    expect(no).toMatchObject({ code: 2 });
    expect(no.err).toContain("receiver");
    expect(await stateOf("client")).toEqual(before);
    expect(await lode("client", args, {}, ["y"])).toMatchObject({ code: 0 });
  });
});

describe("a dry run", () => {
  it("prints the call, its arguments, gas, fee and a table", async () => {
    const { out } = await lode("client", ["pool", "deposit", "3", "--dry-run"]);
    expect(out).toMatch(/PaymentEscrow 0x[0-9a-f]{40}: depositPool\n/);
    expect(out).toContain("amountWei: 3 LODE (3000000000000000000 wei)");
    expect(out).toMatch(/gas: \d+, fee 0\.\d+ ETH \(\d+ wei\)/);
    expect(out).toMatch(/before +after\n/);
    expect(out).toMatch(/pool +0 LODE +3 LODE/);
    expect(out).toMatch(/Nothing was sent\.$/);
  });
  it("needs no password", async () => {
    const ran = await lode("client", ["pool", "deposit", "3", "--dry-run"], { KEYSTORE_PASSWORD_FILE: "/nowhere" });
    expect(ran.code).toBe(0);
  });
  it("refuses the contracts of another chain", async () => {
    const file = join(folder, "elsewhere.json");
    writeFileSync(file, JSON.stringify({ ...devnet.addresses, chainId: 1 }));
    const ran = await lode("client", ["pool", "deposit", "3", "--addresses", file]);
    expect(ran).toMatchObject({ code: 4 });
    expect(ran.err).toContain("is chain 31337, the contracts are on chain 1");
  });

  describe("on a node without eth_simulateV1", () => {
    let proxy: Server;
    let url: string;
    beforeAll(async () => {
      proxy = createServer((request, response) => {
        void (async () => {
          const body = Buffer.concat(await request.toArray()).toString();
          const { id, method } = JSON.parse(body) as { id: number; method: string };
          const unknown = { jsonrpc: "2.0", id, error: { code: -32601, message: "the method does not exist" } };
          const answer =
            method === "eth_simulateV1"
              ? JSON.stringify(unknown)
              : await (
                  await fetch(devnet.rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } })
                ).text();
          response.setHeader("content-type", "application/json").end(answer);
        })();
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    });
    afterAll(() => void proxy.close());

    it.each([
      [["pool", "deposit", "3"]],
      [["client", "deposit", "4", "--payee", somebody, "--permit"]],
      [["token", "delegate", somebody]],
    ])("%j says the same figures", async (args) => {
      const [direct, without] = [
        await json("client", [...args, "--dry-run"]),
        await json("client", [...args, "--dry-run", "--rpc", url]),
      ];
      expect(without.changes).toEqual(direct.changes);
      const off = Math.abs(Number(without.acts[0]!.gas) - Number(direct.acts[0]!.gas)) / Number(direct.acts[0]!.gas);
      expect(off).toBeLessThan(0.5);
    });
    it("says the same refusals", async () => {
      const ran = await lode("poor", ["stake", "500", "--rpc", url]);
      expect(ran).toMatchObject({ code: 5 });
      expect(ran.err).toMatch(/has 0 LODE/);
    });
  });
});

describe("lode chain show", () => {
  it("prints all of an account", async () => {
    const { code, out } = await lode("poor", ["chain", "show", people.coordinator.address]);
    expect(code).toBe(0);
    expect(out).toMatch(/role +coordinator/);
    expect(out).toMatch(/stake +5000 LODE/);
    expect(out).toContain(`Account from ${people.client.address}`);
    expect(out).toContain(`Pool payments to ${people.miner.address}`);
    expect(out).toContain(`Signer ${people.hot.address} on the pool`);
    expect(out).toMatch(/log size +12/);
  });
  it("prints the wallet's own, as JSON too", async () => {
    const { out } = await lode("client", ["chain", "show", "--json"]);
    const { address, sections } = JSON.parse(out) as { address: string; sections: { title: string }[] };
    expect(address).toBe(people.client.address);
    expect(sections.map(({ title }) => title)).toContain(
      `Signer ${people.hot.address} to ${people.coordinator.address}`,
    );
  });
});
