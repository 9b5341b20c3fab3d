-- +goose Up
-- modify "evidences" table
ALTER TABLE "evidences" ADD COLUMN "clock_offset_ms" bigint NULL, ADD COLUMN "upload_active_at" timestamptz NULL, ADD COLUMN "taken_at" timestamptz NULL, ADD COLUMN "taken_zoned" boolean NOT NULL DEFAULT false, ADD COLUMN "file_latitude" double precision NULL, ADD COLUMN "file_longitude" double precision NULL, ADD COLUMN "camera_make" character varying NOT NULL DEFAULT '', ADD COLUMN "camera_model" character varying NOT NULL DEFAULT '', ADD COLUMN "renditions" jsonb NULL, ADD COLUMN "placeholder" character varying NOT NULL DEFAULT '', ADD COLUMN "picture_hash" bigint NULL, ADD COLUMN "picture_print" character varying NOT NULL DEFAULT '', ADD COLUMN "trust" character varying NULL, ADD COLUMN "trust_reasons" jsonb NULL, ADD COLUMN "review" character varying NOT NULL DEFAULT 'NONE', ADD COLUMN "review_note" text NOT NULL DEFAULT '', ADD COLUMN "retain_until" timestamptz NULL, ADD COLUMN "sealed_at" timestamptz NULL, ADD COLUMN "held" boolean NOT NULL DEFAULT false, ADD COLUMN "destruction_by_id" uuid NULL, ADD COLUMN "destruction_approved_at" timestamptz NULL, ADD COLUMN "destroyed_at" timestamptz NULL;
-- what was announced before this migration was last worked on then, and what was verified is kept for the default of three years
UPDATE "evidences" SET "upload_active_at" = "announced_at", "retain_until" = "verified_at" + INTERVAL '3 years';
-- modify "evidences" table
ALTER TABLE "evidences" ALTER COLUMN "upload_active_at" SET NOT NULL;
-- create index "evidence_review_announced_at_id" to table: "evidences"
CREATE INDEX "evidence_review_announced_at_id" ON "evidences" ("review", "announced_at", "id");
-- create index "evidence_status_upload_active_at" to table: "evidences"
CREATE INDEX "evidence_status_upload_active_at" ON "evidences" ("status", "upload_active_at");
-- create "picture_bands" table
CREATE TABLE "picture_bands" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "county_id" uuid NOT NULL, "slot" bigint NOT NULL, "hash" bigint NOT NULL, "evidence_id" uuid NOT NULL, PRIMARY KEY ("id"));
-- create index "pictureband_county_id_slot_hash_evidence_id" to table: "picture_bands"
CREATE UNIQUE INDEX "pictureband_county_id_slot_hash_evidence_id" ON "picture_bands" ("county_id", "slot", "hash", "evidence_id");
-- create index "pictureband_evidence_id" to table: "picture_bands"
CREATE INDEX "pictureband_evidence_id" ON "picture_bands" ("evidence_id");
-- create "evidence_events" table
CREATE TABLE "evidence_events" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "kind" character varying NOT NULL, "happened_at" timestamptz NOT NULL, "note" text NOT NULL DEFAULT '', "evidence_id" uuid NOT NULL, "actor_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "evidence_events_evidences_evidence" FOREIGN KEY ("evidence_id") REFERENCES "evidences" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "evidence_events_users_actor" FOREIGN KEY ("actor_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "evidenceevent_actor_id" to table: "evidence_events"
CREATE INDEX "evidenceevent_actor_id" ON "evidence_events" ("actor_id");
-- create index "evidenceevent_evidence_id_happened_at_id" to table: "evidence_events"
CREATE INDEX "evidenceevent_evidence_id_happened_at_id" ON "evidence_events" ("evidence_id", "happened_at", "id");
-- create "evidence_matches" table
CREATE TABLE "evidence_matches" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "kind" character varying NOT NULL, "distance" bigint NOT NULL, "evidence_id" uuid NOT NULL, "earlier_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "evidence_matches_evidences_earlier" FOREIGN KEY ("earlier_id") REFERENCES "evidences" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "evidence_matches_evidences_evidence" FOREIGN KEY ("evidence_id") REFERENCES "evidences" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "evidencematch_earlier_id" to table: "evidence_matches"
CREATE INDEX "evidencematch_earlier_id" ON "evidence_matches" ("earlier_id");
-- create index "evidencematch_evidence_id_earlier_id" to table: "evidence_matches"
CREATE UNIQUE INDEX "evidencematch_evidence_id_earlier_id" ON "evidence_matches" ("evidence_id", "earlier_id");
