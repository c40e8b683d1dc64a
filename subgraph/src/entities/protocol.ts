import { Protocol } from "../../generated/schema";
import { ZERO } from "./record";

const ID = "lode";

/** The deployment's figures, all zero at first. */
export function loadProtocol(): Protocol {
  const known = Protocol.load(ID);
  if (known) return known;
  const protocol = new Protocol(ID);
  protocol.miners = 0;
  protocol.coordinators = 0;
  protocol.clients = 0;
  protocol.stakedWei = ZERO;
  protocol.thawingWei = ZERO;
  protocol.slashedWei = ZERO;
  protocol.unstakedWei = ZERO;
  protocol.accountsWei = ZERO;
  protocol.poolsWei = ZERO;
  protocol.depositedWei = ZERO;
  protocol.collectedWei = ZERO;
  protocol.pooledWei = ZERO;
  protocol.paidOutWei = ZERO;
  protocol.feesWei = ZERO;
  protocol.feesBurnedWei = ZERO;
  protocol.rewardsWei = ZERO;
  protocol.supplyWei = ZERO;
  protocol.anchors = 0;
  protocol.cases = 0;
  protocol.demands = 0;
  protocol.faults = 0;
  protocol.jurorWeight = ZERO;
  return protocol;
}
