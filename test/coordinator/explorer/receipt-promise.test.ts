import type { LogEntry } from "@lode/protocol";
import { expect, it } from "vitest";
import { promiseOf } from "../../../coordinator/web/src/features/receipt/promise.ts";
import { promisedPlan } from "../../sdk/audit-plans.ts";
import { honestPlan, people, signHistory, type History } from "../../sdk/audit-history.ts";

const shown = ({ entries }: History, change: Partial<LogEntry> = {}): ReturnType<typeof promiseOf> =>
  promiseOf({
    ...entries[1]!,
    client: people.stranger.address,
    miner: people.miners[0].address,
    ...change,
  } as LogEntry);

it.each([
  [21_091n, 0n],
  [10_545n, 10_546n],
  [7_030n, 14_061n],
  // What no step of the terms gives is no refund: the checks say that the amount is wrong.
  [10_544n, 0n],
])("shows for %s wei a refund of %s", (amountWei, refundWei) => {
  const { withinMs, priceWei, ...rest } = shown(signHistory(promisedPlan(amountWei)))!;
  expect([priceWei, rest]).toEqual([21_091n, { refundWei }]);
  expect(withinMs).toBeGreaterThan(0);
});

it("shows nothing where nothing was promised, or other terms than those that were signed", () => {
  expect(shown(signHistory(honestPlan()))).toBeUndefined();
  const late = signHistory(promisedPlan(10_545n));
  const { service, assignment } = late.entries[1]!;
  expect(shown(late)?.withinMs).toBe(service!.steps[0]!.afterMs);
  expect(shown(late, { service: { ...service!, steps: service!.steps.slice(0, 1) } })).toBeUndefined();
  // Another miner goes on: the first token was not its own.
  expect(shown(late, { assignment: { ...assignment, outputOffset: 1 } })).toBeUndefined();
});
