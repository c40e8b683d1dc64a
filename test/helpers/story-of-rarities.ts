import {
  accessManagerAbi,
  blockRandomnessAbi,
  courtAbi,
  demandsAbi,
  lodeTokenAbi,
  receiptLedgerAbi,
  recoveryAbi,
  timelockControllerAbi,
  zkJobsAbi,
} from "@lode/sdk/abi";
import { devnetChainId, type Signer } from "@lode/sdk/keys";
import { CompactRange, sumTree } from "@lode/sdk/merkle";
import { hashStruct } from "@lode/sdk/typed-data";
import { circuitOf, SnarkjsProver, solidityProof } from "@lode/zk-circuits";
import { bindingOf, classifierInput, classifyFeatures, commitmentOf, featuresOf } from "@lode/zk-circuits/classifier";
import { encodeFunctionData, parseEther, zeroHash, type Hex } from "viem";
import { COORDINATOR, depositPool, register, someHash } from "../../scripts/bench/gas/acts.ts";
import type { Bed, Target } from "../../scripts/bench/gas/bed.ts";
import { Channel, POOLED } from "../../scripts/bench/gas/vouchers.ts";
import { DAY, job, LODES, pass, type Cast } from "./story-of-events.ts";

const HOUR = 3_600;
const GUARDIAN = 4n;
const SCRATCH_ROLE = 77n;

/** What nobody sees in most weeks: a recovery to its end, answers, cases without randomness, proofs, pauses, governance. */
export async function tellOfRarities(bed: Bed, cast: Cast): Promise<void> {
  await tellOfVoids(bed, cast);
  await tellOfProofs(bed, cast);
  await tellOfRecovery(bed, cast);
  await tellOfPauses(bed);
  await tellOfGovernance(bed);
}

/** A coordinator that cannot pay is shared out by its books: opened, registered, claimed, closed. */
async function tellOfRecovery(bed: Bed, { miners }: Cast): Promise<void> {
  const recovery: Target = { address: bed.addresses.recovery, abi: recoveryAbi };
  const [, , payee] = miners as [Signer, Signer, Signer];
  const ruined = await bed.person("ruined");
  await register(bed, ruined, COORDINATOR, 5_000n);
  await depositPool(bed, ruined, LODES(1n));
  const [payer, dueWei] = [ruined.address, LODES(30n)];
  const line = { payer, payee: payee.address, epoch: 0n, cumulativeWei: dueWei, outstandingWei: dueWei };
  const path = { hashes: [], sumsWei: [], lefts: 0n };
  const shown = await anchorRoot(bed, ruined, someHash("log"), 5n, sumTree([line]).root);
  await pass(bed, 2 * DAY);
  const { voucher, signature } = new Channel(bed, ruined, payee.address, POOLED).next(5, dueWei);
  await bed.send(payee.address, recovery, "declare", [voucher, signature]);
  await pass(bed, 4 * DAY);
  await bed.send(payee.address, recovery, "showAnchors", [payer, [shown.previous], [shown.anchor]]);
  await bed.send(payee.address, recovery, "open", [payer, line, path]);
  await bed.send(payee.address, recovery, "register", [payer, line, path]);
  await pass(bed, 8 * DAY);
  await bed.send(payee.address, recovery, "claim", [payer, payee.address]);
  await pass(bed, 31 * DAY);
  await bed.send(payee.address, recovery, "close", [payer]);
}

/** A demand that is answered, a demand and a case for which no randomness comes, and a draw whose value is kept. */
async function tellOfVoids(bed: Bed, { coordinator, poor, miners, clients }: Cast): Promise<void> {
  const [, second, third] = miners as [Signer, Signer, Signer];
  const [client] = clients as [Signer];
  const court: Target = { address: bed.addresses.court, abi: courtAbi };
  const demands: Target = { address: bed.addresses.demands, abi: demandsAbi };
  const randomness: Target = { address: bed.addresses.randomness, abi: blockRandomnessAbi };

  const found = await job(bed, poor, third, client, 4n);
  await bed.send(client.address, demands, "demandInLog", found.evidence);
  const tree = new CompactRange();
  tree.append(hashStruct("Receipt", found.shown.receipt));
  const { previous, anchor } = await anchorRoot(bed, poor, tree.root(), 1n, zeroHash);
  await bed.send(poor.address, demands, "answerInLog", [2n, 0n, [], previous, [anchor]]);

  const unopened = await job(bed, coordinator, third, client, 5n);
  await bed.send(client.address, demands, "demandOpening", unopened.evidence);
  await pass(bed, 3 * DAY);
  await bed.send(client.address, demands, "fail", [3n]);

  const undrawn = await job(bed, coordinator, second, client, 6n);
  await bed.send(client.address, court, "file", undrawn.evidence);
  await pass(bed, 4 * DAY);
  await bed.send(client.address, court, "drawJury", [2n]);

  await bed.send(client.address, court, "scheduleDraw", [poor.address]);
  const moment = (await bed.client.getBlockNumber({ cacheTime: 0 })) - 1n;
  await bed.send(client.address, randomness, "keep", [moment]);
}

