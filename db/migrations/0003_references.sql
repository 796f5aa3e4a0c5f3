-- Intake waits for this instead of asking again and again who is known by now (design 9). The payload names the institution,
-- never a person; Postgres folds equal notices per transaction.
CREATE FUNCTION references_notify() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('bevis_references', added.institution) FROM (SELECT DISTINCT institution FROM fresh) AS added;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER references_notify AFTER INSERT ON person_reference REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION references_notify();
