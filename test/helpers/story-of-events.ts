import { signBatch } from "@lode/sdk/batch";
import { courtAbi, demandsAbi, faultProofsAbi, recoveryAbi, rewardsAbi } from "@lode/sdk/abi";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import {
  assignmentDigest,
  hashStruct,
  ledgerDomain,
  escrowDomain,
  type Assignment,
  type Receipt,
} from "@lode/sdk/typed-data";
import { encodeAbiParameters, keccak256, type Hex } from "viem";
import {
  anchor,
  authorize,
  COORDINATOR,
  deposit,
  depositPool,
  LODE,
  MINER,
  oddWei,
  register,
  someHash,
  sweepMany,
} from "../../scripts/bench/gas/acts.ts";
import type { Bed, Target } from "../../scripts/bench/gas/bed.ts";
import { Channel, collectMany, DEDICATED, POOLED } from "../../scripts/bench/gas/vouchers.ts";

/** Who takes part in the story, so that a test can ask the contracts about each. */
export interface Cast {
  readonly coordinator: Signer;
  readonly poor: Signer;
  readonly miners: readonly Signer[];
  readonly jurors: readonly Signer[];
  readonly clients: readonly Signer[];
  readonly session: Signer;
}

export const DAY = 86_400;
const JURY = 5;
const DRAW_BLOCKS = 10;
const WRONG = 2;
export const LODES = (amount: bigint): bigint => amount * LODE;
const NO_SIGNATURE: Hex = "0x";

/** Stakes, payments and anchors: what every day brings, with every kind of thaw, revocation and pause. */
export async function tellOfPayments(bed: Bed): Promise<Cast> {
  const people = (names: readonly string[]): Promise<Signer[]> =>
    names.reduce<Promise<Signer[]>>(
      async (done, name) => [...(await done), await bed.person(name)],
      Promise.resolve([]),
    );
  const [coordinator, poor, session] = (await people(["coordinator", "poor", "session"])) as [Signer, Signer, Signer];
  const miners = await people(["miner 1", "miner 2", "miner 3"]);
  const jurors = await people(Array.from({ length: JURY }, (_, index) => `juror ${index}`));
  const clients = await people(["client 1", "client 2"]);
  const [first, second, third] = miners as [Signer, Signer, Signer];
  const [client, other] = clients as [Signer, Signer];

  for (const each of [coordinator, poor]) await register(bed, each, COORDINATOR, 5_000n);
  // Paid before it registers: what it earned must not be lost.
  await deposit(bed, client, third, oddWei(3n));
  await collectMany(bed, third, [new Channel(bed, client, third.address, DEDICATED).next(1, oddWei(1n))]);
  for (const each of [...miners, ...jurors]) await register(bed, each, MINER, 500n);
  await bed.send(first.address, bed.staking, "topUp", [first.address, oddWei(7n)]);
  await bed.send(first.address, bed.staking, "setOperator", [session.address]);
  await bed.send(first.address, bed.staking, "setOperator", [first.address]);
  await bed.send(first.address, bed.staking, "setPayout", [session.address]);
  await bed.send(first.address, bed.staking, "announceCapabilities", [someHash("more")]);
  await bed.send(first.address, bed.token, "delegate", [second.address]);
  await bed.send(second.address, bed.staking, "startThaw", [oddWei(50n)]);

  for (const each of clients) await deposit(bed, each, coordinator, oddWei(200n));
  await authorize(bed, client, coordinator, session);
  await authorize(bed, other, coordinator, session);
  await bed.send(other.address, bed.escrow, "revokeSigner", [coordinator.address, session.address]);
  await authorizePool(bed, coordinator, session);
  await depositPool(bed, coordinator, oddWei(20n));
  await bed.send(client.address, bed.escrow, "startThaw", [coordinator.address, oddWei(150n)]);
  await bed.send(other.address, bed.escrow, "startThaw", [coordinator.address, oddWei(20n)]);
  const in1 = new Channel(bed, client, coordinator.address, DEDICATED);
  const in2 = new Channel(bed, other, coordinator.address, DEDICATED);
  const out = miners.map((miner) => new Channel(bed, coordinator, miner.address, POOLED));
  // Clients' vouchers fund the pool that pays the miners, all in one transaction; the first reaches thawing money.
  await collectMany(bed, first, [
    in1.next(7, oddWei(80n), session),
    in2.next(3, oddWei(9n)),
    ...out.map((channel) => channel.next(2, oddWei(4n))),
  ]);
  await collectMany(bed, first, [out[0]!.next(1, 3n), out[0]!.next(1, 5n)]);
  await anchor(bed, coordinator, 10n);
  await anchor(bed, coordinator, 25n);
  await bed.send(coordinator.address, bed.escrow, "startPoolThaw", [oddWei(2n)]);
  await pass(bed, 8 * DAY);
  await bed.send(second.address, bed.staking, "withdraw", []);
  await bed.send(other.address, bed.escrow, "withdraw", [coordinator.address]);
  await bed.send(coordinator.address, bed.escrow, "withdrawPool", []);
  await bed.send(coordinator.address, bed.escrow, "revokePoolSigner", [session.address]);
  await sweepMany(bed, [first, second]);
  const { timestamp } = await bed.client.getBlock();
  const epoch = timestamp / BigInt(7 * DAY) - 1n;
  await bed.send(first.address, { address: bed.addresses.rewards, abi: rewardsAbi }, "claim", [
    epoch,
    coordinator.address,
  ]);
  await collectMany(bed, first, [in1.next(1, oddWei(1n))]);
  return { coordinator, poor, miners, jurors, clients, session };
}