/** A classification that is proved and paid, and one that nobody answers. */
async function tellOfProofs(bed: Bed, { miners, clients }: Cast): Promise<void> {
  const { zkJobs: address } = bed.addresses;
  if (address === undefined) throw new Error("the deployment has no ZkJobs");
  const zkJobs: Target = { address, abi: zkJobsAbi };
  const [[miner], [client]] = [miners, clients] as [readonly [Signer], readonly [Signer]];
  const features = featuresOf("how do I fix a null pointer exception in Java?");
  const salt = 0x1234_5678n;
  await bed.send(client.address, bed.token, "approve", [address, LODES(10n)]);
  const { timestamp } = await bed.client.getBlock();
  for (const priceWei of [LODES(2n), LODES(3n)]) {
    await bed.send(client.address, zkJobs, "open", [commitmentOf(features, salt), priceWei, timestamp + BigInt(HOUR)]);
  }
  const answer = classifyFeatures(features);
  const binding = bindingOf({ chainId: devnetChainId, zkJobs: address, jobId: 1n, miner: miner.address });
  const input = classifierInput(features, salt, { answer, binding });
  const { proof } = await new SnarkjsProver().prove(circuitOf("classifier"), input);
  await bed.send(miner.address, zkJobs, "answer", [1n, miner.address, BigInt(answer), solidityProof(proof)]);
  await pass(bed, 2 * HOUR);
  await bed.send(client.address, zkJobs, "refund", [2n]);
}

/** A guardian stops what comes in and lets it go on; one that has to wait first does so too, and thinks better of it. */
async function tellOfPauses(bed: Bed): Promise<void> {
  const manager: Target = { address: bed.addresses.accessManager, abi: accessManagerAbi };
  const { timelock } = bed.addresses;
  await bed.client.setBalance({ address: timelock, value: parseEther("100") });
  const [quick, slow] = [await bed.person("quick guardian"), await bed.person("slow guardian")];
  await bed.send(timelock, manager, "grantRole", [GUARDIAN, quick.address, 0]);
  await bed.send(timelock, manager, "grantRole", [GUARDIAN, slow.address, HOUR]);
  const data = encodeFunctionData({ abi: bed.staking.abi, functionName: "pauseIntake" });
  const call = [bed.staking.address, data] as const;
  await bed.send(slow.address, manager, "schedule", [...call, 0]);
  await bed.send(slow.address, manager, "cancel", [slow.address, ...call]);
  await bed.send(slow.address, manager, "schedule", [...call, 0]);
  await pass(bed, 2 * HOUR);
  await bed.send(slow.address, manager, "execute", call);
  await bed.send(quick.address, bed.staking, "resumeIntake", []);
  await bed.send(quick.address, bed.escrow, "pauseIntake", []);
  await bed.send(quick.address, bed.escrow, "resumeIntake", []);
  await bed.send(timelock, manager, "revokeRole", [GUARDIAN, quick.address]);
}

/** Roles and delays change; a call waits out its time, and another one is withdrawn. */
async function tellOfGovernance(bed: Bed): Promise<void> {
  const manager: Target = { address: bed.addresses.accessManager, abi: accessManagerAbi };
  const { timelock: self } = bed.addresses;
  const timelock: Target = { address: self, abi: timelockControllerAbi };
  const token: Target = { address: bed.addresses.lodeToken, abi: lodeTokenAbi };
  await bed.send(self, manager, "labelRole", [SCRATCH_ROLE, "SCRATCH"]);
  await bed.send(self, manager, "setRoleAdmin", [SCRATCH_ROLE, GUARDIAN]);
  await bed.send(self, manager, "setRoleGuardian", [SCRATCH_ROLE, GUARDIAN]);
  await bed.send(self, manager, "setGrantDelay", [SCRATCH_ROLE, HOUR]);
  await bed.send(self, manager, "setTargetAdminDelay", [token.address, HOUR]);
  await bed.send(self, manager, "setTargetClosed", [token.address, true]);
  await bed.send(self, manager, "setTargetClosed", [token.address, false]);

  const proposer = await bed.person("proposer");
  const [proposers, cancellers] = await Promise.all(
    ["PROPOSER_ROLE", "CANCELLER_ROLE"].map((functionName) => bed.client.readContract({ ...timelock, functionName })),
  );
  await bed.send(self, timelock, "grantRole", [proposers, proposer.address]);
  await bed.send(self, timelock, "grantRole", [cancellers, proposer.address]);
  await bed.send(self, timelock, "updateDelay", [BigInt(HOUR)]);
  const nothing = [self, 0n, encodeFunctionData({ ...timelock, functionName: "getMinDelay" }), zeroHash] as const;
  for (const salt of [someHash("one"), someHash("other")]) {
    await bed.send(proposer.address, timelock, "schedule", [...nothing, salt, BigInt(HOUR)]);
  }
  const id = await bed.client.readContract({
    ...timelock,
    functionName: "hashOperation",
    args: [...nothing, someHash("other")],
  });
  await bed.send(proposer.address, timelock, "cancel", [id]);
  await pass(bed, 2 * HOUR);
  await bed.send(proposer.address, timelock, "execute", [...nothing, someHash("one")]);
  await bed.send(self, timelock, "revokeRole", [proposers, proposer.address]);
}

/** Anchors, and gives the anchor as evidence shows it, with the commitment before it. */
async function anchorRoot(bed: Bed, who: Signer, root: Hex, size: bigint, liabilitiesRoot: Hex) {
  const head = { address: bed.addresses.receiptLedger, abi: receiptLedgerAbi, functionName: "headOf" } as const;
  const [, , , previous] = await bed.client.readContract({ ...head, args: [who.address] });
  await bed.send(who.address, bed.ledger, "anchor", [who.address, root, size, liabilitiesRoot, zeroHash]);
  const [epoch, , anchoredAt] = await bed.client.readContract({ ...head, args: [who.address] });
  return { previous, anchor: { root, liabilitiesRoot, nextNonceHash: zeroHash, epoch, size, anchoredAt } };
}
