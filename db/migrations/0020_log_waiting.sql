CREATE INDEX CONCURRENTLY IF NOT EXISTS "pending_of_log" ON "audit"."pending" USING btree ("institution","pid");
