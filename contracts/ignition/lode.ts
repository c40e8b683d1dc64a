import {
  buildModule,
  type ContractFuture,
  type Future,
  type IgnitionModule,
  type IgnitionModuleResult,
} from "@nomicfoundation/ignition-core";
import { evmnet } from "./drand.ts";
import { guardian, roles, type Role } from "./roles.ts";
import { randomnessOf, type Settings } from "./settings.ts";
import { isDevelopmentKey, isProvable, slabKey, slabSize } from "./zk.ts";

/** The access manager's role that may change roles; the timelock alone holds it in the end. */
const admin = 0n;
const anybody = "0x0000000000000000000000000000000000000000";

/** Every contract of a deployment, wired. The deployer ends without any right. */
export const lodeModule = (settings: Settings): IgnitionModule<"Lode", string, IgnitionModuleResult<string>> =>
  buildModule("Lode", (m) => {
    const { chainId, governor, guardian: guardianAccount, treasury, values } = settings;
    const deployer = m.getAccount(0);
    const accessManager = m.contract("AccessManager", [deployer]);
    const lodeToken = m.contract("LodeToken", [accessManager, treasury, values.genesisWei, values.capWei]);
    const staking = m.contract("Staking", [
      accessManager,
      lodeToken,
      values.minimumMinerStakeWei,
      values.minimumCoordinatorStakeWei,
    ]);
    const paymentEscrow = m.contract("PaymentEscrow", [accessManager, lodeToken, staking, values.protocolFeePpm]);
    const receiptLedger = m.contract("ReceiptLedger", [staking]);
    const chosen = randomnessOf(chainId);
    const randomness =
      chosen.source === "block"
        ? m.contract("BlockRandomness", [values.randomnessDelayBlocks])
        : m.contract("DrandRandomness", [[...evmnet.publicKey], evmnet.genesis, evmnet.period, chosen.marginSeconds]);
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
    const renounced = m.call(accessManager, "renounceRole", [admin, deployer], {
      id: "ADMIN_renounced",
      after: [toTimelock],
    });
    // Nobody administers these. Last of all, so that the others are where they are with and without them.
    const zkJobs = isProvable(chainId, "classifier") && {
      zkJobs: m.contract("ZkJobs", [lodeToken], { after: [renounced] }),
    };
    const slab = `settlement-slab-${slabSize}` as const;
    const zkSettlement = isProvable(chainId, slab) && {
      zkSettlement: m.contract("ZkSettlement", [
        lodeToken,
        ...slabVerifiers(zkJobs === false ? renounced : zkJobs.zkJobs),
        slabSize,
      ]),
    };
    return {
      ...zkJobs,
      ...zkSettlement,
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

    function slabVerifiers(after: Future): [ContractFuture<string>, ContractFuture<string>] {
      const proofs = m.contract("Groth16Verifier", [slabKey(), isDevelopmentKey(slab)], { after: [after] });
      return [proofs, m.contract("EddsaPoseidon", [], { after: [proofs] })];
    }

    function at(name: string): ContractFuture<string> {
      const contract = contracts[name];
      if (contract === undefined) throw new Error(`the deployment has no ${name}`);
      return contract;
    }
  });
