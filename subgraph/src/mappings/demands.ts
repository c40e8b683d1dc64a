import { BigInt } from "@graphprotocol/graph-ts";
import { DemandAnswered, DemandFailed, DemandOpened, DemandVoid, FaultPunished } from "../../generated/Demands/Demands";
import { Demand } from "../../generated/schema";
import { punish } from "../entities/fault";
import { shownModel } from "../entities/model";
import { loadProtocol } from "../entities/protocol";
import { ZERO } from "../entities/record";
import {
  recordDemandAnswered,
  recordDemandFailed,
  recordDemandOpened,
  recordDemandVoid,
  recordFaultPunished,
} from "../records/demands";

/** In the order of the contract's enumeration, which begins with none. */
const SUBJECTS: string[] = ["", "IN_LOG", "IN_BOOKS", "OPENING", "PAYMENT"];

export function handleDemandOpened(event: DemandOpened): void {
  recordDemandOpened(event);
  const demand = new Demand(event.params.id.toString());
  demand.number = event.params.id;
  demand.subject = SUBJECTS[event.params.subject];
  demand.status = "OPEN";
  demand.accused = event.params.accused;
  demand.challenger = event.params.challenger;
  demand.deadline = event.params.deadline;
  demand.moment = event.params.moment;
  demand.compensationWei = ZERO;
  demand.openedAt = event.block.timestamp;
  const model = shownModel(event, event.params.accused);
  if (model) {
    model.save();
    demand.model = model.id;
  }
  demand.save();
  const protocol = loadProtocol();
  protocol.demands += 1;
  protocol.save();
}

export function handleDemandAnswered(event: DemandAnswered): void {
  recordDemandAnswered(event);
  end(event.params.id, "ANSWERED", event.block.timestamp, event.params.compensationWei);
}

export function handleDemandFailed(event: DemandFailed): void {
  recordDemandFailed(event);
  end(event.params.id, "FAILED", event.block.timestamp, ZERO);
}

export function handleDemandVoid(event: DemandVoid): void {
  recordDemandVoid(event);
  end(event.params.id, "VOID", event.block.timestamp, ZERO);
}

export function handleFaultPunished(event: FaultPunished): void {
  recordFaultPunished(event);
  const given = event.params;
  punish(
    event,
    given.fault,
    given.accused,
    given.challenger,
    given.key,
    given.takenWei,
    given.refundWei,
    given.rewardWei,
    given.burnedWei,
  );
}

function end(id: BigInt, status: string, timestamp: BigInt, compensationWei: BigInt): void {
  const demand = Demand.load(id.toString())!;
  demand.status = status;
  demand.compensationWei = compensationWei;
  demand.closedAt = timestamp;
  demand.save();
}
