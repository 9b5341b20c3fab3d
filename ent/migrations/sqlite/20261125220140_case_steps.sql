-- +goose Up
-- add column "steps" to table: "accountability_cases"
ALTER TABLE `accountability_cases` ADD COLUMN `steps` json NULL;
