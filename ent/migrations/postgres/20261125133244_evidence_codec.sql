-- +goose Up
-- modify "evidences" table
ALTER TABLE "evidences" ADD COLUMN "codec" character varying NOT NULL DEFAULT '';
