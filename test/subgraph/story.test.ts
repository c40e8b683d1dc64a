import {
  everyAbi,
  courtAbi,
  faultProofsAbi,
  lodeTokenAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  stakingAbi,
  zkJobsAbi,
} from "@lode/sdk/abi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExplorerInfo } from "@lode/protocol";
import type { Addresses } from "@lode/sdk/addresses";
import { toEventSelector, type Abi, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bedOn, type Bed } from "../../scripts/bench/gas/bed.ts";
import { depositPool, oddWei } from "../../scripts/bench/gas/acts.ts";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";
import { readAnchors } from "../../coordinator/web/src/chain/anchors.ts";
import { readCases } from "../../coordinator/web/src/chain/cases.ts";
import { readCollected, readIncome } from "../../coordinator/web/src/chain/collections.ts";
import { readCollateral, readStakes } from "../../coordinator/web/src/chain/stake.ts";
import type { Told } from "../../coordinator/web/src/chain/told.ts";
import { root } from "../../scripts/root.ts";
import { startTestIndexer, type TestIndexer } from "../helpers/indexer.ts";
import { tellOfDisputes, tellOfPayments, type Cast } from "../helpers/story-of-events.ts";
import { tellOfRarities } from "../helpers/story-of-rarities.ts";

/** A contract that is indexed, and its name among the addresses. */
interface Source {
  readonly name: string;
  readonly contract: keyof Addresses;
}

const folder = join(root, "subgraph");

let devnet: TestDevnet;
let bed: Bed;
let indexer: TestIndexer;
let cast: Cast;

beforeAll(async () => {
  devnet = await startDevnet();
  bed = await bedOn(devnet.chain, devnet.addresses);
  indexer = await startTestIndexer(devnet);
  cast = await tellOfPayments(bed);
  await tellOfDisputes(bed, cast);
}, 600_000);
afterAll(async () => {
  await indexer.stop();
  await devnet.stop();
});

/** A view of a contract at the chain's head. */
function read(address: Hex, abi: Abi, functionName: string, ...args: unknown[]): Promise<any> {
  return bed.client.readContract({ address, abi, functionName, args });
}
const staking = (name: string, ...args: unknown[]) => read(devnet.addresses.staking, stakingAbi, name, ...args);
const escrow = (name: string, ...args: unknown[]) =>
  read(devnet.addresses.paymentEscrow, paymentEscrowAbi, name, ...args);
const token = (name: string, ...args: unknown[]) => read(devnet.addresses.lodeToken, lodeTokenAbi, name, ...args);

const sum = (rows: readonly any[], field: string): bigint =>
  rows.reduce((total, row) => total + BigInt(row[field]), 0n);

