import { Address, BigInt, Bytes } from "@graphprotocol/graph-ts";
import {
  CaseDecided,
  CaseFiled,
  CaseVoid,
  CommitsClosed,
  Committed,
  FaultPunished,
  JurorJoined,
  JurorLeft,
  JurorPunished,
  JurorReweighed,
  JuryDrawn,
  Revealed,
} from "../../generated/Court/Court";
import { Case, Juror, JurySeat, Miner, Model } from "../../generated/schema";
import { shownModel } from "../entities/model";
import { punish } from "../entities/fault";
import { loadProtocol } from "../entities/protocol";
import { ZERO } from "../entities/record";
import {
  recordCaseDecided,
  recordCaseFiled,
  recordCaseVoid,
  recordCommitsClosed,
  recordCommitted,
  recordFaultPunished,
  recordJurorJoined,
  recordJurorLeft,
  recordJurorPunished,
  recordJurorReweighed,
  recordJuryDrawn,
  recordRevealed,
} from "../records/court";

export { recordDrawScheduled as handleDrawScheduled } from "../records/court";

/** In the order of the contract's enumeration. */
const VERDICTS: string[] = ["NONE", "RIGHT", "WRONG", "UNDISCLOSED"];

export function handleCaseFiled(event: CaseFiled): void {
  recordCaseFiled(event);
  const filed = new Case(event.params.id.toString());
  filed.number = event.params.id;
  filed.accused = event.params.accused;
  filed.challenger = event.params.challenger;
  filed.receipt = event.params.receipt;
  filed.stage = "FILED";
  filed.moment = event.params.moment;
  filed.jury = [];
  filed.commits = 0;
  filed.reveals = 0;
  filed.verdict = "NONE";
  filed.votes = ZERO;
  filed.filedAt = event.block.timestamp;
  const model = shownModel(event, event.params.accused);
  if (model) {
    model.cases += 1;
    model.save();
    filed.model = model.id;
  }
  filed.save();
  const miner = Miner.load(event.params.accused);
  if (miner) {
    miner.cases += 1;
    miner.save();
  }
  const protocol = loadProtocol();
  protocol.cases += 1;
  protocol.save();
}

export function handleJuryDrawn(event: JuryDrawn): void {
  recordJuryDrawn(event);
  const tried = loadCase(event.params.id);
  tried.stage = "COMMITTING";
  tried.deadline = event.params.deadline;
  const jury = event.params.jury;
  tried.jury = changetype<Bytes[]>(jury);
  tried.save();
  for (let i = 0; i < jury.length; i++) {
    const seat = new JurySeat(seatId(event.params.id, jury[i]));
    seat.trial = tried.id;
    seat.juror = jury[i];
    seat.verdict = "NONE";
    seat.penaltyWei = ZERO;
    seat.save();
    const juror = Juror.load(jury[i])!;
    juror.juries += 1;
    juror.save();
  }
}

export function handleCommitted(event: Committed): void {
  recordCommitted(event);
  const tried = loadCase(event.params.id);
  tried.commits += 1;
  tried.save();
  const seat = JurySeat.load(seatId(event.params.id, event.params.juror))!;
  seat.commitment = event.params.commitment;
  seat.save();
}

export function handleCommitsClosed(event: CommitsClosed): void {
  recordCommitsClosed(event);
  const tried = loadCase(event.params.id);
  tried.stage = "REVEALING";
  tried.moment = event.params.moment;
  tried.deadline = event.params.deadline;
  tried.save();
}

export function handleRevealed(event: Revealed): void {
  recordRevealed(event);
  const tried = loadCase(event.params.id);
  tried.reveals += 1;
  tried.save();
  const seat = JurySeat.load(seatId(event.params.id, event.params.juror))!;
  seat.verdict = VERDICTS[event.params.verdict];
  seat.vote = event.params.vote;
  seat.save();
}

export function handleCaseDecided(event: CaseDecided): void {
  recordCaseDecided(event);
  const tried = loadCase(event.params.id);
  tried.stage = "DECIDED";
  tried.verdict = VERDICTS[event.params.verdict];
  tried.votes = event.params.votes;
  tried.closedAt = event.block.timestamp;
  tried.save();
  if (!tried.model || tried.verdict != "WRONG") return;
  const model = Model.load(tried.model!)!;
  model.wrongOutputs += 1;
  model.save();
}

export function handleCaseVoid(event: CaseVoid): void {
  recordCaseVoid(event);
  const tried = loadCase(event.params.id);
  tried.stage = "VOID";
  tried.isBondReturned = event.params.isBondReturned;
  tried.closedAt = event.block.timestamp;
  tried.save();
}

export function handleJurorJoined(event: JurorJoined): void {
  recordJurorJoined(event);
  let juror = Juror.load(event.params.juror);
  if (!juror) {
    juror = new Juror(event.params.juror);
    juror.weight = ZERO;
    juror.juries = 0;
    juror.penaltiesWei = ZERO;
    const miner = Miner.load(event.params.juror)!;
    miner.juror = juror.id;
    miner.save();
  }
  juror.isActive = true;
  juror.seat = event.params.seat;
  setWeight(juror, event.params.weight);
}

export function handleJurorReweighed(event: JurorReweighed): void {
  recordJurorReweighed(event);
  setWeight(Juror.load(event.params.juror)!, event.params.weight);
}

export function handleJurorLeft(event: JurorLeft): void {
  recordJurorLeft(event);
  const juror = Juror.load(event.params.juror)!;
  juror.isActive = false;
  setWeight(juror, ZERO);
}

export function handleJurorPunished(event: JurorPunished): void {
  recordJurorPunished(event);
  const seat = JurySeat.load(seatId(event.params.id, event.params.juror))!;
  seat.penaltyWei = event.params.takenWei;
  seat.save();
  const juror = Juror.load(event.params.juror)!;
  juror.penaltiesWei = juror.penaltiesWei.plus(event.params.takenWei);
  juror.save();
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

function loadCase(id: BigInt): Case {
  return Case.load(id.toString())!;
}

function seatId(id: BigInt, juror: Address): string {
  return id.toString() + "-" + juror.toHexString();
}

function setWeight(juror: Juror, weight: BigInt): void {
  const protocol = loadProtocol();
  protocol.jurorWeight = protocol.jurorWeight.minus(juror.weight).plus(weight);
  protocol.save();
  juror.weight = weight;
  juror.save();
}
