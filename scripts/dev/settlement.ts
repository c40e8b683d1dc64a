import { receiptLedgerAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import { counted, gas, lode, short } from "./amounts.ts";
import type { Display } from "./display.ts";
import type { Market } from "./market.ts";
import { gasOf, runLode, type CommandResult } from "./programs.ts";
import { untilReady } from "../processes/ready.ts";

/** The part of a log entry that the story tells of. */
export interface ReceiptEntry {
  readonly index: number;
  readonly miner: Hex;
  readonly debitIndex: number;
  readonly creditIndex: number;
  readonly receipt: { readonly assignment: Hex };
}

export interface Settled {
  readonly collectedWei: bigint;
  readonly receiptsAudited: number;
  readonly findings: number;
}

interface Voucher {
  readonly payee: Hex;
  readonly kind: number;
  readonly cumulativeWei: string;
}

/** The receipts of a job as the public log shows them. */
export async function readReceipts(market: Market, jobId: string): Promise<readonly ReceiptEntry[]> {
  return (await read<{ receipts: readonly ReceiptEntry[] }>(`${market.coordinator.url}/v1/receipts/${jobId}`)).receipts;
}

/** Pays the miners out, waits for the log's anchor on the chain, and has an auditor check everything. */
export async function settleOnChain(
  display: Display,
  market: Market,
  receipts: readonly ReceiptEntry[],
): Promise<Settled> {
  const earners = market.miners.filter(({ address }) => receipts.some(({ miner }) => miner === address));

  await display.step("Vouchers", async () => {
    const { vouchers } = await read<{ vouchers: { voucher: Voucher }[] }>(`${market.coordinator.url}/v1/log/vouchers`);
    const sum = (kind: number): bigint =>
      vouchers
        .filter(({ voucher }) => voucher.kind === kind)
        .reduce((total, { voucher }) => total + BigInt(voucher.cumulativeWei), 0n);
    const fact = `the client has signed over ${lode(sum(0))} so far, the miners hold ${lode(sum(1))} of it`;
    return { fact, result: undefined };
  });

  const collectedWei = await display.step("Collect", async (voice) => {
    voice.note("the miner hands its voucher to the escrow");
    let [result, used] = [0n, 0n];
    for (const miner of earners) {
      const done = (await runLode(market, miner, ["collect"])) as CommandResult & { collectedWei: string };
      result += BigInt(done.collectedWei);
      used += gasOf(done);
    }
    await market.saveChain();
    return {
      fact: `${lode(result)} paid to ${earners.map(({ address }) => short(address)).join(", ")}, out of the client's deposit (${gas(used)})`,
      result,
    };
  });

  await display.step("Anchor", async (voice) => {
    voice.note("waiting for the log's root on the chain");
    const needed = BigInt(Math.max(...receipts.map(({ index }) => index)) + 1);
    const head = await untilReady(market.coordinator.process, async () => {
      const [epoch, size] = await market.chain.client.readContract({
        address: market.addresses.receiptLedger,
        abi: receiptLedgerAbi,
        functionName: "headOf",
        args: [market.coordinatorAddress],
      });
      return size >= needed ? { epoch, size } : undefined;
    });
    await market.saveChain();
    return {
      fact: `${counted(head.size, "receipt")} under one root on the chain, epoch ${head.epoch}`,
      result: undefined,
    };
  });

  const audit = await display.step("Audit", async (voice) => {
    voice.note("an outsider checks every receipt against the chain");
    const report = (await runLode(market, market.client, [
      "audit",
      ...["--rpc", market.rpcUrl, "--log", market.coordinator.url, "--addresses", market.addressesFile],
    ])) as { findings: unknown[]; receipts: number };
    const verdict = report.findings.length === 0 ? "everything adds up" : counted(report.findings.length, "finding");
    return { fact: `${counted(report.receipts, "receipt")} checked from outside: ${verdict}`, result: report };
  });
  return { collectedWei, receiptsAudited: audit.receipts, findings: audit.findings.length };
}

async function read<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
