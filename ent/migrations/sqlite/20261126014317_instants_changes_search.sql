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
-- create "new_findings" table
CREATE TABLE `new_findings` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `result` text NOT NULL, `signs` json NULL, `note` text NOT NULL DEFAULT (''), `recorded_at` datetime NOT NULL, `proven_at` datetime NULL, `report_id` uuid NOT NULL, `item_id` uuid NOT NULL, `grid_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `findings_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_checklist_items_item` FOREIGN KEY (`item_id`) REFERENCES `checklist_items` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL);
-- copy rows from old table "findings" to new temporary table "new_findings"
INSERT INTO `new_findings` (`id`, `created_at`, `school_id`, `result`, `signs`, `note`, `recorded_at`, `report_id`, `item_id`, `grid_id`) SELECT `id`, `created_at`, `school_id`, `result`, `signs`, `note`, `recorded_at`, `report_id`, `item_id`, `grid_id` FROM `findings`;
-- drop "findings" table after copying rows
DROP TABLE `findings`;
-- rename temporary table "new_findings" to "findings"
ALTER TABLE `new_findings` RENAME TO `findings`;
-- create index "finding_report_id_item_id_grid_id" to table: "findings"
CREATE UNIQUE INDEX `finding_report_id_item_id_grid_id` ON `findings` (`report_id`, `item_id`, `grid_id`) WHERE grid_id IS NOT NULL;
-- create index "finding_report_item_whole" to table: "findings"
CREATE UNIQUE INDEX `finding_report_item_whole` ON `findings` (`report_id`, `item_id`) WHERE grid_id IS NULL;
-- create index "finding_report_id" to table: "findings"
CREATE INDEX `finding_report_id` ON `findings` (`report_id`);
-- create index "finding_item_id" to table: "findings"
CREATE INDEX `finding_item_id` ON `findings` (`item_id`);
-- create index "finding_grid_id" to table: "findings"
CREATE INDEX `finding_grid_id` ON `findings` (`grid_id`);
-- add column "search_text" to table: "hazards"
ALTER TABLE `hazards` ADD COLUMN `search_text` text NULL;
-- add column "search_text" to table: "schools"
ALTER TABLE `schools` ADD COLUMN `search_text` text NULL;
-- create "new_school_figures" table
CREATE TABLE `new_school_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `found` integer NOT NULL DEFAULT (0), `voided` integer NOT NULL DEFAULT (0), `closed` integer NOT NULL DEFAULT (0), `closed_proven` integer NOT NULL DEFAULT (0), `listed` integer NOT NULL DEFAULT (0), `major_open` integer NOT NULL DEFAULT (0), `self_claimed` integer NOT NULL DEFAULT (0), `self_proven` integer NOT NULL DEFAULT (0), `supervision_claimed` integer NOT NULL DEFAULT (0), `supervision_proven` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- copy rows from old table "school_figures" to new temporary table "new_school_figures"
INSERT INTO `new_school_figures` (`id`, `created_at`, `school_id`, `campaign_id`, `found`, `voided`, `closed`, `closed_proven`, `listed`, `major_open`, `self_claimed`, `self_proven`, `supervision_claimed`, `supervision_proven`) SELECT `id`, `created_at`, `school_id`, `campaign_id`, `found`, `voided`, `closed`, `closed_proven`, `listed`, `major_open`, `self_claimed`, `self_proven`, `supervision_claimed`, `supervision_proven` FROM `school_figures`;
-- drop "school_figures" table after copying rows
DROP TABLE `school_figures`;
-- rename temporary table "new_school_figures" to "school_figures"
ALTER TABLE `new_school_figures` RENAME TO `school_figures`;
-- create index "schoolfigure_campaign_id_school_id" to table: "school_figures"
CREATE UNIQUE INDEX `schoolfigure_campaign_id_school_id` ON `school_figures` (`campaign_id`, `school_id`);
-- add column "first_decided_at" to table: "accountability_cases"
ALTER TABLE `accountability_cases` ADD COLUMN `first_decided_at` datetime NULL;
-- create "new_coverage_cells" table
CREATE TABLE `new_coverage_cells` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `grid_id` uuid NOT NULL, `item_id` uuid NOT NULL, `claimed_at` datetime NULL, `proven_at` datetime NULL, PRIMARY KEY (`id`));
-- copy rows from old table "coverage_cells" to new temporary table "new_coverage_cells"
INSERT INTO `new_coverage_cells` (`id`, `created_at`, `school_id`, `campaign_id`, `grid_id`, `item_id`) SELECT `id`, `created_at`, `school_id`, `campaign_id`, `grid_id`, `item_id` FROM `coverage_cells`;
-- drop "coverage_cells" table after copying rows
DROP TABLE `coverage_cells`;
-- rename temporary table "new_coverage_cells" to "coverage_cells"
ALTER TABLE `new_coverage_cells` RENAME TO `coverage_cells`;
-- create index "coveragecell_campaign_id_school_id_grid_id_item_id" to table: "coverage_cells"
CREATE UNIQUE INDEX `coveragecell_campaign_id_school_id_grid_id_item_id` ON `coverage_cells` (`campaign_id`, `school_id`, `grid_id`, `item_id`);
-- create "backfills" table
CREATE TABLE `backfills` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `name` text NOT NULL, `done_until` uuid NOT NULL, `finished_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "backfill_name" to table: "backfills"
CREATE UNIQUE INDEX `backfill_name` ON `backfills` (`name`);
-- create "change_heads" table
CREATE TABLE `change_heads` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `name` text NOT NULL, `sequence` integer NOT NULL DEFAULT (0), `secret` blob NOT NULL, PRIMARY KEY (`id`));
-- create index "changehead_name" to table: "change_heads"
CREATE UNIQUE INDEX `changehead_name` ON `change_heads` (`name`);
-- create "changed_rows" table
CREATE TABLE `changed_rows` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `noun` text NOT NULL, `row_id` uuid NOT NULL, `school_id` uuid NULL, `sequence` integer NOT NULL, `deleted` bool NOT NULL DEFAULT (false), PRIMARY KEY (`id`));
-- create index "changedrow_noun_row_id" to table: "changed_rows"
CREATE UNIQUE INDEX `changedrow_noun_row_id` ON `changed_rows` (`noun`, `row_id`);
-- create index "changedrow_sequence" to table: "changed_rows"
CREATE UNIQUE INDEX `changedrow_sequence` ON `changed_rows` (`sequence`);
-- create index "changedrow_school_id_sequence" to table: "changed_rows"
CREATE INDEX `changedrow_school_id_sequence` ON `changed_rows` (`school_id`, `sequence`);
-- create index "changedrow_noun_sequence" to table: "changed_rows"
CREATE INDEX `changedrow_noun_sequence` ON `changed_rows` (`noun`, `sequence`);
-- create "grid_figures" table
CREATE TABLE `grid_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `grid_id` uuid NOT NULL, `bound` bool NOT NULL, `claimed` integer NOT NULL DEFAULT (0), `proven` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "gridfigure_campaign_id_school_id_grid_id_bound" to table: "grid_figures"
CREATE UNIQUE INDEX `gridfigure_campaign_id_school_id_grid_id_bound` ON `grid_figures` (`campaign_id`, `school_id`, `grid_id`, `bound`);
-- create "search_grams" table
CREATE TABLE `search_grams` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `noun` text NOT NULL, `gram` text NOT NULL, `row_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create index "searchgram_noun_gram_row_id" to table: "search_grams"
CREATE UNIQUE INDEX `searchgram_noun_gram_row_id` ON `search_grams` (`noun`, `gram`, `row_id`);
-- create index "searchgram_noun_row_id" to table: "search_grams"
CREATE INDEX `searchgram_noun_row_id` ON `search_grams` (`noun`, `row_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
