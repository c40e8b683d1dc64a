import { Bytes } from "@graphprotocol/graph-ts";
import { Pool, Staker } from "../../generated/schema";
import { ZERO } from "./record";

/** The internal balance of an account, empty at first. A staker is told of it. */
export function loadPool(account: Bytes): Pool {
  const known = Pool.load(account);
  if (known) return known;
  const pool = new Pool(account);
  pool.balanceWei = ZERO;
  pool.thawingWei = ZERO;
  pool.thawEndsAt = ZERO;
  pool.epoch = ZERO;
  pool.isFrozen = false;
  pool.depositedWei = ZERO;
  pool.earnedWei = ZERO;
  pool.spentWei = ZERO;
  pool.withdrawnWei = ZERO;
  pool.sweptWei = ZERO;
  pool.takenWei = ZERO;
  pool.spells = 0;
  const staker = Staker.load(account);
  if (staker) {
    staker.pool = account;
    staker.save();
  }
  return pool;
}
