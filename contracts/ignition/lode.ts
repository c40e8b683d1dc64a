import { buildModule, type ContractFuture } from "@nomicfoundation/ignition-core";
import { checkedValues } from "./parameters.ts";
import { guardian, roles, type Role } from "./roles.ts";

/** The access manager's role that may change roles; the timelock alone holds it in the end. */
const admin = 0n;
const anybody = "0x0000000000000000000000000000000000000000";

/**
 * Every contract of a deployment, wired. Two accounts are given as parameters: the governor, which proposes changes to the
 * timelock, and the guardian. The deployer ends without any right.
 */
export const lodeModule = buildModule("Lode", (m) => {
  const deployer = m.getAccount(0);
  const governor = m.getParameter<string>("governor", deployer as never);
  const guardianAccount = m.getParameter<string>("guardian", deployer as never);
  const values = checkedValues();
  const accessManager = m.contract("AccessManager", [deployer]);
  const lodeToken = m.contract("LodeToken", [accessManager, deployer, values.genesisWei, values.capWei]);
  const staking = m.contract("Staking", [
    accessManager,
    lodeToken,
    values.minimumMinerStakeWei,
    values.minimumCoordinatorStakeWei,
  ]);
  const paymentEscrow = m.contract("PaymentEscrow", [accessManager, lodeToken, staking, values.protocolFeePpm]);
  const receiptLedger = m.contract("ReceiptLedger", [staking]);
  const randomness = m.contract("BlockRandomness", [values.randomnessDelayBlocks]);
  const recovery = m.contract("Recovery", [lodeToken, staking, paymentEscrow, receiptLedger]);
  const rewards = m.contract("Rewards", [
    lodeToken,
    paymentEscrow,
    staking,
    values.rebateRatePpm,
    values.firstWeeklyBudgetWei,
  ]);
  const faultProofs = m.contract("FaultProofs", [lodeToken, staking, receiptLedger, paymentEscrow]);
  const demands = m.contract("Demands", [
    lodeToken,
    staking,
    receiptLedger,
    paymentEscrow,
    faultProofs,
    randomness,
    values.demandBondWei,
  ]);
  const court = m.contract("Court", [
    lodeToken,
    staking,
    receiptLedger,
    randomness,
    values.caseBondWei,
    values.jurorFeeWei,
    values.jurorPenaltyWei,
    values.drawRatePpm,
  ]);
  // Anybody may execute what waited out its delay; nobody may propose but the governor. It administers itself.
  const timelock = m.contract("TimelockController", [values.timelockSeconds, [governor], [anybody], anybody]);

  const contracts: Record<string, ContractFuture<string>> = {
    lodeToken,
    staking,
    paymentEscrow,
    recovery,
    rewards,
    faultProofs,
    demands,
    court,
  };
  // After every contract, so that the contracts' addresses depend on nothing but their order.
  const after = [receiptLedger, timelock, ...Object.values(contracts)];
  const wired = [...roles, guardian].flatMap((role: Role) => {
    const { id, label, functions, holders } = role;
    const calls = Object.entries(functions).map(([target, selectors]) =>
      m.call(accessManager, "setTargetFunctionRole", [at(target), [...selectors], id], {
        id: `${label}_${target}`,
        after,
      }),
    );
    const grants = holders.map((holder) =>
      m.call(accessManager, "grantRole", [id, at(holder), 0n], { id: `${label}_to_${holder}`, after }),
    );
    return [...calls, ...grants, m.call(accessManager, "labelRole", [id, label], { id: `${label}_label`, after })];
  });
  const toGuardian = m.call(accessManager, "grantRole", [guardian.id, guardianAccount, 0n], {
    id: "GUARDIAN_to_guardian",
    after,
  });
  const toTimelock = m.call(accessManager, "grantRole", [admin, timelock, 0n], {
    id: "ADMIN_to_timelock",
    after: [...wired, toGuardian],
  });
  m.call(accessManager, "renounceRole", [admin, deployer], { id: "ADMIN_renounced", after: [toTimelock] });
  return {
    accessManager,
    timelock,
    lodeToken,
    staking,
    paymentEscrow,
    receiptLedger,
    randomness,
    recovery,
    rewards,
    faultProofs,
    demands,
    court,
  };

  function at(name: string): ContractFuture<string> {
    const contract = contracts[name];
    if (contract === undefined) throw new Error(`the deployment has no ${name}`);
    return contract;
  }
});
