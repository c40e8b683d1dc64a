import type { Hex } from "@lode/sdk/hash";
import type { Contracts } from "./chain.ts";
import type { Figure, Reading } from "./reading.ts";

const lode = (label: string): Figure => ({ label, unit: "lode" });
const time = (label: string): Figure => ({ label, unit: "time" });
const count = (label: string): Figure => ({ label, unit: "count" });
const address = (label: string): Figure => ({ label, unit: "address" });
const flag = (label: string): Figure => ({ label, unit: "flag" });

/** Staking's roles by number. */
export const roleNames = ["none", "miner", "coordinator"] as const;
const caseStages = ["none", "filed", "committing", "revealing"] as const;
const spellStages = ["none", "frozen", "open"] as const;
const subjects = ["none", "in the log", "in the books", "opening", "payment"] as const;
const operationStates = ["none", "waiting", "ready", "done"] as const;

/** What the contracts say that acts change, each with a label; `who` begins the label where more than one is meant. */
export function readingsOf(contracts: Contracts) {
  const { token, staking, escrow, ledger } = contracts;
  return {
    wallet: (account: Hex, who = "wallet"): Reading => ({
      contract: token,
      functionName: "balanceOf",
      args: [account],
      figures: [lode(who)],
    }),
    allowance: (owner: Hex, spender: Hex, who = "allowance"): Reading => ({
      contract: token,
      functionName: "allowance",
      args: [owner, spender],
      figures: [lode(who)],
    }),
    supply: (): Reading => ({
      contract: token,
      functionName: "totalSupply",
      args: [],
      figures: [lode("LODE in existence")],
    }),
    votes: (account: Hex, who = "votes"): Reading => ({
      contract: token,
      functionName: "getVotes",
      args: [account],
      figures: [lode(who)],
    }),
    delegate: (account: Hex): Reading => ({
      contract: token,
      functionName: "delegates",
      args: [account],
      figures: [address("votes go to")],
    }),
    stake: (staker: Hex, who = "stake"): Reading => ({
      contract: staking,
      functionName: "stakeOf",
      args: [staker],
      figures: [{ label: "role", unit: roleNames }, lode(who), lode(`${who}, thawing`), time(`${who}, thaw ends`)],
    }),
    operator: (staker: Hex): Reading => ({
      contract: staking,
      functionName: "operatorOf",
      args: [staker],
      figures: [address("operator")],
    }),
    payout: (staker: Hex): Reading => ({
      contract: staking,
      functionName: "payoutOf",
      args: [staker],
      figures: [address("payout")],
    }),
    account: (payer: Hex, payee: Hex, who = "account"): Reading => ({
      contract: escrow,
      functionName: "accountOf",
      args: [payer, payee],
      figures: [lode(who), lode(`${who}, thawing`), time(`${who}, thaw ends`), undefined],
    }),
    channel: (payer: Hex, payee: Hex, kind: number, who = "collected"): Reading => ({
      contract: escrow,
      functionName: "channelOf",
      args: [payer, payee, kind],
      figures: [lode(who), count(`${who}, receipts`)],
    }),
    pool: (account: Hex, who = "pool"): Reading => ({
      contract: escrow,
      functionName: "poolOf",
      args: [account],
      figures: [lode(who), lode(`${who}, thawing`), time(`${who}, thaw ends`), undefined],
    }),
    signer: (payer: Hex, payee: Hex, signer: Hex): Reading => ({
      contract: escrow,
      functionName: "signerOf",
      args: [payer, payee, signer],
      figures: [lode("signer, cap"), time("signer, until")],
    }),
    poolSigner: (payer: Hex, signer: Hex): Reading => ({
      contract: escrow,
      functionName: "poolSignerOf",
      args: [payer, signer],
      figures: [lode("pool signer, cap a day"), time("pool signer, until")],
    }),
    fees: (epoch: bigint): Reading => ({
      contract: escrow,
      functionName: "feesOf",
      args: [epoch],
      figures: [lode(`fees of epoch ${epoch}`), lode(`fees of epoch ${epoch}, burned`)],
    }),
    head: (coordinator: Hex): Reading => ({
      contract: ledger,
      functionName: "headOf",
      args: [coordinator],
      figures: [count("anchors"), count("log size"), time("last anchor"), { label: "commitment", unit: "hash" }],
    }),
    ...readingsOfDisputes(contracts),
    ...readingsOfGovernance(contracts),
  } as const;
}

