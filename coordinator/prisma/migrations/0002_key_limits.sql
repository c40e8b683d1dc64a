ALTER TABLE "api_keys" ADD COLUMN "limits" JSONB;
ALTER TABLE "api_keys" ADD COLUMN "expires_at" TIMESTAMP(3);
ALTER TABLE "api_keys" ADD COLUMN "rotated_from" TEXT;
