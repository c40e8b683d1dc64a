import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { courtAbi, lodeTokenAbi, stakingAbi } from "@lode/sdk/abi";
import { signBatch, type SignedLeaf } from "@lode/sdk/batch";
import { verdicts } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { anvilSigner, type Signer } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  finishReason,
  hashStruct,
  ledgerDomain,
  tier,
  type Assignment,
  type Receipt,
} from "@lode/sdk/typed-data";
import { noFingerprints, promptCommitment, samplerHash, type SamplerParams } from "@lode/protocol";
import { createWalletClient, http, parseEther, parseEventLogs, type Abi } from "viem";
import { foundry } from "viem/chains";
import { openChain, type ChainReader } from "../../../miner/src/chain/chain.ts";
import { CourtWatch } from "../../../miner/src/chain/court-watch.ts";
import { postData } from "../../../miner/src/chain/post.ts";
import { chainCarrier, Desk, isQuestion, type Disclosure } from "../../../miner/src/disclosure/index.ts";
import { runVerifier, VerifierStore, type VerifierEvent } from "../../../miner/src/verifier/index.ts";
import { deployer } from "../../../scripts/dev/anvil.ts";
import { startDevnet, type TestDevnet } from "../../helpers/devnet.ts";
import { modelDigest, scriptedEngine } from "./scripted-engine.ts";

/** Who is who among the devnet's accounts: 0 deploys. */
export const people = { coordinator: 1, accused: 2, client: 3, jurors: [4, 5, 6, 7, 8, 9] } as const;

export const stakeWei = parseEther("400");
const sampler: SamplerParams = { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 };
const salt: Hex = `0x${"5a".repeat(32)}`;

export interface SignedJob {
  readonly about: Hex;
  readonly disclosure: Disclosure;
  /** What the contracts take for it. */
  readonly evidence: readonly [Assignment, SignedLeaf, Receipt, SignedLeaf];
}

/** A court on a chain of its own with a coordinator, a miner, a client and six jurors. */
export interface CourtBed {
  readonly devnet: TestDevnet;
  readonly chain: ChainReader;
  readonly folder: string;
  signer(index: number): Signer;
  /** Sends one call and gives back its logs' events by name. */
  send(
    index: number,
    contract: { address: Hex; abi: Abi },
    functionName: string,
    args: readonly unknown[],
  ): Promise<Record<string, Record<string, unknown>>>;
  /** Resolves when the chain has one block more than now: there is nothing new to see before. */
  nextBlock(): Promise<void>;
  stakeOf(index: number): Promise<bigint>;
  balanceOf(index: number): Promise<bigint>;
  /** A job of the accused, signed by all. */
  job(outputIds: readonly number[], stop?: readonly string[]): Promise<SignedJob>;
  /** The same, and its client accuses it. */
  file(
    outputIds: readonly number[],
    stop?: readonly string[],
  ): Promise<{ id: bigint; about: Hex; disclosure: Disclosure }>;
  stop(): Promise<void>;
}

