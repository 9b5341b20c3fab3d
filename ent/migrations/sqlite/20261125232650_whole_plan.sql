-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- add column "grid_kinds" to table: "checklist_items"
ALTER TABLE `checklist_items` ADD COLUMN `grid_kinds` json NULL;
-- create "new_evidence_uses" table
CREATE TABLE `new_evidence_uses` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `evidence_id` uuid NOT NULL, `step` text NOT NULL, `round` integer NOT NULL DEFAULT (0), `report_id` uuid NULL, `finding_id` uuid NULL, `hazard_id` uuid NULL, `notice_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `evidence_uses_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `evidence_uses_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE SET NULL, CONSTRAINT `evidence_uses_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE SET NULL, CONSTRAINT `evidence_uses_notices_notice` FOREIGN KEY (`notice_id`) REFERENCES `notices` (`id`) ON DELETE SET NULL);
-- copy rows from old table "evidence_uses" to new temporary table "new_evidence_uses"
INSERT INTO `new_evidence_uses` (`id`, `created_at`, `school_id`, `evidence_id`, `step`, `round`, `report_id`, `finding_id`, `hazard_id`) SELECT `id`, `created_at`, `school_id`, `evidence_id`, `step`, `round`, `report_id`, `finding_id`, `hazard_id` FROM `evidence_uses`;
-- drop "evidence_uses" table after copying rows
DROP TABLE `evidence_uses`;
-- rename temporary table "new_evidence_uses" to "evidence_uses"
ALTER TABLE `new_evidence_uses` RENAME TO `evidence_uses`;
-- create index "evidenceuse_evidence_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_evidence_id` ON `evidence_uses` (`evidence_id`);
-- create index "evidenceuse_report_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_report_id` ON `evidence_uses` (`report_id`);
-- create index "evidenceuse_finding_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_finding_id` ON `evidence_uses` (`finding_id`);
-- create index "evidenceuse_hazard_id_round" to table: "evidence_uses"
CREATE INDEX `evidenceuse_hazard_id_round` ON `evidence_uses` (`hazard_id`, `round`);
-- create index "evidenceuse_notice_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_notice_id` ON `evidence_uses` (`notice_id`);
-- create "new_findings" table
CREATE TABLE `new_findings` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `result` text NOT NULL, `signs` json NULL, `note` text NOT NULL DEFAULT (''), `recorded_at` datetime NOT NULL, `proven` bool NOT NULL DEFAULT (false), `report_id` uuid NOT NULL, `item_id` uuid NOT NULL, `grid_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `findings_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_checklist_items_item` FOREIGN KEY (`item_id`) REFERENCES `checklist_items` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL);
-- copy rows from old table "findings" to new temporary table "new_findings"
INSERT INTO `new_findings` (`id`, `created_at`, `school_id`, `result`, `note`, `recorded_at`, `report_id`, `item_id`, `grid_id`) SELECT `id`, `created_at`, `school_id`, `result`, `note`, `recorded_at`, `report_id`, `item_id`, `grid_id` FROM `findings`;
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
-- create "new_grid_assignments" table
CREATE TABLE `new_grid_assignments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `role` text NOT NULL, `valid_from` text NOT NULL, `valid_until` text NULL, `end_reason` text NOT NULL DEFAULT (''), `grid_id` uuid NOT NULL, `user_id` uuid NOT NULL, `ended_by_id` uuid NULL, `stands_in_for_id` uuid NULL, `successor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `grid_assignments_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE NO ACTION, CONSTRAINT `grid_assignments_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `grid_assignments_users_ended_by` FOREIGN KEY (`ended_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `grid_assignments_grid_assignments_deputies` FOREIGN KEY (`stands_in_for_id`) REFERENCES `grid_assignments` (`id`) ON DELETE SET NULL, CONSTRAINT `grid_assignments_grid_assignments_predecessors` FOREIGN KEY (`successor_id`) REFERENCES `grid_assignments` (`id`) ON DELETE SET NULL);
-- copy rows from old table "grid_assignments" to new temporary table "new_grid_assignments"
INSERT INTO `new_grid_assignments` (`id`, `created_at`, `school_id`, `role`, `valid_from`, `valid_until`, `grid_id`, `user_id`) SELECT `id`, `created_at`, `school_id`, `role`, `valid_from`, `valid_until`, `grid_id`, `user_id` FROM `grid_assignments`;
-- drop "grid_assignments" table after copying rows
DROP TABLE `grid_assignments`;
-- rename temporary table "new_grid_assignments" to "grid_assignments"
ALTER TABLE `new_grid_assignments` RENAME TO `grid_assignments`;
-- create index "gridassignment_grid_id_valid_from" to table: "grid_assignments"
CREATE INDEX `gridassignment_grid_id_valid_from` ON `grid_assignments` (`grid_id`, `valid_from`);
-- create index "gridassignment_user_id_valid_from" to table: "grid_assignments"
CREATE INDEX `gridassignment_user_id_valid_from` ON `grid_assignments` (`user_id`, `valid_from`);
-- create index "gridassignment_school_id" to table: "grid_assignments"
CREATE INDEX `gridassignment_school_id` ON `grid_assignments` (`school_id`);
-- create index "gridassignment_stands_in_for_id" to table: "grid_assignments"
CREATE INDEX `gridassignment_stands_in_for_id` ON `grid_assignments` (`stands_in_for_id`);
-- create index "gridassignment_successor_id" to table: "grid_assignments"
CREATE INDEX `gridassignment_successor_id` ON `grid_assignments` (`successor_id`);
-- create index "gridassignment_ended_by_id" to table: "grid_assignments"
CREATE INDEX `gridassignment_ended_by_id` ON `grid_assignments` (`ended_by_id`);
-- create "new_hazards" table
CREATE TABLE `new_hazards` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `place` text NOT NULL DEFAULT (''), `category` text NOT NULL, `description` text NOT NULL, `source` text NOT NULL, `grade` text NOT NULL, `status` text NOT NULL DEFAULT ('REPORTED'), `discovered_at` datetime NOT NULL, `reported_at` datetime NOT NULL, `deadline_on` text NOT NULL DEFAULT ('9999-12-31'), `first_deadline_on` text NULL, `listed` bool NOT NULL DEFAULT (false), `plan_status` text NULL, `extension_pending` bool NOT NULL DEFAULT (false), `downgrade_pending` bool NOT NULL DEFAULT (false), `downgrade_by_id` uuid NULL, `rectified_at` datetime NULL, `closed_at` datetime NULL, `signs` json NULL, `list_by` datetime NULL, `notice_deadline_on` text NULL, `proven` bool NOT NULL DEFAULT (false), `sequence` integer NOT NULL DEFAULT (0), `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `grid_id` uuid NULL, `report_id` uuid NULL, `finding_id` uuid NULL, `reporter_id` uuid NOT NULL, `responsible_id` uuid NULL, `rectifier_id` uuid NULL, `grading_rule_id` uuid NULL, `failed_control_id` uuid NULL, `duplicate_of_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `hazards_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_users_reporter` FOREIGN KEY (`reporter_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_users_responsible` FOREIGN KEY (`responsible_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_users_rectifier` FOREIGN KEY (`rectifier_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_grading_rules_grading_rule` FOREIGN KEY (`grading_rule_id`) REFERENCES `grading_rules` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_risk_controls_failed_control` FOREIGN KEY (`failed_control_id`) REFERENCES `risk_controls` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_hazards_duplicates` FOREIGN KEY (`duplicate_of_id`) REFERENCES `hazards` (`id`) ON DELETE SET NULL);
-- copy rows from old table "hazards" to new temporary table "new_hazards"
INSERT INTO `new_hazards` (`id`, `created_at`, `place`, `category`, `description`, `source`, `grade`, `status`, `discovered_at`, `reported_at`, `deadline_on`, `first_deadline_on`, `listed`, `plan_status`, `extension_pending`, `downgrade_pending`, `downgrade_by_id`, `rectified_at`, `closed_at`, `proven`, `sequence`, `version`, `campaign_id`, `school_id`, `grid_id`, `report_id`, `finding_id`, `reporter_id`, `responsible_id`, `rectifier_id`, `duplicate_of_id`) SELECT `id`, `created_at`, `place`, `category`, `description`, `source`, `grade`, `status`, `discovered_at`, `reported_at`, `deadline_on`, `first_deadline_on`, `listed`, `plan_status`, `extension_pending`, `downgrade_pending`, `downgrade_by_id`, `rectified_at`, `closed_at`, `proven`, `sequence`, `version`, `campaign_id`, `school_id`, `grid_id`, `report_id`, `finding_id`, `reporter_id`, `responsible_id`, `rectifier_id`, `duplicate_of_id` FROM `hazards`;
-- drop "hazards" table after copying rows
DROP TABLE `hazards`;
-- rename temporary table "new_hazards" to "hazards"
ALTER TABLE `new_hazards` RENAME TO `hazards`;
-- create index "hazard_campaign_id_status_reported_at_id" to table: "hazards"
CREATE INDEX `hazard_campaign_id_status_reported_at_id` ON `hazards` (`campaign_id`, `status`, `reported_at`, `id`);
-- create index "hazard_school_id_reported_at_id" to table: "hazards"
CREATE INDEX `hazard_school_id_reported_at_id` ON `hazards` (`school_id`, `reported_at`, `id`);
-- create index "hazard_grid_id" to table: "hazards"
CREATE INDEX `hazard_grid_id` ON `hazards` (`grid_id`);
-- create index "hazard_report_id" to table: "hazards"
CREATE INDEX `hazard_report_id` ON `hazards` (`report_id`);
-- create index "hazard_finding_id" to table: "hazards"
CREATE INDEX `hazard_finding_id` ON `hazards` (`finding_id`);
-- create index "hazard_reporter_id" to table: "hazards"
CREATE INDEX `hazard_reporter_id` ON `hazards` (`reporter_id`);
-- create index "hazard_responsible_id" to table: "hazards"
CREATE INDEX `hazard_responsible_id` ON `hazards` (`responsible_id`);
-- create index "hazard_rectifier_id" to table: "hazards"
CREATE INDEX `hazard_rectifier_id` ON `hazards` (`rectifier_id`);
-- create index "hazard_duplicate_of_id" to table: "hazards"
CREATE INDEX `hazard_duplicate_of_id` ON `hazards` (`duplicate_of_id`);
-- create index "hazard_reported_at_id" to table: "hazards"
CREATE INDEX `hazard_reported_at_id` ON `hazards` (`reported_at`, `id`);
-- create index "hazard_deadline_on_id" to table: "hazards"
CREATE INDEX `hazard_deadline_on_id` ON `hazards` (`deadline_on`, `id`);
-- create index "hazard_status_list_by" to table: "hazards"
CREATE INDEX `hazard_status_list_by` ON `hazards` (`status`, `list_by`);
-- create index "hazard_grading_rule_id" to table: "hazards"
CREATE INDEX `hazard_grading_rule_id` ON `hazards` (`grading_rule_id`);
-- create index "hazard_failed_control_id" to table: "hazards"
CREATE INDEX `hazard_failed_control_id` ON `hazards` (`failed_control_id`);
-- add column "checked_in_at" to table: "inspection_reports"
ALTER TABLE `inspection_reports` ADD COLUMN `checked_in_at` datetime NULL;
-- create index "listing_listed_at_id" to table: "listings"
CREATE INDEX `listing_listed_at_id` ON `listings` (`listed_at`, `id`);
-- create index "listing_school_id_listed_at_id" to table: "listings"
CREATE INDEX `listing_school_id_listed_at_id` ON `listings` (`school_id`, `listed_at`, `id`);
-- create "new_schools" table
CREATE TABLE `new_schools` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `region_path` text NOT NULL, `stages` json NOT NULL, `ownership` text NOT NULL, `boarding` bool NOT NULL, `student_count` integer NOT NULL, `latitude` real NULL, `longitude` real NULL, `boundary_meters` integer NOT NULL DEFAULT (300), `boundary` json NULL, `closed_at` datetime NULL, `region_id` uuid NOT NULL, `merged_into_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `schools_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION, CONSTRAINT `schools_schools_merged` FOREIGN KEY (`merged_into_id`) REFERENCES `schools` (`id`) ON DELETE SET NULL);
-- copy rows from old table "schools" to new temporary table "new_schools"
INSERT INTO `new_schools` (`id`, `created_at`, `code`, `name`, `region_path`, `stages`, `ownership`, `boarding`, `student_count`, `latitude`, `longitude`, `boundary_meters`, `closed_at`, `region_id`) SELECT `id`, `created_at`, `code`, `name`, `region_path`, `stages`, `ownership`, `boarding`, `student_count`, `latitude`, `longitude`, `boundary_meters`, `closed_at`, `region_id` FROM `schools`;
-- drop "schools" table after copying rows
DROP TABLE `schools`;
-- rename temporary table "new_schools" to "schools"
ALTER TABLE `new_schools` RENAME TO `schools`;
-- create index "school_code" to table: "schools"
CREATE UNIQUE INDEX `school_code` ON `schools` (`code`);
-- create index "school_region_id" to table: "schools"
CREATE INDEX `school_region_id` ON `schools` (`region_id`);
-- create index "school_region_path_id" to table: "schools"
CREATE INDEX `school_region_path_id` ON `schools` (`region_path`, `id`);
-- create index "school_name_id" to table: "schools"
CREATE INDEX `school_name_id` ON `schools` (`name`, `id`);
-- create index "school_merged_into_id" to table: "schools"
CREATE INDEX `school_merged_into_id` ON `schools` (`merged_into_id`);
-- create "new_school_figures" table
CREATE TABLE `new_school_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `found` integer NOT NULL DEFAULT (0), `voided` integer NOT NULL DEFAULT (0), `closed` integer NOT NULL DEFAULT (0), `closed_proven` integer NOT NULL DEFAULT (0), `listed` integer NOT NULL DEFAULT (0), `major_open` integer NOT NULL DEFAULT (0), `cells_claimed` integer NOT NULL DEFAULT (0), `cells_proven` integer NOT NULL DEFAULT (0), `self_claimed` integer NOT NULL DEFAULT (0), `self_proven` integer NOT NULL DEFAULT (0), `supervision_claimed` integer NOT NULL DEFAULT (0), `supervision_proven` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- copy rows from old table "school_figures" to new temporary table "new_school_figures"
INSERT INTO `new_school_figures` (`id`, `created_at`, `school_id`, `campaign_id`, `found`, `voided`, `closed`, `closed_proven`, `listed`, `major_open`, `self_claimed`, `self_proven`, `supervision_claimed`, `supervision_proven`) SELECT `id`, `created_at`, `school_id`, `campaign_id`, `found`, `voided`, `closed`, `closed_proven`, `listed`, `major_open`, `self_claimed`, `self_proven`, `supervision_claimed`, `supervision_proven` FROM `school_figures`;
-- drop "school_figures" table after copying rows
DROP TABLE `school_figures`;
-- rename temporary table "new_school_figures" to "school_figures"
ALTER TABLE `new_school_figures` RENAME TO `school_figures`;
-- create index "schoolfigure_campaign_id_school_id" to table: "school_figures"
CREATE UNIQUE INDEX `schoolfigure_campaign_id_school_id` ON `school_figures` (`campaign_id`, `school_id`);
-- create "new_team_members" table
CREATE TABLE `new_team_members` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `position` integer NOT NULL, `joined_on` text NOT NULL DEFAULT ('2000-01-01'), `left_on` text NULL, `team_id` uuid NOT NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `team_members_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE NO ACTION, CONSTRAINT `team_members_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "team_members" to new temporary table "new_team_members"
INSERT INTO `new_team_members` (`id`, `created_at`, `position`, `team_id`, `user_id`) SELECT `id`, `created_at`, `position`, `team_id`, `user_id` FROM `team_members`;
-- drop "team_members" table after copying rows
DROP TABLE `team_members`;
-- rename temporary table "new_team_members" to "team_members"
ALTER TABLE `new_team_members` RENAME TO `team_members`;
-- create index "teammember_team_id_position" to table: "team_members"
CREATE UNIQUE INDEX `teammember_team_id_position` ON `team_members` (`team_id`, `position`) WHERE left_on IS NULL;
-- create index "teammember_team_id" to table: "team_members"
CREATE INDEX `teammember_team_id` ON `team_members` (`team_id`);
-- create index "teammember_user_id" to table: "team_members"
CREATE INDEX `teammember_user_id` ON `team_members` (`user_id`);
-- create "accountability_cases" table
CREATE TABLE `accountability_cases` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `subject` text NOT NULL, `status` text NOT NULL DEFAULT ('OPEN'), `facts` text NOT NULL, `facts_hash` text NOT NULL, `raised_at` datetime NOT NULL, `decided_at` datetime NULL, `decision_reason` text NOT NULL DEFAULT (''), `appealed_at` datetime NULL, `appeal` text NOT NULL DEFAULT (''), `steps` json NULL, `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `person_id` uuid NULL, `hazard_id` uuid NULL, `report_id` uuid NULL, `discrepancy_id` uuid NULL, `decided_by_id` uuid NULL, `appealed_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `accountability_cases_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `accountability_cases_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `accountability_cases_users_person` FOREIGN KEY (`person_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `accountability_cases_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE SET NULL, CONSTRAINT `accountability_cases_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `accountability_cases_discrepancies_discrepancy` FOREIGN KEY (`discrepancy_id`) REFERENCES `discrepancies` (`id`) ON DELETE SET NULL, CONSTRAINT `accountability_cases_users_decided_by` FOREIGN KEY (`decided_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `accountability_cases_users_appealed_by` FOREIGN KEY (`appealed_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "accountabilitycase_kind_subject" to table: "accountability_cases"
CREATE UNIQUE INDEX `accountabilitycase_kind_subject` ON `accountability_cases` (`kind`, `subject`);
-- create index "accountabilitycase_campaign_id_status_raised_at_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_campaign_id_status_raised_at_id` ON `accountability_cases` (`campaign_id`, `status`, `raised_at`, `id`);
-- create index "accountabilitycase_school_id_raised_at_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_school_id_raised_at_id` ON `accountability_cases` (`school_id`, `raised_at`, `id`);
-- create index "accountabilitycase_raised_at_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_raised_at_id` ON `accountability_cases` (`raised_at`, `id`);
-- create index "accountabilitycase_person_id_raised_at_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_person_id_raised_at_id` ON `accountability_cases` (`person_id`, `raised_at`, `id`);
-- create index "accountabilitycase_hazard_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_hazard_id` ON `accountability_cases` (`hazard_id`);
-- create index "accountabilitycase_report_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_report_id` ON `accountability_cases` (`report_id`);
-- create index "accountabilitycase_discrepancy_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_discrepancy_id` ON `accountability_cases` (`discrepancy_id`);
-- create index "accountabilitycase_decided_by_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_decided_by_id` ON `accountability_cases` (`decided_by_id`);
-- create index "accountabilitycase_appealed_by_id" to table: "accountability_cases"
CREATE INDEX `accountabilitycase_appealed_by_id` ON `accountability_cases` (`appealed_by_id`);
-- create "breakdown_figures" table
CREATE TABLE `breakdown_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `category` text NOT NULL, `grade` text NOT NULL, `source` text NOT NULL, `status` text NOT NULL, `hazards` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "breakdownfigure_cell" to table: "breakdown_figures"
CREATE UNIQUE INDEX `breakdownfigure_cell` ON `breakdown_figures` (`campaign_id`, `school_id`, `category`, `grade`, `source`, `status`);
-- create "closing_figures" table
CREATE TABLE `closing_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `hours` integer NOT NULL, `hazards` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "closingfigure_campaign_id_school_id_hours" to table: "closing_figures"
CREATE UNIQUE INDEX `closingfigure_campaign_id_school_id_hours` ON `closing_figures` (`campaign_id`, `school_id`, `hours`);
-- create "coverage_cells" table
CREATE TABLE `coverage_cells` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `grid_id` uuid NOT NULL, `item_id` uuid NOT NULL, `claimed` integer NOT NULL DEFAULT (0), `proven` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "coveragecell_campaign_id_school_id_grid_id_item_id" to table: "coverage_cells"
CREATE UNIQUE INDEX `coveragecell_campaign_id_school_id_grid_id_item_id` ON `coverage_cells` (`campaign_id`, `school_id`, `grid_id`, `item_id`);
-- create "day_figures" table
CREATE TABLE `day_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `day` text NOT NULL, `found` integer NOT NULL DEFAULT (0), `voided` integer NOT NULL DEFAULT (0), `closed` integer NOT NULL DEFAULT (0), `closed_proven` integer NOT NULL DEFAULT (0), `listed` integer NOT NULL DEFAULT (0), `major_open` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "dayfigure_campaign_id_school_id_day" to table: "day_figures"
CREATE UNIQUE INDEX `dayfigure_campaign_id_school_id_day` ON `day_figures` (`campaign_id`, `school_id`, `day`);
-- create "discrepancies" table
CREATE TABLE `discrepancies` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `major` bool NOT NULL DEFAULT (false), `facts` text NOT NULL, `raised_at` datetime NOT NULL, `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `item_id` uuid NOT NULL, `grid_id` uuid NULL, `found_id` uuid NOT NULL, `claimed_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `discrepancies_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `discrepancies_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `discrepancies_checklist_items_item` FOREIGN KEY (`item_id`) REFERENCES `checklist_items` (`id`) ON DELETE NO ACTION, CONSTRAINT `discrepancies_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL, CONSTRAINT `discrepancies_findings_found` FOREIGN KEY (`found_id`) REFERENCES `findings` (`id`) ON DELETE NO ACTION, CONSTRAINT `discrepancies_findings_claimed` FOREIGN KEY (`claimed_id`) REFERENCES `findings` (`id`) ON DELETE NO ACTION);
-- create index "discrepancy_found_id_claimed_id" to table: "discrepancies"
CREATE UNIQUE INDEX `discrepancy_found_id_claimed_id` ON `discrepancies` (`found_id`, `claimed_id`);
-- create index "discrepancy_campaign_id_school_id" to table: "discrepancies"
CREATE INDEX `discrepancy_campaign_id_school_id` ON `discrepancies` (`campaign_id`, `school_id`);
-- create index "discrepancy_raised_at_id" to table: "discrepancies"
CREATE INDEX `discrepancy_raised_at_id` ON `discrepancies` (`raised_at`, `id`);
-- create index "discrepancy_school_id_raised_at_id" to table: "discrepancies"
CREATE INDEX `discrepancy_school_id_raised_at_id` ON `discrepancies` (`school_id`, `raised_at`, `id`);
-- create index "discrepancy_item_id" to table: "discrepancies"
CREATE INDEX `discrepancy_item_id` ON `discrepancies` (`item_id`);
-- create index "discrepancy_grid_id" to table: "discrepancies"
CREATE INDEX `discrepancy_grid_id` ON `discrepancies` (`grid_id`);
-- create index "discrepancy_claimed_id" to table: "discrepancies"
CREATE INDEX `discrepancy_claimed_id` ON `discrepancies` (`claimed_id`);
-- create "grading_rules" table
CREATE TABLE `grading_rules` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `number` integer NOT NULL, `text` text NOT NULL, `text_en` text NOT NULL DEFAULT (''), `article` text NOT NULL DEFAULT (''), `condition` json NOT NULL, `rule_set_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `grading_rules_grading_rule_sets_rule_set` FOREIGN KEY (`rule_set_id`) REFERENCES `grading_rule_sets` (`id`) ON DELETE NO ACTION);
-- create index "gradingrule_rule_set_id_number" to table: "grading_rules"
CREATE UNIQUE INDEX `gradingrule_rule_set_id_number` ON `grading_rules` (`rule_set_id`, `number`);
-- create "grading_rule_sets" table
CREATE TABLE `grading_rule_sets` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `version` integer NOT NULL, `layer` text NOT NULL, `region_path` text NOT NULL DEFAULT (''), `title` text NOT NULL, `title_en` text NOT NULL DEFAULT (''), `source` text NOT NULL, `effective_on` text NOT NULL, `retired_on` text NULL, PRIMARY KEY (`id`));
-- create index "gradingruleset_code_version" to table: "grading_rule_sets"
CREATE UNIQUE INDEX `gradingruleset_code_version` ON `grading_rule_sets` (`code`, `version`);
-- create "hazard_states" table
CREATE TABLE `hazard_states` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `hazard_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `category` text NOT NULL, `source` text NOT NULL, `status` text NOT NULL, `grade` text NOT NULL, `listed` bool NOT NULL, `proven` bool NOT NULL, `deadline_on` text NOT NULL, `close_hours` integer NULL, `valid_from` datetime NOT NULL, `valid_until` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "hazardstate_hazard_id_valid_from" to table: "hazard_states"
CREATE INDEX `hazardstate_hazard_id_valid_from` ON `hazard_states` (`hazard_id`, `valid_from`);
-- create index "hazardstate_campaign_id_school_id_valid_from" to table: "hazard_states"
CREATE INDEX `hazardstate_campaign_id_school_id_valid_from` ON `hazard_states` (`campaign_id`, `school_id`, `valid_from`);
-- create index "hazardstate_campaign_id_valid_from" to table: "hazard_states"
CREATE INDEX `hazardstate_campaign_id_valid_from` ON `hazard_states` (`campaign_id`, `valid_from`);
-- create index "hazardstate_campaign_id_valid_until" to table: "hazard_states"
CREATE INDEX `hazardstate_campaign_id_valid_until` ON `hazard_states` (`campaign_id`, `valid_until`);
-- create "holidays" table
CREATE TABLE `holidays` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `day` text NOT NULL, `kind` text NOT NULL, `name` text NOT NULL, PRIMARY KEY (`id`));
-- create index "holiday_day" to table: "holidays"
CREATE UNIQUE INDEX `holiday_day` ON `holidays` (`day`);
-- create "leading_groups" table
CREATE TABLE `leading_groups` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `region_path` text NOT NULL, `formed_on` text NOT NULL, `document_number` text NOT NULL DEFAULT (''), `dissolved_at` datetime NULL, `dissolved_reason` text NOT NULL DEFAULT (''), `campaign_id` uuid NOT NULL, `region_id` uuid NOT NULL, `school_id` uuid NULL, `formed_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `leading_groups_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `leading_groups_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION, CONSTRAINT `leading_groups_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE SET NULL, CONSTRAINT `leading_groups_users_formed_by` FOREIGN KEY (`formed_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "leadinggroup_campaign_id_school_id" to table: "leading_groups"
CREATE UNIQUE INDEX `leadinggroup_campaign_id_school_id` ON `leading_groups` (`campaign_id`, `school_id`) WHERE (school_id IS NOT NULL) AND (dissolved_at IS NULL);
-- create index "leadinggroup_bureau" to table: "leading_groups"
CREATE UNIQUE INDEX `leadinggroup_bureau` ON `leading_groups` (`campaign_id`, `region_id`) WHERE (school_id IS NULL) AND (dissolved_at IS NULL);
-- create index "leadinggroup_campaign_id_id" to table: "leading_groups"
CREATE INDEX `leadinggroup_campaign_id_id` ON `leading_groups` (`campaign_id`, `id`);
-- create index "leadinggroup_region_id" to table: "leading_groups"
CREATE INDEX `leadinggroup_region_id` ON `leading_groups` (`region_id`);
-- create index "leadinggroup_school_id" to table: "leading_groups"
CREATE INDEX `leadinggroup_school_id` ON `leading_groups` (`school_id`);
-- create index "leadinggroup_formed_by_id" to table: "leading_groups"
CREATE INDEX `leadinggroup_formed_by_id` ON `leading_groups` (`formed_by_id`);
-- create "leading_group_members" table
CREATE TABLE `leading_group_members` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `position` integer NOT NULL, `group_id` uuid NOT NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `leading_group_members_leading_groups_group` FOREIGN KEY (`group_id`) REFERENCES `leading_groups` (`id`) ON DELETE NO ACTION, CONSTRAINT `leading_group_members_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "leadinggroupmember_group_id_position" to table: "leading_group_members"
CREATE UNIQUE INDEX `leadinggroupmember_group_id_position` ON `leading_group_members` (`group_id`, `position`);
-- create index "leadinggroupmember_user_id" to table: "leading_group_members"
CREATE INDEX `leadinggroupmember_user_id` ON `leading_group_members` (`user_id`);
-- create "notices" table
CREATE TABLE `notices` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `status` text NOT NULL DEFAULT ('DRAFT'), `year` integer NULL, `number` integer NULL, `number_text` text NOT NULL DEFAULT (''), `deadline_on` text NOT NULL, `requirements` text NOT NULL, `snapshot` text NOT NULL DEFAULT (''), `snapshot_hash` text NOT NULL DEFAULT (''), `verify_code` text NOT NULL DEFAULT (''), `issued_at` datetime NULL, `acknowledged_at` datetime NULL, `opinion` text NOT NULL DEFAULT (''), `refusal_reason` text NOT NULL DEFAULT (''), `witness` text NOT NULL DEFAULT (''), `replied_at` datetime NULL, `reply` text NOT NULL DEFAULT (''), `closed_at` datetime NULL, `handed_in_at` datetime NULL, `superseded_at` datetime NULL, `sequence` integer NOT NULL DEFAULT (0), `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `team_id` uuid NULL, `report_id` uuid NULL, `issuer_id` uuid NOT NULL, `drafted_by_id` uuid NOT NULL, `issued_by_id` uuid NULL, `acknowledged_by_id` uuid NULL, `replied_by_id` uuid NULL, `closed_by_id` uuid NULL, `handed_in_by_id` uuid NULL, `supersedes_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `notices_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `notices_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `notices_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_regions_issuer` FOREIGN KEY (`issuer_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION, CONSTRAINT `notices_users_drafted_by` FOREIGN KEY (`drafted_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `notices_users_issued_by` FOREIGN KEY (`issued_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_users_acknowledged_by` FOREIGN KEY (`acknowledged_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_users_replied_by` FOREIGN KEY (`replied_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_users_closed_by` FOREIGN KEY (`closed_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_users_handed_in_by` FOREIGN KEY (`handed_in_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `notices_notices_superseded_by` FOREIGN KEY (`supersedes_id`) REFERENCES `notices` (`id`) ON DELETE SET NULL);
-- create index "notice_issuer_id_year_number" to table: "notices"
CREATE UNIQUE INDEX `notice_issuer_id_year_number` ON `notices` (`issuer_id`, `year`, `number`);
-- create index "notice_campaign_id_status_id" to table: "notices"
CREATE INDEX `notice_campaign_id_status_id` ON `notices` (`campaign_id`, `status`, `id`);
-- create index "notice_school_id_id" to table: "notices"
CREATE INDEX `notice_school_id_id` ON `notices` (`school_id`, `id`);
-- create index "notice_team_id" to table: "notices"
CREATE INDEX `notice_team_id` ON `notices` (`team_id`);
-- create index "notice_report_id" to table: "notices"
CREATE INDEX `notice_report_id` ON `notices` (`report_id`);
-- create index "notice_supersedes_id" to table: "notices"
CREATE INDEX `notice_supersedes_id` ON `notices` (`supersedes_id`);
-- create index "notice_verify_code" to table: "notices"
CREATE INDEX `notice_verify_code` ON `notices` (`verify_code`);
-- create index "notice_drafted_by_id" to table: "notices"
CREATE INDEX `notice_drafted_by_id` ON `notices` (`drafted_by_id`);
-- create index "notice_issued_by_id" to table: "notices"
CREATE INDEX `notice_issued_by_id` ON `notices` (`issued_by_id`);
-- create index "notice_acknowledged_by_id" to table: "notices"
CREATE INDEX `notice_acknowledged_by_id` ON `notices` (`acknowledged_by_id`);
-- create index "notice_replied_by_id" to table: "notices"
CREATE INDEX `notice_replied_by_id` ON `notices` (`replied_by_id`);
-- create index "notice_closed_by_id" to table: "notices"
CREATE INDEX `notice_closed_by_id` ON `notices` (`closed_by_id`);
-- create index "notice_handed_in_by_id" to table: "notices"
CREATE INDEX `notice_handed_in_by_id` ON `notices` (`handed_in_by_id`);
-- create "notice_counters" table
CREATE TABLE `notice_counters` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `issuer_id` uuid NOT NULL, `year` integer NOT NULL, `last` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "noticecounter_issuer_id_year" to table: "notice_counters"
CREATE UNIQUE INDEX `noticecounter_issuer_id_year` ON `notice_counters` (`issuer_id`, `year`);
-- create "notice_events" table
CREATE TABLE `notice_events` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `sequence` integer NOT NULL, `kind` text NOT NULL, `happened_at` datetime NOT NULL, `received_at` datetime NOT NULL, `payload` json NOT NULL, `notice_id` uuid NOT NULL, `actor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `notice_events_notices_notice` FOREIGN KEY (`notice_id`) REFERENCES `notices` (`id`) ON DELETE NO ACTION, CONSTRAINT `notice_events_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "noticeevent_notice_id_sequence" to table: "notice_events"
CREATE UNIQUE INDEX `noticeevent_notice_id_sequence` ON `notice_events` (`notice_id`, `sequence`);
-- create index "noticeevent_actor_id" to table: "notice_events"
CREATE INDEX `noticeevent_actor_id` ON `notice_events` (`actor_id`);
-- create "notice_items" table
CREATE TABLE `notice_items` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `position` integer NOT NULL, `problem` text NOT NULL, `place` text NOT NULL DEFAULT (''), `basis` text NOT NULL DEFAULT (''), `requirement` text NOT NULL DEFAULT (''), `in_force` bool NOT NULL DEFAULT (true), `notice_id` uuid NOT NULL, `hazard_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `notice_items_notices_notice` FOREIGN KEY (`notice_id`) REFERENCES `notices` (`id`) ON DELETE NO ACTION, CONSTRAINT `notice_items_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION);
-- create index "noticeitem_notice_id_hazard_id" to table: "notice_items"
CREATE UNIQUE INDEX `noticeitem_notice_id_hazard_id` ON `notice_items` (`notice_id`, `hazard_id`);
-- create index "noticeitem_hazard_in_force" to table: "notice_items"
CREATE UNIQUE INDEX `noticeitem_hazard_in_force` ON `notice_items` (`hazard_id`) WHERE in_force;
-- create index "noticeitem_hazard_id" to table: "notice_items"
CREATE INDEX `noticeitem_hazard_id` ON `notice_items` (`hazard_id`);
-- create "planned_visits" table
CREATE TABLE `planned_visits` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `region_path` text NOT NULL, `status` text NOT NULL DEFAULT ('PROPOSED'), `slot` text NULL, `reasons` json NOT NULL, `ticket` text NOT NULL DEFAULT (''), `fallen_out_reason` text NOT NULL DEFAULT (''), `fallen_out_at` datetime NULL, `plan_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `team_id` uuid NOT NULL, `school_id` uuid NOT NULL, `replaces_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `planned_visits_visit_plans_plan` FOREIGN KEY (`plan_id`) REFERENCES `visit_plans` (`id`) ON DELETE NO ACTION, CONSTRAINT `planned_visits_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `planned_visits_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE NO ACTION, CONSTRAINT `planned_visits_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `planned_visits_planned_visits_replacements` FOREIGN KEY (`replaces_id`) REFERENCES `planned_visits` (`id`) ON DELETE SET NULL);
-- create index "plannedvisit_plan_id_school_id" to table: "planned_visits"
CREATE UNIQUE INDEX `plannedvisit_plan_id_school_id` ON `planned_visits` (`plan_id`, `school_id`);
-- create index "plannedvisit_campaign_id_status" to table: "planned_visits"
CREATE INDEX `plannedvisit_campaign_id_status` ON `planned_visits` (`campaign_id`, `status`);
-- create index "plannedvisit_campaign_id_region_path" to table: "planned_visits"
CREATE INDEX `plannedvisit_campaign_id_region_path` ON `planned_visits` (`campaign_id`, `region_path`);
-- create index "plannedvisit_team_id_id" to table: "planned_visits"
CREATE INDEX `plannedvisit_team_id_id` ON `planned_visits` (`team_id`, `id`);
-- create index "plannedvisit_school_id" to table: "planned_visits"
CREATE INDEX `plannedvisit_school_id` ON `planned_visits` (`school_id`);
-- create index "plannedvisit_replaces_id" to table: "planned_visits"
CREATE INDEX `plannedvisit_replaces_id` ON `planned_visits` (`replaces_id`);
-- create "reminders" table
CREATE TABLE `reminders` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `kind` text NOT NULL, `to_role` text NOT NULL, `days` integer NOT NULL, `due_on` text NOT NULL, `region_path` text NOT NULL, `raised_at` datetime NOT NULL, `hazard_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `reminders_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION);
-- create index "reminder_hazard_id_kind_to_role_days_due_on" to table: "reminders"
CREATE UNIQUE INDEX `reminder_hazard_id_kind_to_role_days_due_on` ON `reminders` (`hazard_id`, `kind`, `to_role`, `days`, `due_on`);
-- create index "reminder_school_id_raised_at_id" to table: "reminders"
CREATE INDEX `reminder_school_id_raised_at_id` ON `reminders` (`school_id`, `raised_at`, `id`);
-- create index "reminder_raised_at_id" to table: "reminders"
CREATE INDEX `reminder_raised_at_id` ON `reminders` (`raised_at`, `id`);
-- create "risk_assessments" table
CREATE TABLE `risk_assessments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `level` text NOT NULL, `reason` text NOT NULL DEFAULT (''), `assessed_at` datetime NOT NULL, `risk_point_id` uuid NOT NULL, `assessor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `risk_assessments_risk_points_risk_point` FOREIGN KEY (`risk_point_id`) REFERENCES `risk_points` (`id`) ON DELETE NO ACTION, CONSTRAINT `risk_assessments_users_assessor` FOREIGN KEY (`assessor_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "riskassessment_risk_point_id_assessed_at" to table: "risk_assessments"
CREATE INDEX `riskassessment_risk_point_id_assessed_at` ON `risk_assessments` (`risk_point_id`, `assessed_at`);
-- create index "riskassessment_assessor_id" to table: "risk_assessments"
CREATE INDEX `riskassessment_assessor_id` ON `risk_assessments` (`assessor_id`);
-- create "risk_controls" table
CREATE TABLE `risk_controls` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `kind` text NOT NULL, `text` text NOT NULL, `position` integer NOT NULL, `ended_at` datetime NULL, `risk_point_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `risk_controls_risk_points_risk_point` FOREIGN KEY (`risk_point_id`) REFERENCES `risk_points` (`id`) ON DELETE NO ACTION);
-- create index "riskcontrol_risk_point_id_position" to table: "risk_controls"
CREATE INDEX `riskcontrol_risk_point_id_position` ON `risk_controls` (`risk_point_id`, `position`);
-- create "risk_points" table
CREATE TABLE `risk_points` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `name` text NOT NULL, `consequence` text NOT NULL DEFAULT (''), `level` text NOT NULL, `assessed_on` text NOT NULL, `closed_at` datetime NULL, `closed_reason` text NOT NULL DEFAULT (''), `version` integer NOT NULL DEFAULT (1), `grid_id` uuid NOT NULL, `responsible_id` uuid NULL, `recorded_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `risk_points_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE NO ACTION, CONSTRAINT `risk_points_users_responsible` FOREIGN KEY (`responsible_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `risk_points_users_recorded_by` FOREIGN KEY (`recorded_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "riskpoint_grid_id" to table: "risk_points"
CREATE INDEX `riskpoint_grid_id` ON `risk_points` (`grid_id`);
-- create index "riskpoint_school_id_level_id" to table: "risk_points"
CREATE INDEX `riskpoint_school_id_level_id` ON `risk_points` (`school_id`, `level`, `id`);
-- create index "riskpoint_responsible_id" to table: "risk_points"
CREATE INDEX `riskpoint_responsible_id` ON `risk_points` (`responsible_id`);
-- create index "riskpoint_recorded_by_id" to table: "risk_points"
CREATE INDEX `riskpoint_recorded_by_id` ON `risk_points` (`recorded_by_id`);
-- create "sampling_exemptions" table
CREATE TABLE `sampling_exemptions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `region_path` text NOT NULL, `slot` text NOT NULL, `reason` text NOT NULL, `confirmed_at` datetime NOT NULL, `campaign_id` uuid NOT NULL, `region_id` uuid NOT NULL, `confirmed_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `sampling_exemptions_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `sampling_exemptions_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION, CONSTRAINT `sampling_exemptions_users_confirmed_by` FOREIGN KEY (`confirmed_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "samplingexemption_campaign_id_region_id_slot" to table: "sampling_exemptions"
CREATE UNIQUE INDEX `samplingexemption_campaign_id_region_id_slot` ON `sampling_exemptions` (`campaign_id`, `region_id`, `slot`);
-- create index "samplingexemption_region_id" to table: "sampling_exemptions"
CREATE INDEX `samplingexemption_region_id` ON `sampling_exemptions` (`region_id`);
-- create index "samplingexemption_confirmed_by_id" to table: "sampling_exemptions"
CREATE INDEX `samplingexemption_confirmed_by_id` ON `sampling_exemptions` (`confirmed_by_id`);
-- create "self_inspection_submissions" table
CREATE TABLE `self_inspection_submissions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `cells_due` integer NOT NULL, `cells_claimed` integer NOT NULL, `cells_proven` integer NOT NULL, `note` text NOT NULL DEFAULT (''), `submitted_at` datetime NOT NULL, `campaign_id` uuid NOT NULL, `submitted_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `self_inspection_submissions_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `self_inspection_submissions_users_submitted_by` FOREIGN KEY (`submitted_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "selfinspectionsubmission_campaign_id_school_id" to table: "self_inspection_submissions"
CREATE UNIQUE INDEX `selfinspectionsubmission_campaign_id_school_id` ON `self_inspection_submissions` (`campaign_id`, `school_id`);
-- create index "selfinspectionsubmission_submitted_by_id" to table: "self_inspection_submissions"
CREATE INDEX `selfinspectionsubmission_submitted_by_id` ON `self_inspection_submissions` (`submitted_by_id`);
-- create "visit_plans" table
CREATE TABLE `visit_plans` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `region_path` text NOT NULL, `seed` text NOT NULL, `facts_digest` text NOT NULL, `status` text NOT NULL DEFAULT ('PROPOSED'), `proposed_at` datetime NOT NULL, `confirmed_at` datetime NULL, `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `proposed_by_id` uuid NOT NULL, `confirmed_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `visit_plans_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `visit_plans_users_proposed_by` FOREIGN KEY (`proposed_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `visit_plans_users_confirmed_by` FOREIGN KEY (`confirmed_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "visitplan_campaign_id_proposed_at_id" to table: "visit_plans"
CREATE INDEX `visitplan_campaign_id_proposed_at_id` ON `visit_plans` (`campaign_id`, `proposed_at`, `id`);
-- create index "visitplan_proposed_by_id" to table: "visit_plans"
CREATE INDEX `visitplan_proposed_by_id` ON `visit_plans` (`proposed_by_id`);
-- create index "visitplan_confirmed_by_id" to table: "visit_plans"
CREATE INDEX `visitplan_confirmed_by_id` ON `visit_plans` (`confirmed_by_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
