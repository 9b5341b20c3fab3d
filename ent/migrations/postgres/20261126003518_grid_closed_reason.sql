-- +goose Up
-- modify "grids" table
ALTER TABLE "grids" ADD COLUMN "closed_reason" text NOT NULL DEFAULT '';
