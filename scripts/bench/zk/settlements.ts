import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zkSettlementAbi } from "@lode/sdk/abi";
import { signSlabVoucher, type SlabChannel, type SlabOpening } from "@lode/sdk/slab";
import { circuitOf, SnarkjsProver, solidityProof } from "@lode/zk-circuits";
import { slabStatement, type SlabPayment } from "@lode/zk-circuits/settlement-slab";
import { startAnvil } from "../../dev/anvil.ts";
import { findFreePort } from "../../processes/ports.ts";
import { Processes } from "../../processes/processes.ts";
import { root } from "../../root.ts";
import { makeSettlementBed, type SlabClient } from "./settlement-bed.ts";

/** Whole transactions of the settlement contract for slabs of one size, in gas. */
export interface SettlementFigures {
  /** Channels that a slab holds. */
  readonly size: number;
  readonly registerGas: number;
  readonly openGas: number;
  /** Every channel of the slab, settled for the first time. */
  readonly settleFirstGas: number;
  /** Every channel again. */
  readonly settleRepeatGas: number;
  /** One channel more of a slab that is settled again. */
  readonly perChannelGas: number;
  /** A settlement without any: the proof, the leaves and their event. */
  readonly fixedGas: number;
}

interface Opened {
  readonly client: SlabClient;
  readonly channel: SlabChannel;
  settled: SlabOpening | undefined;
}

/** Settles a slab with real proofs: whole, whole again, and one channel of it. */
export async function measureSettlements(size: number): Promise<SettlementFigures> {
  const processes = new Processes();
  const folder = mkdtempSync(join(tmpdir(), "lode-bench-slab-"));
  try {
    const logFile = join(folder, "chain.log");
    const chain = await startAnvil(processes, { port: await findFreePort(), from: undefined, logFile });
    const bed = await makeSettlementBed(chain, size);
    const payee = bed.payee.address.toLowerCase() as `0x${string}`;
    const depositWei = 10n ** 18n;
    const opened: Opened[] = [];
    let [registerGas, openGas] = [0, 0];
    for (let slot = 0; slot < size; slot++) {
      const registered = await bed.register();
      const { channel, gas } = await bed.open(registered.client, slot, depositWei);
      [registerGas, openGas] = [registered.gas, gas];
      opened.push({ client: registered.client, channel, settled: undefined });
    }
    let leaves: readonly bigint[] = Array.from({ length: size }, () => 0n);
    const settle = async (channels: readonly Opened[], nonce: number): Promise<number> => {
      const payments = channels.map(({ client, channel, settled }): SlabPayment => {
        // Bytes without zeros, as amounts and blindings are.
        const opening = {
          cumulativeWei: 123_456_789_012_345n * BigInt(nonce),
          nonce,
          blinding: 2n ** 247n - BigInt(nonce * 977 + channel.slot),
        };
        return { channel, depositWei, settled, voucher: signSlabVoucher(client.signer, bed.domain, channel, opening) };
      });
      const statement = slabStatement(bed.domain, { payee, slab: 0, leavesBefore: leaves }, payments);
      const { changes, leavesBefore, totalWei, commitment } = statement;
      // The threads of a faster one would keep this process alive.
      const prover = new SnarkjsProver({ singleThread: true });
      const { proof } = await prover.prove(circuitOf(`settlement-slab-${size}`), statement.input);
      const args = [payee, 0, leavesBefore, changes, totalWei, commitment, solidityProof(proof)];
      const { gasUsed } = await bed.send(bed.payee, bed.domain.zkSettlement, zkSettlementAbi, "settle", args);
      leaves = statement.leavesAfter;
      payments.forEach(({ voucher: { cumulativeWei, blinding } }, i) => {
        const one = channels[i];
        if (one !== undefined) one.settled = { cumulativeWei, nonce, blinding };
      });
      return Number(gasUsed);
    };
    const settleFirstGas = await settle(opened, 1);
    const settleRepeatGas = await settle(opened, 2);
    const oneGas = await settle(opened.slice(0, 1), 3);
    const perChannelGas = Math.round((settleRepeatGas - oneGas) / (size - 1));
    const fixedGas = oneGas - perChannelGas;
    return { size, registerGas, openGas, settleFirstGas, settleRepeatGas, perChannelGas, fixedGas };
  } finally {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a settlement costs beside `collectMany`. */
export interface BreakEven {
  /** What each channel that a slab has room for costs, whether it changes or not: its leaf is read, hashed and published. */
  readonly perSlotGas: number;
  /** Channels of a slab that is full, and of which all change, from which on it costs less than as many repeat vouchers. */
  readonly breakEvenChannels: number | null;
}

/** Slabs of two sizes against the committed figures of `collectMany`: one repeat voucher alone, and what each more costs. */
export function breakEven(small: SettlementFigures, large: SettlementFigures): BreakEven {
  const file = join(root, "test", "contracts", "snapshots", "gas.json");
  const { collectRepeat, collectManyMarginal } = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  if (collectRepeat === undefined || collectManyMarginal === undefined) throw new Error(`${file} lacks collectMany`);
  const perSlotGas = Math.round((large.fixedGas - small.fixedGas) / (large.size - small.size));
  const emptyGas = large.fixedGas - large.size * perSlotGas;
  const collectFixed = collectRepeat - collectManyMarginal;
  const savedGas = collectManyMarginal - large.perChannelGas - perSlotGas;
  return { perSlotGas, breakEvenChannels: savedGas <= 0 ? null : Math.ceil((emptyGas - collectFixed) / savedGas) };
}
