import type { Hex } from "@lode/sdk/hash";
import type { Contracts } from "./chain.ts";
import type { Figure, Reading } from "./reading.ts";

const lode = (label: string): Figure => ({ label, unit: "lode" });
const time = (label: string): Figure => ({ label, unit: "time" });
const count = (label: string): Figure => ({ label, unit: "count" });
const address = (label: string): Figure => ({ label, unit: "address" });

/** What the contracts say that acts change, each with a label; `who` begins the label where more than one is meant. */
export function readingsOf({ token, staking, escrow, ledger }: Contracts) {
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
      figures: [{ label: "role", unit: "role" }, lode(who), lode(`${who}, thawing`), time(`${who}, thaw ends`)],
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
  } as const;
}

export type Readings = ReturnType<typeof readingsOf>;
