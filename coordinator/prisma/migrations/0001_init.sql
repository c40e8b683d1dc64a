CREATE TABLE "facts" (
    "seq" BIGINT NOT NULL,
    "body" JSONB NOT NULL,

    CONSTRAINT "facts_pkey" PRIMARY KEY ("seq")
);

CREATE TABLE "cursor" (
    "id" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "cursor_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "attempts" (
    "digest" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "miner" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "log_index" INTEGER,
    "amount_wei" DECIMAL(39,0),
    "assigned_at" TIMESTAMP(3) NOT NULL,
    "closed_at" TIMESTAMP(3),
    "entry" JSONB NOT NULL,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("digest")
);

CREATE TABLE "vouchers" (
    "payer" TEXT NOT NULL,
    "payee" TEXT NOT NULL,
    "kind" INTEGER NOT NULL,
    "cumulative_wei" DECIMAL(39,0) NOT NULL,
    "count" BIGINT NOT NULL,
    "body" JSONB NOT NULL,

    CONSTRAINT "vouchers_pkey" PRIMARY KEY ("payer","payee","kind")
);

CREATE TABLE "anchors" (
    "epoch" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "root" TEXT NOT NULL,
    "liabilities" TEXT NOT NULL,
    "transaction" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "anchors_pkey" PRIMARY KEY ("epoch")
);

CREATE TABLE "api_keys" (
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "revoked" BOOLEAN NOT NULL DEFAULT false,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("prefix")
);

CREATE TABLE "miner_events" (
    "seq" BIGINT NOT NULL,
    "miner" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "miner_events_pkey" PRIMARY KEY ("seq")
);

CREATE UNIQUE INDEX "attempts_log_index_key" ON "attempts"("log_index");
CREATE INDEX "attempts_job_id_idx" ON "attempts"("job_id");
CREATE INDEX "attempts_client_assigned_at_idx" ON "attempts"("client", "assigned_at");
CREATE INDEX "attempts_miner_assigned_at_idx" ON "attempts"("miner", "assigned_at");
CREATE INDEX "miner_events_miner_at_idx" ON "miner_events"("miner", "at");
