DROP INDEX CONCURRENTLY IF EXISTS "cases_state";--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_changed" ON "cases" USING btree ("institution","changed_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_opened" ON "cases" USING btree ("institution","opened_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_waiting_until" ON "cases" USING btree ("institution","waiting_until","id") WHERE waiting_until is not null;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_in_state" ON "cases" USING btree ("institution","state","changed_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_achievement" ON "cases" USING btree ("institution","achievement","changed_at","id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_offering" ON "cases" USING btree ("institution","offering");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_occasion" ON "cases" USING btree ("institution","occasion") WHERE occasion is not null;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "cases_group" ON "cases" USING btree ("institution","group_id") WHERE group_id is not null;