/** Faults, demands, a case before a jury, and a shortfall that is released: what should be rare. */
export async function tellOfDisputes(bed: Bed, { coordinator, poor, miners, jurors, clients }: Cast): Promise<void> {
  const [accused, second, third] = miners as [Signer, Signer, Signer];
  const [client] = clients as [Signer];
  const court: Target = { address: bed.addresses.court, abi: courtAbi };
  const demands: Target = { address: bed.addresses.demands, abi: demandsAbi };
  const faults: Target = { address: bed.addresses.faultProofs, abi: faultProofsAbi };
  const recovery: Target = { address: bed.addresses.recovery, abi: recoveryAbi };
  for (const each of [court, demands])
    await bed.send(client.address, bed.token, "approve", [each.address, LODES(1_000n)]);

  // One miner signs two receipts for one assignment.
  const twice = await job(bed, coordinator, second, client, 1n);
  const again = twice.other({ outputTokens: 2 });
  await bed.send(client.address, faults, "proveEquivocation", [twice.assignment, twice.shown, again]);

  // A coordinator does not show a receipt in its log.
  const hidden = await job(bed, coordinator, third, client, 2n);
  await bed.send(client.address, demands, "demandInLog", hidden.evidence);
  await pass(bed, 3 * DAY);
  await bed.send(client.address, demands, "fail", [1n]);

  // A jury of five finds an output wrong; one of them sleeps.
  for (const juror of jurors) await bed.send(juror.address, court, "join", []);
  await bed.send(jurors[0]!.address, court, "reweigh", [jurors[0]!.address]);
  const wrong = await job(bed, coordinator, accused, client, 3n);
  await bed.send(client.address, court, "file", wrong.evidence);
  await bed.client.mine({ blocks: DRAW_BLOCKS });
  await bed.send(client.address, court, "drawJury", [1n]);
  const value = someHash("logits");
  const roots = jurors.map(({ address }) => singleLeafRoot(address, value));
  const salt = someHash("salt");
  for (const [index, { address }] of jurors.entries()) {
    if (index === 0) continue;
    const commitment = keccak256(
      encodeAbiParameters(
        [{ type: "uint256" }, { type: "address" }, { type: "bytes32" }, { type: "uint8" }, { type: "bytes32" }],
        [1n, address, salt, WRONG, roots[index]!],
      ),
    );
    await bed.send(address, court, "commit", [1n, address, commitment]);
  }
  await pass(bed, 2 * DAY);
  await bed.send(client.address, court, "closeCommits", [1n]);
  await bed.client.mine({ blocks: DRAW_BLOCKS });
  const positions = (await bed.client.readContract({ ...court, functionName: "positionsOf", args: [1n] })) as bigint[];
  for (const [index, { address }] of jurors.entries()) {
    if (index === 0) continue;
    const shown = {
      verdict: WRONG,
      salt,
      root: roots[index]!,
      values: positions.map(() => value),
      paths: positions.map(() => []),
    };
    await bed.send(address, court, "reveal", [1n, address, shown]);
  }
  await bed.send(client.address, court, "settle", [1n]);
  await bed.send(jurors[1]!.address, court, "resign", []);

  // A coordinator owes more than it has, and has no books to share by.
  const owed = new Channel(bed, poor, second.address, POOLED);
  await depositPool(bed, poor, LODES(1n));
  const { voucher, signature } = owed.next(5, LODES(30n));
  await bed.send(second.address, faults, "exhibit", [voucher, signature]);
  await bed.send(second.address, recovery, "declare", [voucher, signature]);
  await pass(bed, 4 * DAY);
  await bed.send(second.address, recovery, "release", [poor.address]);

  // Another shortfall is cured in time.
  await pass(bed, 4 * DAY);
  const third_ = new Channel(bed, poor, third.address, POOLED);
  const due = third_.next(5, LODES(40n));
  await bed.send(third.address, recovery, "declare", [due.voucher, due.signature]);
  await depositPool(bed, poor, LODES(60n));
  await bed.send(third.address, recovery, "cure", [due.voucher, due.signature]);
}

