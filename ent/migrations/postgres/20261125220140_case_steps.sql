-- +goose Up
-- modify "accountability_cases" table
ALTER TABLE "accountability_cases" ADD COLUMN "steps" jsonb NULL;
