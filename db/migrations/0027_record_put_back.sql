-- A log that was filled again tells of more than the record holds; its numbers alone would say that nothing is missing (docs/decisions/0043).
ALTER TABLE "record" ADD COLUMN "put_back" boolean DEFAULT false NOT NULL;
