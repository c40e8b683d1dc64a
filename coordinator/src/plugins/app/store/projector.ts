import type { Hex } from "@lode/sdk/hash";
import type { LogEntry } from "@lode/protocol";
import type { Book, Fact, FactOf } from "../../../domain/settlement/index.ts";
import type { Prisma } from "../../../../prisma/generated/client.ts";

type Transaction = Prisma.TransactionClient;

/** A fact with its place in the order of all facts, and where its receipt stands when it settles one. */
export interface PlacedFact {
  readonly seq: bigint;
  readonly fact: Fact;
  readonly place?: { readonly logIndex: number; readonly debitIndex: number; readonly creditIndex: number } | undefined;
}

/** Where a fact's receipt stands; call it right after the book applied the fact. */
export function placeOf(book: Book, fact: Fact): PlacedFact["place"] {
  if (fact.kind !== "attempt.settled") return undefined;
  const attempt = book.attempts.get(fact.digest);
  return attempt?.state === "settled" ? attempt : undefined;
}

/** Writes what a fact changes into the tables that people query. */
export async function project(tx: Transaction, { seq, fact, place }: PlacedFact): Promise<void> {
  switch (fact.kind) {
    case "attempt.assigned":
      await tx.attempt.create({ data: assignedRow(fact) });
      return;
    case "attempt.lost":
      await tx.attempt.update({ where: { digest: fact.digest }, data: { state: "lost" } });
      return;
    case "attempt.voided":
      await tx.attempt.update({
        where: { digest: fact.digest },
        data: { state: "voided", closedAt: new Date(fact.atMs) },
      });
      return;
    case "attempt.settled":
      return settle(tx, fact, place);
    case "voucher.signed": {
      const { payer, payee, kind } = fact.voucher;
      const data = { cumulativeWei: fact.voucher.cumulativeWei, count: BigInt(fact.voucher.count), body: jsonOf(fact) };
      await tx.voucher.upsert({
        where: { payer_payee_kind: { payer, payee, kind } },
        create: { payer, payee, kind, ...data },
        update: data,
      });
      return;
    }
    case "key.created":
      await tx.apiKey.create({
        data: {
          prefix: fact.prefix,
          hash: fact.hash,
          scope: fact.scope,
          account: fact.account,
          label: fact.label,
          at: new Date(fact.atMs),
          ...keyRow(fact),
          ...(fact.rotatedFrom !== undefined && { rotatedFrom: fact.rotatedFrom }),
        },
      });
      return;
    case "key.changed":
      await tx.apiKey.update({
        where: { prefix: fact.prefix },
        data: { ...keyRow(fact), ...(fact.label !== undefined && { label: fact.label }) },
      });
      return;
    case "key.revoked":
      await tx.apiKey.update({ where: { prefix: fact.prefix }, data: { revoked: true } });
      return;
    case "anchor.confirmed":
      await tx.anchor.create({
        data: {
          epoch: fact.epoch,
          size: fact.size,
          root: fact.root,
          liabilities: fact.liabilitiesRoot,
          transaction: fact.transaction,
          at: new Date(fact.atMs),
        },
      });
      return;
    case "miner.event":
      await tx.minerEvent.create({ data: { seq, miner: fact.miner, event: fact.event, at: new Date(fact.atMs) } });
      return;
    case "epoch.opened":
      // A secret has no business in a table that people query.
      return;
  }
}

function keyRow({ limits, expiresAtMs }: Pick<FactOf<"key.changed">, "limits" | "expiresAtMs">) {
  return {
    ...(limits !== undefined && { limits: jsonOf(limits) }),
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs) }),
  };
}

function assignedRow(fact: FactOf<"attempt.assigned">): Prisma.AttemptCreateInput {
  const entry = {
    assignment: fact.assignment,
    assignmentBatch: fact.batch,
    quote: fact.quote,
    quoteSignature: fact.quoteSignature,
  };
  return {
    digest: fact.digest,
    jobId: fact.jobId,
    client: fact.assignment.client,
    miner: fact.assignment.miner,
    state: "running",
    assignedAt: new Date(fact.atMs),
    entry: jsonOf(entry),
  };
}

async function settle(tx: Transaction, fact: FactOf<"attempt.settled">, place: PlacedFact["place"]): Promise<void> {
  if (place === undefined) throw new Error(`receipt of ${fact.digest} has no place in the log`);
  const { logIndex, debitIndex, creditIndex } = place;
  const row = await tx.attempt.findUniqueOrThrow({ where: { digest: fact.digest } });
  const entry = {
    ...(row.entry as unknown as Pick<LogEntry, "assignment" | "assignmentBatch" | "quote" | "quoteSignature">),
    index: logIndex,
    receipt: fact.receipt,
    receiptBatch: fact.batch,
    client: row.client as Hex,
    miner: row.miner as Hex,
    debitIndex,
    creditIndex,
  } satisfies LogEntry;
  await tx.attempt.update({
    where: { digest: fact.digest },
    data: {
      state: "settled",
      logIndex,
      amountWei: fact.receipt.amountWei,
      closedAt: new Date(fact.atMs),
      entry: jsonOf(entry),
    },
  });
}

/** Facts hold JSON values only, which Prisma's input type does not recognise in readonly interfaces. */
export function jsonOf(value: object): Prisma.InputJsonObject {
  return value;
}
