-- An attempt gets its row when it is over, and what was signed stays in the facts that the row names: once, not in copies.
ALTER TABLE "attempts" ADD COLUMN "assigned_seq" BIGINT;
ALTER TABLE "attempts" ADD COLUMN "closed_seq" BIGINT;
ALTER TABLE "attempts" ADD COLUMN "debit_index" INTEGER;
ALTER TABLE "attempts" ADD COLUMN "credit_index" INTEGER;
UPDATE "attempts" AS a SET "assigned_seq" = p."seq", "closed_seq" = c."seq",
    "debit_index" = (a."entry"->>'debitIndex')::int, "credit_index" = (a."entry"->>'creditIndex')::int
  FROM "facts" AS p, "facts" AS c
  WHERE p."body"->>'kind' = 'attempt.assigned' AND p."body"->>'digest' = a."digest"
    AND c."body"->>'kind' IN ('attempt.settled', 'attempt.voided') AND c."body"->>'digest' = a."digest";
DELETE FROM "attempts" WHERE "closed_seq" IS NULL;
-- The embedded database had no facts: all of it is filled again from the journal.
DELETE FROM "vouchers" WHERE NOT EXISTS (SELECT 1 FROM "facts");
DELETE FROM "anchors" WHERE NOT EXISTS (SELECT 1 FROM "facts");
DELETE FROM "api_keys" WHERE NOT EXISTS (SELECT 1 FROM "facts");
DELETE FROM "miner_events" WHERE NOT EXISTS (SELECT 1 FROM "facts");
DELETE FROM "cursor" WHERE NOT EXISTS (SELECT 1 FROM "facts");
ALTER TABLE "attempts" DROP COLUMN "entry";
ALTER TABLE "attempts" ALTER COLUMN "assigned_seq" SET NOT NULL;
ALTER TABLE "attempts" ALTER COLUMN "closed_seq" SET NOT NULL;
ALTER TABLE "attempts" ALTER COLUMN "closed_at" SET NOT NULL;
DROP INDEX "attempts_client_assigned_at_idx";
DROP INDEX "attempts_miner_assigned_at_idx";
CREATE INDEX "attempts_client_log_index_idx" ON "attempts"("client", "log_index");
CREATE INDEX "attempts_miner_closed_at_idx" ON "attempts"("miner", "closed_at");
-- A fact is a few kilobytes of hex, which hardly compresses: trying costs more than all else that writing it does.
ALTER TABLE "facts" SET (toast_tuple_target = 8160);
