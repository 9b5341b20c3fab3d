-- +goose Up
-- modify "accountability_cases" table
ALTER TABLE "accountability_cases" ADD COLUMN "first_decided_at" timestamptz NULL;
-- modify "coverage_cells" table
ALTER TABLE "coverage_cells" DROP COLUMN "claimed", DROP COLUMN "proven", ADD COLUMN "claimed_at" timestamptz NULL, ADD COLUMN "proven_at" timestamptz NULL;
-- modify "findings" table
ALTER TABLE "findings" DROP COLUMN "proven", ADD COLUMN "proven_at" timestamptz NULL;
-- modify "school_figures" table
ALTER TABLE "school_figures" DROP COLUMN "cells_claimed", DROP COLUMN "cells_proven";
-- create "backfills" table
CREATE TABLE "backfills" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "name" character varying NOT NULL, "done_until" uuid NOT NULL, "finished_at" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "backfill_name" to table: "backfills"
CREATE UNIQUE INDEX "backfill_name" ON "backfills" ("name");
-- create "grid_figures" table
CREATE TABLE "grid_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "grid_id" uuid NOT NULL, "bound" boolean NOT NULL, "claimed" bigint NOT NULL DEFAULT 0, "proven" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "gridfigure_campaign_id_school_id_grid_id_bound" to table: "grid_figures"
CREATE UNIQUE INDEX "gridfigure_campaign_id_school_id_grid_id_bound" ON "grid_figures" ("campaign_id", "school_id", "grid_id", "bound");
