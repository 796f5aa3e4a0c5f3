CREATE SCHEMA "audit";
--> statement-breakpoint
CREATE TABLE "audit"."checkpoint" (
	"institution" text NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	"cosignatures" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoint_institution_size_pk" PRIMARY KEY("institution","size")
);
--> statement-breakpoint
CREATE TABLE "audit"."disclosure" (
	"institution" text NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	"position" integer NOT NULL,
	"digest" text NOT NULL,
	"subject" text NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "disclosure_institution_trail_n_position_pk" PRIMARY KEY("institution","trail","n","position")
);
--> statement-breakpoint
CREATE TABLE "audit"."entry" (
	"institution" text NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	"entry_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor_kind" text NOT NULL,
	"leaf" "bytea" NOT NULL,
	"leaf_hash" "bytea" GENERATED ALWAYS AS (sha256('\x00'::bytea || leaf)) STORED,
	CONSTRAINT "entry_institution_trail_n_pk" PRIMARY KEY("institution","trail","n"),
	CONSTRAINT "entry_id" UNIQUE("institution","entry_id"),
	CONSTRAINT "entry_is_its_leaf" CHECK (convert_from(leaf, 'UTF8')::jsonb @> jsonb_build_object(
        'v', 'bevis-audit/1', 'trail', trail::text, 'n', n, 'id', entry_id, 'type', type,
        'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'actor', jsonb_build_object('kind', actor_kind))),
	CONSTRAINT "entry_of_its_log" CHECK (coalesce(right(convert_from(leaf, 'UTF8')::jsonb ->> 'log', length(institution) + 1) = '/' || institution, false)),
	CONSTRAINT "entry_actor_kind" CHECK (actor_kind in ('human', 'service', 'workflow')),
	CONSTRAINT "entry_size" CHECK (octet_length(leaf) <= 65535)
);
--> statement-breakpoint
CREATE TABLE "audit"."leaf" (
	"institution" text NOT NULL,
	"idx" bigint NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	"leaf_hash" "bytea" NOT NULL,
	CONSTRAINT "leaf_institution_idx_pk" PRIMARY KEY("institution","idx"),
	CONSTRAINT "leaf_entry" UNIQUE("institution","trail","n")
);
--> statement-breakpoint
CREATE TABLE "audit"."pending" (
	"pid" bigserial PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	"leaf_hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit"."trail" (
	"institution" text NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	"head" "bytea" NOT NULL,
	CONSTRAINT "trail_institution_trail_pk" PRIMARY KEY("institution","trail")
);
--> statement-breakpoint
CREATE TABLE "case_appointment" (
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"role" text NOT NULL,
	"person" text NOT NULL,
	"rule" text NOT NULL,
	"appointed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_because" text,
	CONSTRAINT "case_appointment_institution_case_id_role_person_appointed_at_pk" PRIMARY KEY("institution","case_id","role","person","appointed_at")
);
--> statement-breakpoint
CREATE TABLE "cases" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"achievement" text NOT NULL,
	"achievement_version" integer NOT NULL,
	"offering" text NOT NULL,
	"attempt" integer NOT NULL,
	"occasion" text,
	"group_id" text,
	"event_key" "bytea" NOT NULL,
	"trail" uuid NOT NULL,
	"state" text NOT NULL,
	"step" text NOT NULL,
	"waiting_for" jsonb,
	"waiting_since" timestamp with time zone,
	"waiting_until" timestamp with time zone,
	"evidence_version" integer DEFAULT 1 NOT NULL,
	"promised" text NOT NULL,
	"evidence_level" text,
	"level" text,
	"frozen" jsonb,
	"frozen_digest" text,
	"test" boolean NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "award_key" UNIQUE("institution","person","achievement","offering","attempt")
);
--> statement-breakpoint
CREATE TABLE "dead_letter" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text,
	"stream" text NOT NULL,
	"subject" text NOT NULL,
	"code" text NOT NULL,
	"problems" jsonb NOT NULL,
	"payload" "bytea" NOT NULL,
	"headers" "bytea" NOT NULL,
	"digest" "bytea" NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"repeats" integer DEFAULT 0 NOT NULL,
	"closed_by" text,
	"closed_reason" text,
	"closed_at" timestamp with time zone,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decision" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"person" text NOT NULL,
	"role" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text NOT NULL,
	"detail" "bytea",
	"loa" integer NOT NULL,
	"acr" text NOT NULL,
	"auth_time" timestamp with time zone NOT NULL,
	"evidence_version" integer NOT NULL,
	"seen" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "decision_idempotency" UNIQUE("institution","case_id","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"offering" text NOT NULL,
	"attempt" integer NOT NULL,
	"occasion" text,
	"kind" text NOT NULL,
	"event_key" "bytea" NOT NULL,
	"source" jsonb NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"body" "bytea" NOT NULL,
	"withdrawn_by" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "evidence_event_key_unique" UNIQUE("event_key")
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"event_key" "bytea" PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"source" text NOT NULL,
	"kind" text NOT NULL,
	"content" "bytea" NOT NULL,
	"payload" "bytea" NOT NULL,
	"subject_ref" text NOT NULL,
	"kid" text,
	"state" text NOT NULL,
	"unresolved" "bytea",
	"repeats" integer DEFAULT 0 NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"payload" jsonb NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"done_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "review" (
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"because" text NOT NULL,
	"evidence_version" integer NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "review_institution_case_id_evidence_version_pk" PRIMARY KEY("institution","case_id","evidence_version")
);
--> statement-breakpoint
CREATE TABLE "verdict" (
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"gate" text NOT NULL,
	"evidence_version" integer NOT NULL,
	"outcome" text NOT NULL,
	"result" jsonb NOT NULL,
	"input" "bytea" NOT NULL,
	"input_salt" "bytea" NOT NULL,
	"input_digest" text NOT NULL,
	"entry" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "verdict_institution_case_id_gate_evidence_version_pk" PRIMARY KEY("institution","case_id","gate","evidence_version")
);
--> statement-breakpoint
CREATE TABLE "credential" (
	"id" text NOT NULL,
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"format" text NOT NULL,
	"kid" text NOT NULL,
	"digest" text NOT NULL,
	"body" "bytea" NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone,
	"stored_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "credential_id_format_pk" PRIMARY KEY("id","format")
);
--> statement-breakpoint
CREATE TABLE "issuer_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"jwk" jsonb NOT NULL,
	"alg" text NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone,
	"status" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revocation" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"credential_id" text NOT NULL,
	"case_id" text NOT NULL,
	"ordinal" integer NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"detail" "bytea" NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"approved_by" text,
	"approved_at" timestamp with time zone,
	"effective_at" timestamp with time zone,
	"verdict" jsonb,
	"idempotency_key" text NOT NULL,
	CONSTRAINT "revocation_ordinal" UNIQUE("institution","credential_id","ordinal"),
	CONSTRAINT "revocation_idempotency" UNIQUE("institution","credential_id","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "signing_request" (
	"credential_id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"case_id" text NOT NULL,
	"kid" text NOT NULL,
	"document_digest" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "status_list" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"purpose" text NOT NULL,
	"size" integer NOT NULL,
	"open" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"published_version" integer DEFAULT 0 NOT NULL,
	"published" text,
	"published_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "status_slot" (
	"list_id" text NOT NULL,
	"slot" integer NOT NULL,
	"institution" text NOT NULL,
	"credential_id" text,
	"value" integer DEFAULT 0 NOT NULL,
	"changed_at" timestamp with time zone,
	CONSTRAINT "status_slot_list_id_slot_pk" PRIMARY KEY("list_id","slot")
);
--> statement-breakpoint
CREATE TABLE "emitter_sequence" (
	"institution" text NOT NULL,
	"source" text NOT NULL,
	"sequence" bigint NOT NULL,
	"event_key" "bytea" NOT NULL,
	CONSTRAINT "emitter_sequence_institution_source_sequence_pk" PRIMARY KEY("institution","source","sequence")
);
--> statement-breakpoint
CREATE TABLE "institution" (
	"institution" text PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"trail" uuid NOT NULL,
	"body" jsonb NOT NULL,
	"revision" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "institution_trail_unique" UNIQUE("trail")
);
--> statement-breakpoint
CREATE TABLE "person_link" (
	"institution" text NOT NULL,
	"a" text NOT NULL,
	"b" text NOT NULL,
	"origin" text NOT NULL,
	CONSTRAINT "person_link_institution_a_b_pk" PRIMARY KEY("institution","a","b")
);
--> statement-breakpoint
CREATE TABLE "person_reference" (
	"institution" text NOT NULL,
	"reference" "bytea" NOT NULL,
	"scheme" text NOT NULL,
	"person" text NOT NULL,
	"origin" text NOT NULL,
	CONSTRAINT "person_reference_institution_reference_pk" PRIMARY KEY("institution","reference")
);
--> statement-breakpoint
CREATE TABLE "register_item" (
	"institution" text NOT NULL,
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"revision_from" integer NOT NULL,
	"revision_until" integer,
	"applied_at" timestamp with time zone DEFAULT now() NOT NULL,
	"digest" text NOT NULL,
	"body" jsonb NOT NULL,
	"personal" "bytea",
	CONSTRAINT "register_item_institution_kind_id_revision_from_pk" PRIMARY KEY("institution","kind","id","revision_from")
);
--> statement-breakpoint
CREATE TABLE "subject_key" (
	"institution" text NOT NULL,
	"subject" text NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "subject_key_institution_subject_pk" PRIMARY KEY("institution","subject")
);
--> statement-breakpoint
CREATE INDEX "disclosure_subject" ON "audit"."disclosure" USING btree ("institution","subject");--> statement-breakpoint
CREATE UNIQUE INDEX "case_appointment_current" ON "case_appointment" USING btree ("institution","case_id","role") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "case_appointment_person" ON "case_appointment" USING btree ("institution","person") WHERE ended_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "cases_trail" ON "cases" USING btree ("trail");--> statement-breakpoint
CREATE INDEX "cases_join" ON "cases" USING btree ("institution","person","offering","attempt");--> statement-breakpoint
CREATE INDEX "cases_state" ON "cases" USING btree ("institution","state","changed_at");--> statement-breakpoint
CREATE INDEX "dead_letter_open" ON "dead_letter" USING btree ("institution","state","received_at");--> statement-breakpoint
CREATE INDEX "decision_case" ON "decision" USING btree ("institution","case_id");--> statement-breakpoint
CREATE INDEX "evidence_join" ON "evidence" USING btree ("institution","person","offering","attempt");--> statement-breakpoint
CREATE INDEX "evidence_kind" ON "evidence" USING btree ("institution","person","kind");--> statement-breakpoint
CREATE INDEX "inbox_unresolved" ON "inbox" USING btree ("institution","unresolved") WHERE unresolved is not null;--> statement-breakpoint
CREATE INDEX "inbox_received" ON "inbox" USING btree ("institution","received_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("due_at") WHERE done_at is null;--> statement-breakpoint
CREATE INDEX "credential_case" ON "credential" USING btree ("institution","case_id");--> statement-breakpoint
CREATE UNIQUE INDEX "status_list_open" ON "status_list" USING btree ("institution","purpose") WHERE open;--> statement-breakpoint
CREATE UNIQUE INDEX "status_slot_credential" ON "status_slot" USING btree ("credential_id") WHERE credential_id is not null;--> statement-breakpoint
CREATE INDEX "person_reference_person" ON "person_reference" USING btree ("institution","person");--> statement-breakpoint
CREATE UNIQUE INDEX "register_item_in_force" ON "register_item" USING btree ("institution","kind","id") WHERE revision_until is null;