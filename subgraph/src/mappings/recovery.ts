import { Address, BigInt, Bytes } from "@graphprotocol/graph-ts";
import {
  LineRegistered,
  RecoveryClaimed,
  RecoveryClosed,
  RecoveryOpened,
  ShortfallCured,
  ShortfallDeclared,
} from "../../generated/Recovery/Recovery";
import { Creditor, Spell } from "../../generated/schema";
import { loadPool } from "../entities/pool";
import { ZERO } from "../entities/record";
import {
  recordLineRegistered,
  recordRecoveryClaimed,
  recordRecoveryClosed,
  recordRecoveryOpened,
  recordShortfallCured,
  recordShortfallDeclared,
} from "../records/recovery";

export function handleShortfallDeclared(event: ShortfallDeclared): void {
  recordShortfallDeclared(event);
  const spell = currentOrNew(event.params.payer, event.block.timestamp);
  spell.declared += 1;
  spell.dueWei = spell.dueWei.plus(event.params.dueWei);
  spell.save();
  const creditor = loadCreditor(spell, event.params.payee);
  creditor.cumulativeWei = event.params.cumulativeWei;
  creditor.declaredWei = event.params.dueWei;
  creditor.save();
}

export function handleShortfallCured(event: ShortfallCured): void {
  recordShortfallCured(event);
  const spell = current(event.params.payer);
  spell.declared -= 1;
  spell.dueWei = spell.dueWei.minus(event.params.paidWei);
  const creditor = loadCreditor(spell, event.params.payee);
  creditor.curedWei = creditor.curedWei.plus(event.params.paidWei);
  creditor.save();
  if (spell.declared == 0) end(spell, "CURED", event.block.timestamp);
  spell.save();
}

export function handleRecoveryOpened(event: RecoveryOpened): void {
  recordRecoveryOpened(event);
  const spell = current(event.params.payer);
  spell.stage = "OPEN";
  spell.liabilitiesRoot = event.params.liabilitiesRoot;
  spell.totalWei = event.params.totalWei;
  spell.potWei = event.params.potWei;
  spell.openedAt = event.block.timestamp;
  spell.save();
}

export function handleLineRegistered(event: LineRegistered): void {
  recordLineRegistered(event);
  const spell = current(event.params.payer);
  spell.registeredWei = spell.registeredWei.plus(event.params.dueWei);
  spell.save();
  const creditor = loadCreditor(spell, event.params.payee);
  creditor.registeredWei = event.params.dueWei;
  creditor.save();
}

export function handleRecoveryClaimed(event: RecoveryClaimed): void {
  recordRecoveryClaimed(event);
  const spell = current(event.params.payer);
  spell.paidWei = spell.paidWei.plus(event.params.paidWei);
  spell.save();
  const creditor = loadCreditor(spell, event.params.payee);
  creditor.paidWei = event.params.paidWei;
  creditor.save();
}

export function handleRecoveryClosed(event: RecoveryClosed): void {
  recordRecoveryClosed(event);
  const spell = current(event.params.payer);
  spell.burnedWei = event.params.burnedWei;
  end(spell, spell.stage == "OPEN" ? "CLOSED" : "RELEASED", event.block.timestamp);
  spell.save();
}

/** The payer's running spell; the contract lets none of these events happen without one. */
function current(payer: Address): Spell {
  return Spell.load(loadPool(payer).spell!)!;
}

function currentOrNew(payer: Address, timestamp: BigInt): Spell {
  const pool = loadPool(payer);
  if (pool.spell) return Spell.load(pool.spell!)!;
  pool.spells += 1;
  const spell = new Spell(payer.concatI32(pool.spells));
  spell.payer = payer;
  spell.number = pool.spells;
  spell.stage = "FROZEN";
  spell.declared = 0;
  spell.dueWei = ZERO;
  spell.totalWei = ZERO;
  spell.potWei = ZERO;
  spell.registeredWei = ZERO;
  spell.paidWei = ZERO;
  spell.burnedWei = ZERO;
  spell.declaredAt = timestamp;
  pool.spell = spell.id;
  pool.save();
  return spell;
}

function end(spell: Spell, stage: string, timestamp: BigInt): void {
  spell.stage = stage;
  spell.closedAt = timestamp;
  const pool = loadPool(spell.payer);
  pool.spell = null;
  pool.save();
}

function loadCreditor(spell: Spell, payee: Bytes): Creditor {
  const id = spell.id.concat(payee);
  const known = Creditor.load(id);
  if (known) return known;
  const creditor = new Creditor(id);
  creditor.spell = spell.id;
  creditor.payee = payee;
  creditor.cumulativeWei = ZERO;
  creditor.declaredWei = ZERO;
  creditor.curedWei = ZERO;
  creditor.registeredWei = ZERO;
  creditor.paidWei = ZERO;
  return creditor;
}