/** Every total of the index against the contracts' own state. */
async function compare(): Promise<void> {
  const data = await indexer.ask(`{
    protocol(id: "lode") {
      stakedWei thawingWei slashedWei accountsWei poolsWei feesWei feesBurnedWei supplyWei feePpm jurorWeight
      depositedWei paidOutWei collectedWei pooledWei rewardsWei miners coordinators clients anchors
    }
    stakers(first: 1000) { id role operator payout stakedWei thawingWei thawEndsAt slashedWei withdrawnWei freezes }
    miners(first: 1000) { id earnedWei rewardsWei } coordinators(first: 1000) { id epoch logSize anchoredAt isForked }
    accounts(first: 1000) { client { id } payee balanceWei thawingWei thawEndsAt depositedWei withdrawnWei channel { collectedWei } }
    clients(first: 100) { id balanceWei depositedWei spentWei withdrawnWei accounts { balanceWei } }
    pools(first: 1000) { id balanceWei thawingWei thawEndsAt epoch isFrozen depositedWei earnedWei spentWei withdrawnWei sweptWei takenWei }
    channels(first: 1000) { payer payee kind collectedWei count }
    sessionSigners(first: 1000) { payer payee signer capWei expiresAt isRevoked }
    poolSigners(first: 1000) { payer signer dailyCapWei expiresAt isRevoked }
    feeEpoches(first: 100) { number accruedWei burnedWei payees { payee feesWei } }
    holders(first: 1000) { id balanceWei votesWei delegate }
    jurors(first: 1000) { id weight isActive }
    exhibits { payer payee cumulativeWei epoch exhibitedAt }
    stakeSlasheds(first: 1000) { amountWei } payments(first: 1000) { paidWei feeWei kind }
  }`);
  const { protocol } = data;
  for (const row of data.stakers) {
    const [role, stakedWei, thawingWei, thawEndsAt] = await staking("stakeOf", row.id);
    const freezes = await staking("freezesOf", row.id);
    const [operator, payout] = [await staking("operatorOf", row.id), await staking("payoutOf", row.id)];
    expect({ ...row, slashedWei: undefined, withdrawnWei: undefined }).toEqual({
      id: row.id,
      role: ["", "MINER", "COORDINATOR"][role],
      operator: operator.toLowerCase(),
      payout: payout.toLowerCase(),
      stakedWei: `${stakedWei}`,
      thawingWei: `${thawingWei}`,
      thawEndsAt: `${thawEndsAt}`,
      freezes,
    });
  }
  const inStaking = await token("balanceOf", devnet.addresses.staking);
  expect(BigInt(protocol.stakedWei) + BigInt(protocol.thawingWei)).toBe(inStaking);
  expect(sum(data.stakers, "stakedWei")).toBe(BigInt(protocol.stakedWei));
  expect(sum(data.stakers, "thawingWei")).toBe(BigInt(protocol.thawingWei));
  expect(sum(data.stakers, "slashedWei")).toBe(BigInt(protocol.slashedWei));
  expect(sum(data.stakeSlasheds, "amountWei")).toBe(BigInt(protocol.slashedWei));

  for (const row of data.accounts) {
    const [balanceWei, thawingWei, thawEndsAt] = await escrow("accountOf", row.client.id, row.payee);
    expect(row).toMatchObject({
      balanceWei: `${balanceWei}`,
      thawingWei: `${thawingWei}`,
      thawEndsAt: `${thawEndsAt}`,
    });
    const left = BigInt(row.depositedWei) - BigInt(row.withdrawnWei) - BigInt(row.channel?.collectedWei ?? 0);
    expect(left).toBe(balanceWei);
  }
  for (const row of data.pools) {
    const [balanceWei, thawingWei, thawEndsAt, epoch] = await escrow("poolOf", row.id);
    const isFrozen = await escrow("isPoolFrozen", row.id);
    expect(row).toMatchObject({
      balanceWei: `${balanceWei}`,
      thawingWei: `${thawingWei}`,
      thawEndsAt: `${thawEndsAt}`,
      epoch: `${epoch}`,
      isFrozen,
    });
    const came = BigInt(row.depositedWei) + BigInt(row.earnedWei);
    const went = ["spentWei", "withdrawnWei", "sweptWei", "takenWei"].reduce(
      (all, each) => all + BigInt(row[each]),
      0n,
    );
    expect(came - went).toBe(balanceWei);
  }
  for (const row of data.channels) {
    const kind = ["DEDICATED", "POOLED"].indexOf(row.kind);
    const [collectedWei, count] = await escrow("channelOf", row.payer, row.payee, kind);
    expect(row).toMatchObject({ collectedWei: `${collectedWei}`, count: `${count}` });
  }
  for (const row of data.sessionSigners) {
    const [capWei, expiresAt] = await escrow("signerOf", row.payer, row.payee, row.signer);
    expect(row).toMatchObject({ capWei: `${capWei}`, expiresAt: `${expiresAt}` });
  }
  for (const row of data.poolSigners) {
    const [dailyCapWei, expiresAt] = await escrow("poolSignerOf", row.payer, row.signer);
    expect(row).toMatchObject({ dailyCapWei: `${dailyCapWei}`, expiresAt: `${expiresAt}` });
  }
  for (const row of data.feeEpoches) {
    const [accruedWei, burnedWei] = await escrow("feesOf", row.number);
    expect(row).toMatchObject({ accruedWei: `${accruedWei}`, burnedWei: `${burnedWei}` });
    for (const { payee, feesWei } of row.payees)
      expect(feesWei).toBe(`${await escrow("payeeFeesWei", row.number, payee)}`);
  }
  const inEscrow = await token("balanceOf", devnet.addresses.paymentEscrow);
  const unburned = BigInt(protocol.feesWei) - BigInt(protocol.feesBurnedWei);
  expect(BigInt(protocol.accountsWei) + BigInt(protocol.poolsWei) + unburned).toBe(inEscrow);
  expect(sum(data.accounts, "balanceWei")).toBe(BigInt(protocol.accountsWei));
  expect(sum(data.clients, "balanceWei")).toBe(BigInt(protocol.accountsWei));
  expect(sum(data.pools, "balanceWei")).toBe(BigInt(protocol.poolsWei));
  expect(sum(data.feeEpoches, "accruedWei")).toBe(BigInt(protocol.feesWei));
  expect(protocol.feePpm).toBe(await escrow("protocolFeePpm"));
  const paid = (kind: string): bigint =>
    sum(
      data.payments.filter((each: any) => each.kind === kind),
      "paidWei",
    );
  expect([paid("DEDICATED"), paid("POOLED")]).toEqual([BigInt(protocol.collectedWei), BigInt(protocol.pooledWei)]);
  expect(sum(data.payments, "feeWei")).toBe(BigInt(protocol.feesWei));

  expect(protocol.supplyWei).toBe(`${await token("totalSupply")}`);
  for (const row of data.holders) {
    expect(row.balanceWei).toBe(`${await token("balanceOf", row.id)}`);
    expect(row.votesWei).toBe(`${await token("getVotes", row.id)}`);
    expect(row.delegate ?? `0x${"0".repeat(40)}`).toBe((await token("delegates", row.id)).toLowerCase());
  }
  for (const row of data.coordinators) {
    const [epoch, size, anchoredAt] = await read(devnet.addresses.receiptLedger, receiptLedgerAbi, "headOf", row.id);
    expect(row).toMatchObject({
      epoch: `${epoch}`,
      logSize: `${size}`,
      anchoredAt: epoch === 0n ? null : `${anchoredAt}`,
    });
    expect(row.isForked).toBe(await read(devnet.addresses.faultProofs, faultProofsAbi as Abi, "isForked", row.id));
  }
  for (const row of data.jurors) {
    const [weight] = await read(devnet.addresses.court, courtAbi, "jurorOf", row.id);
    expect(row.weight).toBe(`${weight}`);
  }
  expect(protocol.jurorWeight).toBe(`${await read(devnet.addresses.court, courtAbi as Abi, "totalWeight")}`);
  for (const row of data.exhibits) {
    const shown = await read(devnet.addresses.faultProofs, faultProofsAbi, "exhibitOf", row.payer, row.payee);
    expect(row).toMatchObject({
      cumulativeWei: `${shown.cumulativeWei}`,
      epoch: `${shown.epoch}`,
      exhibitedAt: `${shown.exhibitedAt}`,
    });
  }
  expect([data.stakers.length, data.miners.length + data.coordinators.length]).toEqual([
    protocol.miners + protocol.coordinators,
    protocol.miners + protocol.coordinators,
  ]);
}