/** Jurors, cases, demands, recoveries and rebates. */
function readingsOfDisputes({ staking, escrow, court, demands, proofs, recovery, rewards }: Contracts) {
  return {
    freezes: (staker: Hex, who = "stake"): Reading => ({
      contract: staking,
      functionName: "freezesOf",
      args: [staker],
      figures: [count(`${who}, freezes`)],
    }),
    juror: (juror: Hex): Reading => ({
      contract: court,
      functionName: "jurorOf",
      args: [juror],
      figures: [count("juror, weight"), count("juror, duties")],
    }),
    totalWeight: (): Reading => ({
      contract: court,
      functionName: "totalWeight",
      args: [],
      figures: [count("weight of all jurors")],
    }),
    pendingDraws: (): Reading => ({
      contract: court,
      functionName: "pendingDraws",
      args: [],
      figures: [count("juries to draw")],
    }),
    tried: (id: bigint): Reading => ({
      contract: court,
      functionName: "caseOf",
      args: [id],
      figures: {
        stage: { label: `case ${id}`, unit: caseStages },
        commits: count("commits"),
        reveals: count("reveals"),
        deadline: time("until"),
        moment: count("moment of randomness"),
        accused: address("accused"),
        refundWei: lode("refund"),
      },
    }),
    demand: (id: bigint): Reading => ({
      contract: demands,
      functionName: "demandOf",
      args: [id],
      figures: {
        subject: { label: `demand ${id}`, unit: subjects },
        accused: address("accused"),
        challenger: address("challenger"),
        deadline: time("answer until"),
      },
    }),
    exhibit: (payer: Hex, payee: Hex): Reading => ({
      contract: proofs,
      functionName: "exhibitOf",
      args: [payer, payee],
      figures: { cumulativeWei: lode("voucher on record"), exhibitedAt: time("on record since") },
    }),
    forked: (coordinator: Hex): Reading => ({
      contract: proofs,
      functionName: "isForked",
      args: [coordinator],
      figures: [flag("log proved forked")],
    }),
    spell: (payer: Hex): Reading => ({
      contract: recovery,
      functionName: "spellOf",
      args: [payer],
      figures: {
        stage: { label: "insolvency", unit: spellStages },
        declaredAt: time("declared"),
        openedAt: time("recovery opened"),
        declared: count("vouchers declared"),
        dueWei: lode("declared, due"),
        potWei: lode("to share"),
        paidWei: lode("shared so far"),
        registeredWei: lode("lines registered"),
        liabilitiesRoot: { label: "liabilities root", unit: "hash" },
      },
    }),
    registered: (payer: Hex, payee: Hex): Reading => ({
      contract: recovery,
      functionName: "registeredOf",
      args: [payer, payee],
      figures: [lode("line registered")],
    }),
    frozenPool: (account: Hex): Reading => ({
      contract: escrow,
      functionName: "isPoolFrozen",
      args: [account],
      figures: [flag("pool frozen")],
    }),
    reward: (epoch: bigint, payee: Hex): Reading => ({
      contract: rewards,
      functionName: "rewardWei",
      args: [epoch, payee],
      figures: [lode(`rebate of epoch ${epoch}`)],
    }),
    rewarded: (epoch: bigint, payee: Hex): Reading => ({
      contract: rewards,
      functionName: "isClaimed",
      args: [epoch, payee],
      figures: [flag("rebate paid")],
    }),
  } as const;
}

/** The timelock and the guardian's pauses. */
function readingsOfGovernance({ staking, escrow, timelock }: Contracts) {
  const pause = (contract: Reading["contract"], label: string) => (): Reading => ({
    contract,
    functionName: "intakePausedUntil",
    args: [],
    figures: [time(label)],
  });
  return {
    operation: (id: Hex): Reading => ({
      contract: timelock,
      functionName: "getOperationState",
      args: [id],
      figures: [{ label: "operation", unit: operationStates }],
    }),
    operationTime: (id: Hex): Reading => ({
      contract: timelock,
      functionName: "getTimestamp",
      args: [id],
      // The timelock writes 1 for what is done.
      figures: [time("may be executed from")],
    }),
    pausedStakes: pause(staking, "new stakes stopped until"),
    pausedAccounts: pause(escrow, "new accounts stopped until"),
  } as const;
}

export type Readings = ReturnType<typeof readingsOf>;
