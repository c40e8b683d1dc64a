import { FaultPunished, VoucherExhibited } from "../../generated/FaultProofs/FaultProofs";
import { Exhibit } from "../../generated/schema";
import { punish } from "../entities/fault";
import { shownModel } from "../entities/model";
import { recordFaultPunished, recordVoucherExhibited } from "../records/fault-proofs";

export function handleFaultPunished(event: FaultPunished): void {
  recordFaultPunished(event);
  const given = event.params;
  const model = shownModel(event, given.accused);
  if (model) model.save();
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

export function handleVoucherExhibited(event: VoucherExhibited): void {
  recordVoucherExhibited(event);
  const exhibit = new Exhibit(event.params.payer.concat(event.params.payee));
  exhibit.payer = event.params.payer;
  exhibit.payee = event.params.payee;
  exhibit.epoch = event.params.epoch;
  exhibit.cumulativeWei = event.params.cumulativeWei;
  exhibit.exhibitedAt = event.block.timestamp;
  exhibit.save();
}
