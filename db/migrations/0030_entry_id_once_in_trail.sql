-- An id stands once in its trail; in the trail of a life before a restored copy it may stand too (docs/decisions/0076).
ALTER TABLE "audit"."entry" DROP CONSTRAINT "entry_id";
