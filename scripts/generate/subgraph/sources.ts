import {
  accessManagerAbi,
  blockRandomnessAbi,
  courtAbi,
  demandsAbi,
  drandRandomnessAbi,
  faultProofsAbi,
  lodeTokenAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  recoveryAbi,
  rewardsAbi,
  stakingAbi,
  timelockControllerAbi,
  zkJobsAbi,
} from "../../../contracts/sdk/abi/index.ts";
import type { Addresses } from "../../../contracts/sdk/addresses/index.ts";

export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
}

export interface AbiEvent {
  readonly type: "event";
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
}

type AbiItem = { readonly type: string };

/** One data source of the subgraph: a contract, its mapping file, and how its events' entities are called. */
export interface Source {
  /** Name of the data source and of its ABI. */
  readonly name: string;
  /** File name of its mapping, without the ending. */
  readonly file: string;
  readonly address: Exclude<keyof Addresses, "chainId" | "deployedAtBlock">;
  readonly abi: readonly AbiItem[];
  /** Entities that are not called as their event, because another contract has an event of that name. */
  readonly entities?: Readonly<Record<string, string>>;
  /** Further entities that the mapping writes. */
  readonly writes: readonly string[];
}

/** A deployment has one source of randomness, and both kinds have a name of their own for its event. */
const randomnessAbi: readonly AbiItem[] = [
  ...blockRandomnessAbi,
  ...drandRandomnessAbi.filter(({ type }) => type === "event"),
];

const domainChanged = { EIP712DomainChanged: "DomainChanged" };

export const sources: readonly Source[] = [
  {
    name: "LodeToken",
    file: "lode-token",
    address: "lodeToken",
    abi: lodeTokenAbi,
    entities: domainChanged,
    writes: ["Holder", "Protocol"],
  },
  {
    name: "Staking",
    file: "staking",
    address: "staking",
    abi: stakingAbi,
    writes: ["Staker", "OperatorKey", "Miner", "Coordinator", "Pool", "Protocol", "Flow"],
  },
  {
    name: "PaymentEscrow",
    file: "payment-escrow",
    address: "paymentEscrow",
    abi: paymentEscrowAbi,
    entities: domainChanged,
    writes: [
      ...["Client", "Account", "Pool", "Channel", "SessionSigner", "PoolSigner", "FeeEpoch", "PayeeFee"],
      ...["Staker", "Miner", "Coordinator", "Protocol", "Payment", "Flow"],
    ],
  },
  {
    name: "ReceiptLedger",
    file: "receipt-ledger",
    address: "receiptLedger",
    abi: receiptLedgerAbi,
    entities: domainChanged,
    writes: ["Coordinator", "Anchor", "Protocol", "Growth"],
  },
  { name: "Recovery", file: "recovery", address: "recovery", abi: recoveryAbi, writes: ["Spell", "Creditor", "Pool"] },
  {
    name: "Rewards",
    file: "rewards",
    address: "rewards",
    abi: rewardsAbi,
    writes: ["FeeEpoch", "PayeeFee", "Miner", "Protocol"],
  },
  {
    name: "FaultProofs",
    file: "fault-proofs",
    address: "faultProofs",
    abi: faultProofsAbi,
    writes: ["Exhibit", "Fault", "Staker", "Coordinator", "Protocol"],
  },
  {
    name: "Demands",
    file: "demands",
    address: "demands",
    abi: demandsAbi,
    writes: ["Demand", "Fault", "Staker", "Coordinator", "Protocol"],
  },
  {
    name: "Court",
    file: "court",
    address: "court",
    abi: courtAbi,
    writes: ["Case", "JurySeat", "Juror", "Model", "Fault", "Miner", "Staker", "Coordinator", "Protocol"],
  },
  { name: "Randomness", file: "randomness", address: "randomness", abi: randomnessAbi, writes: [] },
  { name: "ZkJobs", file: "zk-jobs", address: "zkJobs", abi: zkJobsAbi, writes: [] },
  { name: "AccessManager", file: "access-manager", address: "accessManager", abi: accessManagerAbi, writes: [] },
  {
    name: "Timelock",
    file: "timelock",
    address: "timelock",
    abi: timelockControllerAbi,
    entities: {
      RoleAdminChanged: "TimelockRoleAdminChanged",
      RoleGranted: "TimelockRoleGranted",
      RoleRevoked: "TimelockRoleRevoked",
      Cancelled: "CallCancelled",
    },
    writes: [],
  },
];

export function eventsOf({ abi }: Source): readonly AbiEvent[] {
  return abi.filter((item): item is AbiEvent => item.type === "event");
}

/** The entity that keeps an event of a source. */
export function entityOf(source: Source, event: AbiEvent): string {
  return source.entities?.[event.name] ?? event.name;
}

/** A field may not be called `id`: that is the record's own. */
export function fieldOf(source: Source, { name }: AbiParameter): string {
  if (name !== "id") return name;
  return { Court: "caseId", Demands: "demandId", Timelock: "callId" }[source.name] ?? `${source.file}Id`;
}
