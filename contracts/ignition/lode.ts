import { buildModule } from "@nomicfoundation/ignition-core";
import { checkedValues } from "./parameters.ts";

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
  const paymentEscrow = m.contract("PaymentEscrow", [lodeToken, staking, values.protocolFeePpm]);
  const receiptLedger = m.contract("ReceiptLedger", [staking]);
  return { accessManager, lodeToken, staking, paymentEscrow, receiptLedger };
});
