DROP INDEX CONCURRENTLY IF EXISTS "audit"."entry_rare";--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "entry_rare" ON "audit"."entry" USING btree ("institution","type") WHERE type in ('credential.revoked/1', 'dead-letter.discarded/1', 'hold.placed/1', 'key.created/1',
      'person.protected/1', 'person.unprotected/1', 'privacy.erased/1', 'reconciliation.done/1', 'record.gone-on-without/1',
      'quality.reviewed/1', 'quality.action-closed/1', 'appeal.lodged/1', 'appeal.acknowledged/1', 'appeal.decided/1', 'appeal.closed/1',
      'complaint.received/1', 'complaint.acknowledged/1', 'complaint.progressed/1', 'complaint.closed/1');