-- Nor does a role of ours say that a case has gone back to where an older copy of the record has it (docs/decisions/0076).
CREATE OR REPLACE TRIGGER entry_of_succession BEFORE INSERT ON audit.entry FOR EACH ROW
  WHEN (NEW.type IN ('log.succeeded/1', 'case.gone-back/1')) EXECUTE FUNCTION audit.refuse_succession();
--> statement-breakpoint
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_of_succession;
