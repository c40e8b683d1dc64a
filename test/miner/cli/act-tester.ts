import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { receiptLedgerAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData, unlockKeystore, type Signer } from "@lode/sdk/keys";
import { escrowDomain, toWire, type Voucher } from "@lode/sdk/typed-data";
import { zeroHash } from "viem";
import { expect } from "vitest";
import type { Person } from "../../../scripts/dev/people.ts";
import { startDevnet, type TestDevnet } from "../../helpers/devnet.ts";
import { environmentOf, quickPerson, runLode, type Ran } from "./run-lode.ts";

interface Change {
  readonly label: string;
  readonly unit: string | readonly string[];
  readonly before: string;
  readonly after: string;
}

/** What a sending command prints with --json. */
export interface Told {
  readonly dryRun: boolean;
  readonly acts: readonly {
    readonly what: string;
    readonly function: string;
    readonly gas: string;
    readonly transaction?: string;
    readonly events: readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[];
  }[];
  readonly changes: readonly Change[];
}

/** Figures before and after, by label. */
export type Changed = Readonly<Record<string, { readonly before: string; readonly after: string }>>;

export type VoucherItem<Name extends string> = Partial<Voucher> & {
  readonly from: Name;
  readonly to: Name;
  readonly lode: number;
};

/** An amount of LODE, to a thousandth, in wei. */
export const wei = (lode: number): string => (BigInt(Math.round(lode * 1000)) * 10n ** 15n).toString();

/** What the block that a transaction comes into decides with it. */
const isTime = ({ unit, after }: Change): boolean => unit === "time" && after !== "0";

/** A time depends on the block, and an anchor's commitment on the time. */
function comparable(change: Change): object {
  const { label, unit, before, after } = change;
  if (unit === "hash") return { label };
  return isTime(change) ? { label, before } : { label, before, after };
}

/** Runs `lode` for several people on a devnet of their own, and holds dry runs against what then happens. */
export class ActTester<Name extends string> {
  readonly devnet: TestDevnet;
  readonly people: Readonly<Record<Name, Person>>;
  readonly folder: string;
  #files = 0;

  constructor(devnet: TestDevnet, people: Readonly<Record<Name, Person>>, folder: string) {
    this.devnet = devnet;
    this.people = people;
    this.folder = folder;
  }

  async stop(): Promise<void> {
    await this.devnet.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  lode(who: Name, args: readonly string[], env: Record<string, string> = {}, answers?: string[]): Promise<Ran> {
    return runLode(args, { ...environmentOf(this.people[who], this.devnet), ...env }, answers);
  }

  async json(who: Name, args: readonly string[]): Promise<Told> {
    const ran = await this.lode(who, [...args, "--json"]);
    expect(ran.err).toBe("");
    expect(ran.code).toBe(0);
    return JSON.parse(ran.out) as Told;
  }

  /** All that a transaction could have left behind: a block, a nonce, a fee. */
  stateOf(who: Name): Promise<unknown> {
    const { client } = this.devnet.chain;
    const { address } = this.people[who];
    return Promise.all([
      client.getBlockNumber({ cacheTime: 0 }),
      client.getTransactionCount({ address }),
      client.getBalance({ address }),
    ]);
  }

  /**
   * Runs a command dry and then for real: the dry run must leave the chain as it was, and must have said what comes.
   * @returns what really changed, by label
   */
  async doAct(who: Name, args: readonly string[]): Promise<Changed> {
    const before = await this.stateOf(who);
    const predicted = await this.json(who, [...args, "--dry-run"]);
    expect(await this.stateOf(who)).toEqual(before);
    expect(predicted.acts.every(({ transaction }) => transaction === undefined)).toBe(true);
    const real = await this.json(who, args);
    expect(real.acts.every(({ transaction }) => transaction !== undefined)).toBe(true);
    const calls = ({ acts }: Told): unknown => acts.map((act) => [act.function, act.events.map(({ name }) => name)]);
    expect(calls(predicted)).toEqual(calls(real));
    expect(predicted.changes.map(comparable)).toEqual(real.changes.map(comparable));
    const times = ({ changes }: Told): number[] => changes.filter(isTime).map(({ after }) => Number(after));
    for (const [index, time] of times(real).entries()) {
      expect(Math.abs(time - times(predicted)[index]!), "seconds between both").toBeLessThan(1800);
    }
    real.acts.forEach(({ gas, what }, index) => {
      const off = Math.abs(Number(gas) - Number(predicted.acts[index]!.gas)) / Number(gas);
      expect(off, `gas of ${what}`).toBeLessThan(0.02);
    });
    return Object.fromEntries(real.changes.map(({ label, before: old, after }) => [label, { before: old, after }]));
  }

  /** Anchors for somebody, and gives the anchor as evidence shows it, with the commitment before it. */
  async anchor(who: Name, root: Hex, size: number, liabilitiesRoot: Hex = zeroHash) {
    const { addresses, chain } = this.devnet;
    const head = { address: addresses.receiptLedger, abi: receiptLedgerAbi, functionName: "headOf" } as const;
    const args = [this.people[who].address] as const;
    const [, , , previous] = await chain.client.readContract({ ...head, args });
    const roots = ["--root", root, "--liabilities-root", liabilitiesRoot];
    await this.json(who, ["ledger", "anchor", ...roots, "--size", `${size}`, "--yes"]);
    const [epoch, , anchoredAt] = await chain.client.readContract({ ...head, args });
    return { previous, anchor: { root, liabilitiesRoot, nextNonceHash: zeroHash, epoch, size, anchoredAt } };
  }

  async passDays(days: number): Promise<void> {
    await this.devnet.chain.client.increaseTime({ seconds: Math.round(days * 86_400) });
    await this.devnet.chain.client.mine({ blocks: 1 });
  }

  signer(who: Name): Promise<Signer> {
    const { keystoreFile, passwordFile } = this.people[who];
    return unlockKeystore(keystoreFile, readFileSync(passwordFile, "utf8"));
  }

  /** A new file with a JSON value; bigints become decimal strings. */
  jsonFile(value: unknown): string {
    const file = join(this.folder, `${this.#files++}.json`);
    writeFileSync(
      file,
      JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)),
    );
    return file;
  }

  /** A file of vouchers that their payers' wallets signed. */
  async voucherFile(items: readonly VoucherItem<Name>[]): Promise<string> {
    const signed = items.map(async ({ from, to, lode, ...rest }) => {
      const voucher: Voucher = {
        payer: this.people[from].address,
        payee: this.people[to].address,
        kind: 0,
        epoch: 0n,
        cumulativeWei: BigInt(wei(lode)),
        count: 3n,
        receiptsRoot: zeroHash,
        ...rest,
      };
      const signature = signTypedData(await this.signer(from), escrowDomain(this.devnet.addresses), "Voucher", voucher);
      return { voucher: toWire("Voucher", voucher), signature };
    });
    const all = await Promise.all(signed);
    return this.jsonFile(all.length === 1 ? all[0] : all);
  }
}

/** A devnet and people with keystores that open at once; nobody has money yet. */
export async function startActs<Name extends string>(names: readonly Name[]): Promise<ActTester<Name>> {
  const folder = mkdtempSync(join(tmpdir(), "lode-acts-"));
  const devnet = await startDevnet();
  const made = names.map(async (name) => [name, await quickPerson(join(folder, name))] as const);
  const people = Object.fromEntries(await Promise.all(made)) as Record<Name, Person>;
  return new ActTester(devnet, people, folder);
}
