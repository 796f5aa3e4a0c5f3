CREATE INDEX "cases_waiting" ON "cases" USING btree ("institution","changed_at","id") WHERE waiting_for is not null;--> statement-breakpoint
CREATE INDEX "revocation_proposed" ON "revocation" USING btree ("institution","proposed_at","id");--> statement-breakpoint
CREATE INDEX "signing_request_issued" ON "signing_request" USING btree ("institution","issued_at","credential_id");