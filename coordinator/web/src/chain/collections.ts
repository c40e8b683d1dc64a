import type { ExplorerInfo } from "@lode/protocol";
import { paymentEscrowAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import { addressOf, blockRanges, openChain } from "./reader.ts";
import { askIndex, low, NoIndex, tell, type Told } from "./told.ts";

/** A collection that the chain recorded. */
export interface Payment {
  readonly payer: Hex;
  readonly paidWei: bigint;
  readonly transaction: Hex;
  readonly block: number;
  /** Its place among the block's events. */
  readonly place: number;
}

/** What the chain paid somebody. */
export interface Income {
  /** By this coordinator's pool. */
  readonly fromHereWei: bigint;
  /** By everybody. */
  readonly totalWei: bigint;
  readonly collections: number;
  /** The latest first. */
  readonly latest: readonly Payment[];
}

const pooled = 1;
const mostPayments = 8;
/** Rows that an index gives at once. */
const mostChannels = 1_000;

/** A list that may be cut tells no sums; then the chain is asked. @throws {NoIndex} */
function refuseCut(channels: readonly unknown[]): void {
  if (channels.length >= mostChannels)
    throw new NoIndex(`The index tells no more than ${mostChannels} channels at once.`);
}

interface Channels {
  readonly channels: readonly {
    readonly payer: Hex;
    readonly kind: string;
    readonly collectedWei: string;
    readonly collections: number;
  }[];
  readonly collecteds: readonly {
    readonly payer: Hex;
    readonly paidWei: string;
    readonly transactionHash: Hex;
    readonly blockNumber: string;
    readonly logIndex: string;
  }[];
}

/** What the chain paid a miner so far. @throws {NoChain} */
export async function readIncome(info: ExplorerInfo, miner: Hex): Promise<Told<Income>> {
  const [payee, coordinator] = [low(miner), low(info.coordinator)];
  return tell(
    info,
    async () => {
      const { data, block } = await askIndex<Channels>(
        info,
        `channels(first: ${mostChannels}, where: { payee: "${payee}" }) { payer kind collectedWei collections }
         collecteds(first: ${mostPayments}, orderBy: blockNumber, orderDirection: desc, where: { payee: "${payee}" }) {
           payer paidWei transactionHash blockNumber logIndex
         }`,
      );
      refuseCut(data.channels);
      const sum = (channels: Channels["channels"]): bigint =>
        channels.reduce((total, { collectedWei }) => total + BigInt(collectedWei), 0n);
      const isFromHere = ({ payer, kind }: Channels["channels"][number]): boolean =>
        low(payer) === coordinator && kind === "POOLED";
      const latest = data.collecteds.map((row): Payment => ({
        ...{ payer: row.payer, paidWei: BigInt(row.paidWei), transaction: row.transactionHash },
        ...{ block: Number(row.blockNumber), place: Number(row.logIndex) },
      }));
      const income: Income = {
        fromHereWei: sum(data.channels.filter(isFromHere)),
        totalWei: sum(data.channels),
        collections: data.channels.reduce((total, { collections }) => total + collections, 0),
        latest,
      };
      return { data: income, block };
    },
    async () => {
      const payments = await readPayments(info, { payee });
      const sum = (some: readonly (Payment & { readonly kind: number })[]): bigint =>
        some.reduce((total, { paidWei }) => total + paidWei, 0n);
      return {
        fromHereWei: sum(payments.filter(({ payer, kind }) => payer === coordinator && kind === pooled)),
        totalWei: sum(payments),
        collections: payments.length,
        latest: payments
          .sort((a, b) => b.block - a.block || a.place - b.place)
          .slice(0, mostPayments)
          .map(({ payer, paidWei, transaction, block, place }) => ({ payer, paidWei, transaction, block, place })),
      };
    },
  );
}

/** What each miner collected from this coordinator's pool, by the chain; nothing for those that are not in it. @throws {NoChain} */
export async function readCollected(info: ExplorerInfo): Promise<Told<ReadonlyMap<string, bigint>>> {
  const payer = low(info.coordinator);
  return tell<ReadonlyMap<string, bigint>>(
    info,
    async () => {
      const { data, block } = await askIndex<{ channels: readonly { payee: Hex; collectedWei: string }[] }>(
        info,
        `channels(first: ${mostChannels}, orderBy: collectedWei, orderDirection: desc, where: { payer: "${payer}", kind: POOLED }) {
           payee collectedWei
         }`,
      );
      refuseCut(data.channels);
      return {
        data: new Map(data.channels.map(({ payee, collectedWei }) => [low(payee), BigInt(collectedWei)])),
        block,
      };
    },
    async () => {
      const collected = new Map<string, bigint>();
      for (const { payee, paidWei, kind } of await readPayments(info, { payer })) {
        if (kind === pooled) collected.set(payee, (collected.get(payee) ?? 0n) + paidWei);
      }
      return collected;
    },
  );
}

async function readPayments(
  info: ExplorerInfo,
  args: { readonly payer?: Hex; readonly payee?: Hex },
): Promise<(Payment & { readonly payee: Hex; readonly kind: number })[]> {
  const { client } = await openChain(info);
  const escrow = { address: addressOf(info, "paymentEscrow"), abi: paymentEscrowAbi, eventName: "Collected" } as const;
  const payments = [];
  for (const range of await blockRanges(client, info)) {
    const events = await client.getContractEvents({ ...escrow, ...range, args, strict: true });
    for (const { args: told, transactionHash: transaction, blockNumber, logIndex: place } of events) {
      const { payer, payee, kind, paidWei } = told;
      payments.push({
        payer: low(payer),
        payee: low(payee),
        kind,
        paidWei,
        transaction,
        block: Number(blockNumber),
        place,
      });
    }
  }
  return payments;
}