/** Entities of every event by name, as many as the chain has logs of. */
async function countEvents(): Promise<{ indexed: Record<string, number>; onChain: Record<string, number> }> {
  const names = new Map<string, string>();
  for (const abi of everyAbi as readonly Abi[]) {
    for (const item of abi) if (item.type === "event") names.set(toEventSelector(item), item.name);
  }
  const { chainId: _, deployedAtBlock: __, ...contracts } = devnet.addresses;
  const logs = await bed.client.getLogs({ address: Object.values<Hex>(contracts), fromBlock: 0n });
  const onChain: Record<string, number> = {};
  for (const { topics } of logs) {
    const name = names.get(topics[0]!)!;
    onChain[name] = (onChain[name] ?? 0) + 1;
  }
  const { __schema } = await indexer.ask(
    "{ __schema { queryType { fields { name type { kind ofType { ofType { ofType { name fields { name } } } } } } } } }",
  );
  const indexed: Record<string, number> = {};
  for (const { name, type } of __schema.queryType.fields) {
    const entity = type.ofType?.ofType?.ofType;
    if (entity?.fields?.some((field: any) => field.name === "logIndex") !== true) continue;
    const { rows } = await indexer.ask(`{ rows: ${name}(first: 1000) { id } }`);
    // Records of one event of several contracts are told apart by their entities only where their shapes differ.
    const event = entity.name
      .replace(/^Timelock/, "")
      .replace("DomainChanged", "EIP712DomainChanged")
      .replace("CallCancelled", "Cancelled");
    if (rows.length > 0) indexed[event] = (indexed[event] ?? 0) + rows.length;
  }
  return { indexed, onChain };
}

