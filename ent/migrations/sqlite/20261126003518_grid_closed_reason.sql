-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_grids" table
CREATE TABLE `new_grids` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `kind` text NOT NULL, `closed_at` datetime NULL, `closed_reason` text NOT NULL DEFAULT (''), `school_id` uuid NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `grids_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `grids_grids_children` FOREIGN KEY (`parent_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL);
-- copy rows from old table "grids" to new temporary table "new_grids"
INSERT INTO `new_grids` (`id`, `created_at`, `code`, `name`, `kind`, `closed_at`, `school_id`, `parent_id`) SELECT `id`, `created_at`, `code`, `name`, `kind`, `closed_at`, `school_id`, `parent_id` FROM `grids`;
-- drop "grids" table after copying rows
DROP TABLE `grids`;
-- rename temporary table "new_grids" to "grids"
ALTER TABLE `new_grids` RENAME TO `grids`;
-- create index "grid_school_id_code" to table: "grids"
CREATE UNIQUE INDEX `grid_school_id_code` ON `grids` (`school_id`, `code`);
-- create index "grid_parent_id" to table: "grids"
CREATE INDEX `grid_parent_id` ON `grids` (`parent_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
