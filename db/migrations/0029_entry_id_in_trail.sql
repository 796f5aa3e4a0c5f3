CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "entry_id_in_trail" ON "audit"."entry" USING btree ("institution","entry_id","trail");