describe("the compiled mappings over a story's logs", { timeout: 300_000 }, () => {
  it("keep every log as the record of its event", async () => {
    const { indexed, onChain } = await countEvents();
    expect(indexed).toEqual(onChain);
    expect(Object.keys(onChain).length).toBeGreaterThan(50);
  });

  it("come to the contracts' own state", compare);

  it("tell of the case, the demand, the faults and the shortfalls", async () => {
    const data = await indexer.ask(`{
      cases { stage verdict votes commits reveals challenger accused { id faults } model { digest cases wrongOutputs }
        seats(where: { penaltyWei_gt: "0" }) { juror { id penaltiesWei juries } verdict } }
      demands { status subject accused { id } closedAt }
      faults(orderBy: punishedAt) { kind accused { id } takenWei refundWei rewardWei burnedWei }
      spells(orderBy: number) { number stage dueWei closedAt creditors { payee declaredWei curedWei } }
      pools(where: { spell_not: null }) { id }
    }`);
    const [first, second, third] = cast.miners.map(({ address }) => address);
    expect(data.cases).toMatchObject([
      {
        ...{
          stage: "DECIDED",
          verdict: "WRONG",
          votes: "4",
          commits: 4,
          reveals: 4,
          challenger: cast.clients[0]!.address,
        },
        accused: { id: first, faults: 1 },
        model: { cases: 1, wrongOutputs: 1 },
        seats: [{ juror: { id: cast.jurors[0]!.address, juries: 1 }, verdict: "NONE" }],
      },
    ]);
    expect(data.demands).toMatchObject([
      { status: "FAILED", subject: "IN_LOG", accused: { id: cast.coordinator.address } },
    ]);
    expect(data.faults).toMatchObject([
      { kind: "EQUIVOCATION", accused: { id: second } },
      { kind: "OMITTED", accused: { id: cast.coordinator.address } },
      { kind: "WRONG_OUTPUT", accused: { id: first } },
    ]);
    expect(data.spells).toMatchObject([
      { number: 1, stage: "RELEASED", creditors: [{ payee: second, curedWei: "0" }] },
      { number: 2, stage: "CURED", dueWei: "0", creditors: [{ payee: third }] },
    ]);
    const [{ declaredWei, curedWei }] = data.spells[1].creditors;
    expect(curedWei).toBe(declaredWei);
    expect(data.pools).toEqual([]);
  });

  it("roll entities back with the chain, and follow the fork that won", async () => {
    const { block: before } = (await indexer.ask("{ _meta { block { number hash } } }"))._meta;
    const everything = `{ protocols { poolsWei depositedWei } pools(orderBy: id) { id balanceWei depositedWei spells }
      poolDepositeds { id } flows { id inWei } holders(orderBy: id) { id balanceWei } }`;
    const then = await indexer.ask(everything);
    const snapshot = await bed.client.snapshot();
    await depositPool(bed, cast.coordinator, oddWei(11n));
    await depositPool(bed, cast.miners[0]!, oddWei(12n));
    const lost = await indexer.ask(everything);
    expect(lost.poolDepositeds.length).toBe(then.poolDepositeds.length + 2);
    await compare();

    await bed.client.revert({ id: snapshot });
    expect(await indexer.ask(everything)).toEqual(then);
    expect((await indexer.ask("{ _meta { block { hash } } }"))._meta.block.hash).toBe(before.hash);
    // The other fork is longer, and another deposit is in it.
    await depositPool(bed, cast.miners[1]!, oddWei(13n));
    await bed.client.mine({ blocks: 3 });
    const won = await indexer.ask(everything);
    expect(won.poolDepositeds.length).toBe(then.poolDepositeds.length + 1);
    expect(won.pools).not.toEqual(then.pools);
    await compare();
    expect(indexer.indexer.reverts).toBeGreaterThan(0);
    // The past of the fork that won can still be asked for.
    expect(
      await indexer.ask(
        everything
          .replace(/(protocols|poolDepositeds|flows)/g, `$1(block: { number: ${before.number} })`)
          .replace(/orderBy: id/g, `orderBy: id, block: { number: ${before.number} }`),
      ),
    ).toEqual(then);
  });
});

/** Events that no log of this deployment can have, and why. */
const neverLogged: Readonly<Record<string, string>> = {
  "LodeToken.EIP712DomainChanged": "the domain is fixed when the contract is made",
  "PaymentEscrow.EIP712DomainChanged": "the domain is fixed when the contract is made",
  "ReceiptLedger.EIP712DomainChanged": "the domain is fixed when the contract is made",
  "Randomness.RandomnessVerified": "a devnet draws by block hashes; drand serves rollups",
  "Timelock.RoleAdminChanged": "the controller never changes the admin of a role",
};

