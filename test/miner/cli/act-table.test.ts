import type { AbiFunction } from "viem";
import { describe, expect, it } from "vitest";
import { contractsOf, type ContractName } from "../../../miner/src/chain/chain.ts";
import type { DeclaredAct } from "../../../miner/src/cli/acts.ts";
import { clientActs } from "../../../miner/src/cli/commands/client.ts";
import { collectActs } from "../../../miner/src/cli/commands/collect.ts";
import { disputeActs } from "../../../miner/src/cli/commands/dispute.ts";
import { governActs, guardianActs } from "../../../miner/src/cli/commands/govern.ts";
import { juryActs } from "../../../miner/src/cli/commands/jury.ts";
import { ledgerActs } from "../../../miner/src/cli/commands/ledger.ts";
import { poolActs } from "../../../miner/src/cli/commands/pool.ts";
import { recoveryActs, rewardActs } from "../../../miner/src/cli/commands/recovery.ts";
import { stakeActs, unstakeActs } from "../../../miner/src/cli/commands/stake.ts";
import { tokenActs } from "../../../miner/src/cli/commands/token.ts";
import { loadAddresses } from "@lode/sdk/addresses";
import { runLode } from "./run-lode.ts";

const contracts = contractsOf(loadAddresses(31337));
const families: readonly (readonly [string[], readonly DeclaredAct[]])[] = [
  [["stake"], stakeActs],
  [[], unstakeActs],
  [["client"], clientActs],
  [["pool"], poolActs],
  [[], collectActs],
  [["token"], tokenActs],
  [["ledger"], ledgerActs],
  [["dispute"], disputeActs],
  [["jury"], juryActs],
  [["recovery"], recoveryActs],
  [["rewards"], rewardActs],
  [["govern"], governActs],
  [["guardian"], guardianActs],
];
const acts = families.flatMap(([path, family]) => family.map((act) => [[...path, act.name], act] as const));

/** Commands that choose their function by what they are given, and the functions that no person calls. */
const composed: Partial<Record<ContractName, readonly string[]>> = {
  staking: ["register", "registerWithPermit"],
  escrow: ["deposit", "depositWithPermit", "collect", "collectMany"],
};
const otherwise: Partial<Record<ContractName, readonly string[]>> = {
  // Restricted to roles of the access manager that contracts hold.
  staking: ["slash", "freeze", "unfreeze", "setAuthority"],
  escrow: ["freezePool", "releasePool", "closePool", "setAuthority"],
  // What contracts do with an approval or somebody's signature.
  token: ["transferFrom", "burnFrom", "permit", "delegateBySig", "mint", "setAuthority"],
  // The timelock calls itself and the access manager: `lode govern schedule` names the function.
  timelock: [
    "scheduleBatch",
    "executeBatch",
    "updateDelay",
    "grantRole",
    "revokeRole",
    "renounceRole",
    "onERC721Received",
    "onERC1155Received",
    "onERC1155BatchReceived",
  ],
};

const changing = (name: ContractName): AbiFunction[] =>
  (contracts[name].abi as readonly { type: string }[]).filter(
    (item): item is AbiFunction =>
      item.type === "function" && ["nonpayable", "payable"].includes((item as AbiFunction).stateMutability),
  );

describe("the table of acts", () => {
  // The access manager's functions are reached through the timelock alone.
  it.each((Object.keys(contracts) as ContractName[]).filter((name) => name !== "access"))(
    "covers every function of %s that changes something",
    (name) => {
      const covered = acts.filter(([, act]) => act.contract === name).map(([, act]) => act.functionName);
      const all = [...covered, ...(composed[name] ?? []), ...(otherwise[name] ?? [])].sort();
      expect(all).toEqual(
        changing(name)
          .map((item) => item.name)
          .sort(),
      );
    },
  );

  it.each(acts.map(([path, act]) => [path.join(" "), path, act] as const))(
    "lode %s has help with examples and says what a dry run does",
    async (_name, path, act) => {
      const { code, out } = await runLode([...path, "--help"], {});
      expect(code).toBe(0);
      expect(out).toContain(`Examples:\n  lode ${path.join(" ")}`);
      expect(out).toContain("eth_simulateV1");
      for (const name of Object.keys(act.takes)) expect(out.toLowerCase()).toContain(name.toLowerCase().slice(0, 4));
    },
  );
});
