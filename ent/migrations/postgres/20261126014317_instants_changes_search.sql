-- +goose Up
-- modify "accountability_cases" table
ALTER TABLE "accountability_cases" ADD COLUMN "first_decided_at" timestamptz NULL;
-- modify "coverage_cells" table
ALTER TABLE "coverage_cells" DROP COLUMN "claimed", DROP COLUMN "proven", ADD COLUMN "claimed_at" timestamptz NULL, ADD COLUMN "proven_at" timestamptz NULL;
-- modify "findings" table
ALTER TABLE "findings" DROP COLUMN "proven", ADD COLUMN "proven_at" timestamptz NULL;
-- modify "grids" table
ALTER TABLE "grids" ADD COLUMN "closed_reason" text NOT NULL DEFAULT '';
-- modify "hazards" table
ALTER TABLE "hazards" ADD COLUMN "search_text" text NULL;
-- modify "school_figures" table
ALTER TABLE "school_figures" DROP COLUMN "cells_claimed", DROP COLUMN "cells_proven";
-- modify "schools" table
ALTER TABLE "schools" ADD COLUMN "search_text" text NULL;
-- create "backfills" table
CREATE TABLE "backfills" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "name" character varying NOT NULL, "done_until" uuid NOT NULL, "finished_at" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "backfill_name" to table: "backfills"
CREATE UNIQUE INDEX "backfill_name" ON "backfills" ("name");
-- create "change_heads" table
CREATE TABLE "change_heads" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "name" character varying NOT NULL, "sequence" bigint NOT NULL DEFAULT 0, "secret" bytea NOT NULL, PRIMARY KEY ("id"));
-- create index "changehead_name" to table: "change_heads"
CREATE UNIQUE INDEX "changehead_name" ON "change_heads" ("name");
-- create "changed_rows" table
CREATE TABLE "changed_rows" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "noun" character varying NOT NULL, "row_id" uuid NOT NULL, "school_id" uuid NULL, "sequence" bigint NOT NULL, "deleted" boolean NOT NULL DEFAULT false, PRIMARY KEY ("id"));
-- create index "changedrow_noun_row_id" to table: "changed_rows"
CREATE UNIQUE INDEX "changedrow_noun_row_id" ON "changed_rows" ("noun", "row_id");
-- create index "changedrow_noun_sequence" to table: "changed_rows"
CREATE INDEX "changedrow_noun_sequence" ON "changed_rows" ("noun", "sequence");
-- create index "changedrow_school_id_sequence" to table: "changed_rows"
CREATE INDEX "changedrow_school_id_sequence" ON "changed_rows" ("school_id", "sequence");
-- create index "changedrow_sequence" to table: "changed_rows"
CREATE UNIQUE INDEX "changedrow_sequence" ON "changed_rows" ("sequence");
-- create "grid_figures" table
CREATE TABLE "grid_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "grid_id" uuid NOT NULL, "bound" boolean NOT NULL, "claimed" bigint NOT NULL DEFAULT 0, "proven" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "gridfigure_campaign_id_school_id_grid_id_bound" to table: "grid_figures"
CREATE UNIQUE INDEX "gridfigure_campaign_id_school_id_grid_id_bound" ON "grid_figures" ("campaign_id", "school_id", "grid_id", "bound");
-- create "search_grams" table
CREATE TABLE "search_grams" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "noun" character varying NOT NULL, "gram" character varying NOT NULL, "row_id" uuid NOT NULL, PRIMARY KEY ("id"));
-- create index "searchgram_noun_gram_row_id" to table: "search_grams"
CREATE UNIQUE INDEX "searchgram_noun_gram_row_id" ON "search_grams" ("noun", "gram", "row_id");
-- create index "searchgram_noun_row_id" to table: "search_grams"
CREATE INDEX "searchgram_noun_row_id" ON "search_grams" ("noun", "row_id");