/** Lets time pass, and a block come. */
export async function pass(bed: Bed, seconds: number): Promise<void> {
  await bed.client.increaseTime({ seconds });
  await bed.client.mine({ blocks: 1 });
}

async function authorizePool(bed: Bed, payer: Signer, session: Signer): Promise<void> {
  const { chainId, paymentEscrow } = bed.addresses;
  const proof = signTypedData(session, escrowDomain({ chainId, paymentEscrow }), "SignerProof", {
    payer: payer.address,
    payee: `0x${"0".repeat(40)}`,
    signer: session.address,
    kind: POOLED,
  });
  const { timestamp } = await bed.client.getBlock();
  const args = [session.address, oddWei(100n), timestamp + BigInt(30 * DAY), proof];
  await bed.send(payer.address, bed.escrow, "authorizePoolSigner", args);
}

/** The root of a tree with one leaf, which is the value that a juror found for the only token. */
function singleLeafRoot(juror: Hex, value: Hex): Hex {
  const leaf = keccak256(
    encodeAbiParameters([{ type: "address" }, { type: "uint256" }, { type: "bytes32" }], [juror, 0n, value]),
  );
  return keccak256(`0x00${leaf.slice(2)}`);
}

/** A job with one token of output, signed by both sides. */
export async function job(bed: Bed, coordinator: Signer, miner: Signer, client: Signer, counter: bigint) {
  const { chainId, receiptLedger } = bed.addresses;
  const domain = ledgerDomain({ chainId, receiptLedger });
  const { timestamp } = await bed.client.getBlock();
  const assignment: Assignment = {
    coordinator: coordinator.address,
    counter,
    attempt: 0,
    client: client.address,
    miner: miner.address,
    modelDigest: someHash("model"),
    engineClass: someHash("engine"),
    promptCommitment: someHash("prompt"),
    prefixCommitment: someHash("prefix"),
    outputOffset: 0,
    maxInputTokens: 10,
    maxOutputTokens: 10,
    samplerHash: someHash("sampler"),
    seed: someHash("seed"),
    quoteHash: someHash("quote"),
    inputPriceWei: 1n,
    outputPriceWei: 1n,
    feePpm: 0,
    maxAmountWei: LODES(1n),
    deadline: timestamp + 3_600n,
    tier: 0,
  };
  const assignmentHash = hashStruct("Assignment", assignment);
  const [assignmentProof] = signBatch(coordinator, domain, "AssignmentBatch", [assignmentHash]);
  const receipt: Receipt = {
    assignment: assignmentDigest(domain, assignment),
    inputCommitment: someHash("input"),
    outputCommitment: someHash("output"),
    fingerprintCommitment: someHash("fingerprint"),
    inputTokens: 1,
    outputTokens: 1,
    amountWei: LODES(1n) / 2n,
    startedAtMs: timestamp * 1_000n,
    finishedAtMs: timestamp * 1_000n + 5n,
    finishReason: 0,
    hosted: false,
  };
  const sign = (signed: Receipt) => {
    const [proof] = signBatch(miner, domain, "ReceiptBatch", [hashStruct("Receipt", signed)]);
    return { receipt: signed, proof: proof ?? NO_SIGNATURE };
  };
  const shown = sign(receipt);
  return {
    assignment,
    shown,
    other: (changes: Partial<Receipt>) => sign({ ...receipt, ...changes }),
    evidence: [assignment, assignmentProof, shown.receipt, shown.proof],
  };
}
