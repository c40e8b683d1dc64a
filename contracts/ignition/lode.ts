import { buildModule } from "@nomicfoundation/ignition-core";
import { checkedValues } from "./parameters.ts";
import { roles } from "./roles.ts";

/** Every contract of a deployment, wired. The access manager's first admin is the deployer. */
export const lodeModule = buildModule("Lode", (m) => {
  const deployer = m.getAccount(0);
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
  const targets = { lodeToken, staking };
  for (const { id, label, target, selectors } of roles) {
    // After every contract, so that the contracts' addresses depend on nothing but their order.
    const after = [paymentEscrow, receiptLedger];
    m.call(accessManager, "setTargetFunctionRole", [targets[target], [...selectors], id], {
      id: `${label}_functions`,
      after,
    });
    m.call(accessManager, "labelRole", [id, label], { id: `${label}_label`, after });
  }
  return { accessManager, lodeToken, staking, paymentEscrow, receiptLedger };
});