export async function openCourt(): Promise<CourtBed> {
  const devnet = await startDevnet();
  const folder = mkdtempSync(join(tmpdir(), "lode-court-"));
  const chain = await openChain(devnet.rpcUrl, devnet.addresses);
  const signer = (index: number): Signer => anvilSigner(index, devnet.addresses.chainId);
  let waiting: (() => void)[] = [];
  const mine = async (): Promise<void> => {
    await devnet.chain.client.mine({ blocks: 1 }).catch(() => undefined);
    const those = waiting;
    waiting = [];
    for (const go of those) go();
  };
  const mining = setInterval(() => void mine(), 100);
  const abi = [...courtAbi, ...stakingAbi] as Abi;
  let counter = 0n;

  const send: CourtBed["send"] = async (index, contract, functionName, args) => {
    const account = signer(index).toViemAccount();
    const wallet = createWalletClient({ account, chain: foundry, transport: http(devnet.rpcUrl) });
    const hash = await wallet.writeContract({ ...contract, functionName, args });
    const { status, logs } = await chain.client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${functionName} was reverted`);
    const events = parseEventLogs({ abi, logs }) as unknown as { eventName: string; args: Record<string, unknown> }[];
    return Object.fromEntries(events.map(({ eventName, args: values }) => [eventName, values]));
  };

  const { court, staking, token } = chain.contracts;
  const faucet = deployer(devnet.rpcUrl);
  const everybody = [people.coordinator, people.accused, people.client, ...people.jurors];
  for (const index of everybody) {
    const args = [signer(index).address, parseEther("10000")] as const;
    const hash = await faucet.writeContract({
      address: token.address,
      abi: lodeTokenAbi,
      functionName: "transfer",
      args,
    });
    await faucet.waitForTransactionReceipt({ hash });
  }
  const nobody = `0x${"00".repeat(20)}`;
  await Promise.all(
    everybody.map(async (index) => {
      await send(index, token, "approve", [
        index === people.client ? court.address : staking.address,
        parseEther("10000"),
      ]);
      if (index === people.client) return;
      const [role, amount] = index === people.coordinator ? [2, parseEther("5000")] : [1, stakeWei];
      await send(index, staking, "register", [role, amount, nobody, nobody, `0x${"00".repeat(32)}`]);
    }),
  );

  return {
    ...{ devnet, chain, folder, signer, send },
    nextBlock: () => new Promise((resolve) => void waiting.push(resolve)),
    async stakeOf(index) {
      const args = [signer(index).address] as const;
      return (await chain.client.readContract({ ...staking, functionName: "stakeOf", args }))[1];
    },
    async balanceOf(index) {
      return chain.client.readContract({ ...token, functionName: "balanceOf", args: [signer(index).address] });
    },
    async file(outputIds, stop) {
      const { about, disclosure, evidence } = await makeJob(outputIds, stop);
      const { CaseFiled } = await send(people.client, court, "file", evidence);
      return { id: CaseFiled!["id"] as bigint, about, disclosure };
    },
    job: makeJob,
    async stop() {
      clearInterval(mining);
      await devnet.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  async function makeJob(outputIds: readonly number[], stop: readonly string[] = []): Promise<SignedJob> {
    const domain = ledgerDomain(devnet.addresses);
    const [coordinator, accused, client] = [people.coordinator, people.accused, people.client].map(signer);
    const { timestamp } = await chain.client.getBlock();
    const prompt = { messages: [{ role: "user" as const, content: `case ${++counter}` }] };
    const inputIds = [1, 2, 3];
    const assignment = {
      ...{ coordinator: coordinator!.address, counter, attempt: 0, client: client!.address, miner: accused!.address },
      ...{ modelDigest, engineClass: scriptedEngine().info.engineClass },
      promptCommitment: promptCommitment(salt, prompt),
      prefixCommitment: commitTokens(salt, tokenSide.output, []),
      ...{
        outputOffset: 0,
        maxInputTokens: 100,
        maxOutputTokens: 100,
        samplerHash: samplerHash(sampler, { stop, jobSalt: salt }),
      },
      ...{ seed: salt, quoteHash: salt, inputPriceWei: 0n, outputPriceWei: parseEther("0.1"), feePpm: 0 },
      ...{ maxAmountWei: parseEther("10"), deadline: timestamp + 600n, tier: tier.sampled },
    };
    const receipt: Receipt = {
      assignment: assignmentDigest(domain, assignment),
      inputCommitment: commitTokens(salt, tokenSide.input, inputIds),
      outputCommitment: commitTokens(salt, tokenSide.output, outputIds),
      fingerprintCommitment: noFingerprints,
      ...{ inputTokens: inputIds.length, outputTokens: outputIds.length },
      amountWei: BigInt(outputIds.length) * parseEther("0.1"),
      ...{ startedAtMs: 1n, finishedAtMs: 2n, finishReason: finishReason.length, hosted: false },
    };
    const about = hashStruct("Receipt", receipt);
    const [assigned] = signBatch(coordinator!, domain, "AssignmentBatch", [hashStruct("Assignment", assignment)]);
    const [receipted] = signBatch(accused!, domain, "ReceiptBatch", [about]);
    const transcript = {
      ...{ jobSalt: salt, promptSalt: salt, prompt, sampler, stop: [...stop], prefixIds: [] },
      ...{ inputIds, outputIds: [...outputIds] },
    };
    const evidence = [assignment, assigned!, receipt, receipted!] as const;
    return { about, disclosure: { assignment, receipt, transcript }, evidence };
  }
}

export interface RunningJuror {
  readonly index: number;
  readonly events: VerifierEvent[];
  /** Resolves when it has its seat; rejects when it ends without one. */
  readonly joined: Promise<VerifierEvent>;
  stop(): Promise<void>;
}

/** One juror in this process: no coordinator, letters by the chain alone. */
export function startJuror(
  bed: CourtBed,
  index: number,
  options: { engine?: ReturnType<typeof scriptedEngine>; disclosureSecs?: number } = {},
): RunningJuror {
  const stop = new AbortController();
  const events: VerifierEvent[] = [];
  const seat = Promise.withResolvers<VerifierEvent>();
  const emit = (event: VerifierEvent): void => {
    events.push(event);
    if (event.event === "joined") seat.resolve(event);
  };
  const running = (async () => {
    const store = await VerifierStore.open(join(bed.folder, `juror-${index}`), () => undefined);
    try {
      await runVerifier({
        ...{
          chain: bed.chain,
          rpcUrl: bed.devnet.rpcUrl,
          self: bed.signer(index).address,
          signer: bed.signer(index),
          store,
        },
        ...{ coordinatorUrls: [], maxBondsWei: undefined, pollMs: 150, disclosureSecs: options.disclosureSecs ?? 3600 },
        engineOf: async (digest) => (digest === modelDigest ? (options.engine ?? scriptedEngine()) : undefined),
        ...{ signal: stop.signal, nowMs: Date.now, emit },
      });
    } finally {
      await store.close();
    }
  })();
  running.then(
    () => seat.reject(new Error(`The juror of account ${index} was stopped before it had a seat.`)),
    (error: unknown) => seat.reject(error),
  );
  seat.promise.catch(() => undefined);
  return {
    index,
    events,
    joined: seat.promise,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

/** Longer than any of this takes where the machine is busy; a wait that ends by it says what did not come. */
const patienceMs = 150_000;

/** Looks again at each block until there is something. Rejects with what was waited for when it did not come. */
export async function until<T>(bed: CourtBed, what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const began = performance.now(); performance.now() - began < patienceMs;) {
    const block = bed.nextBlock();
    const found = await look();
    if (found !== undefined) return found;
    await block;
  }
  throw new Error(`${what} did not come within ${patienceMs / 1000} s`);
}

/** The accused, answering by the chain with what `show` gives. */
export function startAccused(bed: CourtBed, show: (about: Hex, to: Hex) => Disclosure | undefined): { stop(): void } {
  const signer = bed.signer(people.accused);
  const watch = new CourtWatch(bed.chain);
  const post = (data: Hex): Promise<void> => postData(bed.chain, bed.devnet.rpcUrl, signer, data);
  const carrier = chainCarrier(bed.chain, post, () => 0n);
  const domain = ledgerDomain(bed.devnet.addresses);
  const stop = new AbortController();
  void (async () => {
    while (!stop.signal.aborted) {
      const letters = (await carrier.receive(signer.address).catch(() => [])).filter(isQuestion);
      if (letters.length > 0) await watch.sync();
      for (const letter of letters) {
        const find = async (about: Hex): Promise<Disclosure | undefined> => show(about, letter.from);
        const options = { chain: bed.chain, watch, domain, self: signer.address, signer, find, nowMs: Date.now };
        await new Desk({ ...options, warn: () => undefined }).answer(letter, carrier);
      }
      await bed.nextBlock();
    }
  })();
  return { stop: () => stop.abort() };
}

/** Waits for a case's end: its verdict in words, `void` without one. */
export async function verdictOf(bed: CourtBed, id: bigint): Promise<string> {
  const watch = new CourtWatch(bed.chain);
  const end = await until(bed, `the end of case ${id}`, async () => (await watch.sync(), watch.cases.get(id)?.end));
  return end.isVoid ? "void" : verdicts[end.verdict]!;
}

/** The jury of a case, as account indexes, once it is drawn. */
export async function juryOf(bed: CourtBed, id: bigint): Promise<number[]> {
  const { client, contracts } = bed.chain;
  const jury = await until(bed, `the jury of case ${id}`, async () => {
    const drawn = await client.readContract({ ...contracts.court, functionName: "juryOf", args: [id] });
    return drawn.length > 0 ? drawn : undefined;
  });
  return jury.map((one) => people.jurors.find((index) => bed.signer(index).address === one.toLowerCase())!);
}