describe("what happens rarely", { timeout: 300_000 }, () => {
  beforeAll(() => tellOfRarities(bed, cast), 300_000);

  it("leaves no event of any contract without a log, and so no handler that is not executed", async () => {
    const silent: string[] = [];
    for (const { name, contract } of JSON.parse(readFileSync(join(folder, "sources.json"), "utf8")) as Source[]) {
      const address = devnet.addresses[contract];
      if (typeof address !== "string") throw new Error(`the devnet has no ${contract}`);
      const logs = await bed.client.getLogs({ address, fromBlock: 0n });
      const seen = new Set(logs.map(({ topics }) => topics[0]));
      const abi = JSON.parse(readFileSync(join(folder, "abis", `${name}.json`), "utf8")) as Abi;
      for (const item of abi) {
        if (item.type === "event" && !seen.has(toEventSelector(item))) silent.push(`${name}.${item.name}`);
      }
    }
    expect(silent.sort()).toEqual(Object.keys(neverLogged).sort());
  });

  it("is kept, log by log, and comes to the contracts' own state", async () => {
    const { indexed, onChain } = await countEvents();
    expect(indexed).toEqual(onChain);
    await compare();
  });

  describe("tells the explorer's visitors the same as the chain's own events", () => {
    /** What the index told, the chain without one, and the chain when the index is away. */
    async function askAll<T>(ask: (info: ExplorerInfo) => Promise<Told<T>>): Promise<readonly Told<T>[]> {
      const { chainId: id, deployedAtBlock, ...addresses } = devnet.addresses;
      const at = (graphqlUrl: string | null): ExplorerInfo => {
        const chain = { id, rpcUrl: devnet.rpcUrl, graphqlUrl, addresses, deployedAtBlock };
        return { chain, coordinator: cast.coordinator.address } as unknown as ExplorerInfo;
      };
      await indexer.ask("{ _meta { block { number } } }");
      const told = await Promise.all([indexer.url, null, `${indexer.url}/away`].map((url) => ask(at(url))));
      expect(told.map(({ from, isIndexAway }) => [from, isIndexAway])).toEqual([
        ["index", false],
        ["chain", false],
        ["chain", true],
      ]);
      expect(told[0]!.block).toBe(indexer.indexer.head === undefined ? -1 : Number(indexer.indexer.head.number));
      return told;
    }

    it("of disputes", async () => {
      const told = (await askAll(readCases)).map(({ value }) =>
        value
          .map(({ title, accused, challenger, receipt, state, tone, transaction, block }) =>
            [title, accused, challenger, receipt, state, tone, transaction, block].join(" ").toLowerCase(),
          )
          .sort(),
      );
      expect(told[0]).toHaveLength(8);
      expect(told[1]).toEqual(told[0]);
      expect(told[2]).toEqual(told[0]);
    });

    it("of anchors", async () => {
      const [indexed, read, away] = await askAll(readAnchors);
      expect(indexed!.value.length).toBeGreaterThan(0);
      expect(read!.value).toEqual(indexed!.value);
      expect(away!.value).toEqual(indexed!.value);
    });

    it("of stakes, and of faults where the index tells them", async () => {
      const stakers = [cast.coordinator, cast.miners[0]!, cast.clients[0]!].map(({ address }) => address);
      const [indexed, read] = await askAll((info) => readStakes(info, stakers));
      const wei = (stakes: typeof indexed) => [...stakes!.value].map(([who, { stakedWei }]) => [who, stakedWei]).sort();
      expect(wei(indexed)).toHaveLength(2);
      expect(wei(read)).toEqual(wei(indexed));
      const faults = (stakes: typeof indexed) => stakes!.value.get(cast.coordinator.address.toLowerCase())!.faults;
      expect(faults(indexed)).toBeGreaterThan(0);
      expect(faults(read)).toBeUndefined();
    });

    it("of what was collected", async () => {
      const [indexed, read] = await askAll((info) => readIncome(info, cast.miners[0]!.address));
      expect(indexed!.value.collections).toBeGreaterThan(0);
      const plain = ({ latest, ...sums }: NonNullable<typeof indexed>["value"]) => ({
        ...sums,
        latest: latest.map((one) => ({ ...one, payer: one.payer.toLowerCase() })).sort((a, b) => a.place - b.place),
      });
      expect(plain(read!.value)).toEqual(plain(indexed!.value));
      const [byIndex, byChain] = await askAll(readCollected);
      expect(byIndex!.value.size).toBeGreaterThan(0);
      expect([...byChain!.value].sort()).toEqual([...byIndex!.value].sort());
    });

    it("of what stands behind a coordinator, where no node answers", async () => {
      const { chainId: id, ...addresses } = devnet.addresses;
      const through = (rpcUrl: string | null, graphqlUrl: string | null): ExplorerInfo =>
        ({
          chain: { id, rpcUrl, graphqlUrl, addresses },
          coordinator: cast.coordinator.address,
        }) as unknown as ExplorerInfo;
      const [indexed, read] = await Promise.all([
        readCollateral(through(null, indexer.url)),
        readCollateral(through(devnet.rpcUrl, indexer.url)),
      ]);
      expect([indexed.from, read.from]).toEqual(["index", "chain"]);
      expect(read.value).toEqual(indexed.value);
      await expect(readCollateral(through(null, `${indexer.url}/away`))).rejects.toThrow(/names no node for visitors/);
    });
  });

  it("tells how demands, cases, recoveries and proved jobs ended", async () => {
    const data = await indexer.ask(`{
      demands(orderBy: number) { number status subject compensationWei model { digest } }
      cases(orderBy: number) { number stage isBondReturned }
      spells(where: { openedAt_not: null }) { stage totalWei potWei registeredWei paidWei burnedWei creditors { payee declaredWei } }
      models { digest jobs cases engineClasses inputPriceWei outputPriceWei lowestOutputPriceWei maxInputTokens maxOutputTokens }
      jobOpeneds(orderBy: jobId) { jobId priceWei } jobAnswereds { jobId miner priceWei } jobRefundeds { jobId priceWei }
      intakePauseds { id } intakeResumeds { id } drawScheduleds { coordinator moment }
    }`);
    expect(data.demands.map(({ status, subject }: any) => [subject, status])).toEqual([
      ["IN_LOG", "FAILED"],
      ["IN_LOG", "ANSWERED"],
      ["OPENING", "VOID"],
    ]);
    expect(BigInt(data.demands[1].compensationWei)).toBeGreaterThan(0n);
    expect(data.cases).toMatchObject([{ stage: "DECIDED" }, { stage: "VOID", isBondReturned: true }]);
    expect(data.models).toEqual([
      {
        digest: data.demands[0].model.digest,
        // Three demands, two cases, and one proof of an equivocation.
        jobs: 6,
        cases: 2,
        engineClasses: [expect.stringMatching(/^0x[0-9a-f]{64}$/)],
        inputPriceWei: "1",
        outputPriceWei: "1",
        lowestOutputPriceWei: "1",
        maxInputTokens: "10",
        maxOutputTokens: "10",
      },
    ]);
    const all = `${30n * 10n ** 18n}`;
    const shares = { totalWei: all, potWei: all, registeredWei: all, paidWei: all, burnedWei: "0" };
    const payee = cast.miners[2]!.address;
    expect(data.spells).toEqual([{ stage: "CLOSED", ...shares, creditors: [{ payee, declaredWei: all }] }]);
    const zkJobs = devnet.addresses.zkJobs!;
    expect(await read(zkJobs, zkJobsAbi as Abi, "jobCount")).toBe(BigInt(data.jobOpeneds.length));
    for (const { jobId, priceWei } of data.jobOpeneds) {
      const told = await read(zkJobs, zkJobsAbi, "jobOf", BigInt(jobId));
      const [answered, refunded] = [data.jobAnswereds, data.jobRefundeds].map((rows: any[]) =>
        rows.some((row) => row.jobId === jobId),
      );
      const state = answered === true ? 2 : refunded === true ? 3 : 1;
      expect([BigInt(priceWei), told.state]).toEqual([told.priceWei, state]);
    }
    const heldWei =
      sum(data.jobOpeneds, "priceWei") - sum(data.jobAnswereds, "priceWei") - sum(data.jobRefundeds, "priceWei");
    expect(await token("balanceOf", zkJobs)).toBe(heldWei);
    expect([data.intakePauseds.length, data.intakeResumeds.length]).toEqual([2, 2]);
  });
});
