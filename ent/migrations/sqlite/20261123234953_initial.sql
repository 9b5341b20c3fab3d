-- +goose Up
-- create "campaigns" table
CREATE TABLE `campaigns` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `title` text NOT NULL, `title_en` text NULL, `region_path` text NOT NULL, `starts_on` text NOT NULL, `ends_on` text NOT NULL, `policy` json NOT NULL, `region_id` uuid NOT NULL, `checklist_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `campaigns_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION, CONSTRAINT `campaigns_checklists_checklist` FOREIGN KEY (`checklist_id`) REFERENCES `checklists` (`id`) ON DELETE NO ACTION);
-- create index "campaign_code" to table: "campaigns"
CREATE UNIQUE INDEX `campaign_code` ON `campaigns` (`code`);
-- create index "campaign_region_id" to table: "campaigns"
CREATE INDEX `campaign_region_id` ON `campaigns` (`region_id`);
-- create index "campaign_checklist_id" to table: "campaigns"
CREATE INDEX `campaign_checklist_id` ON `campaigns` (`checklist_id`);
-- create index "campaign_starts_on_id" to table: "campaigns"
CREATE INDEX `campaign_starts_on_id` ON `campaigns` (`starts_on`, `id`);
-- create "checklists" table
CREATE TABLE `checklists` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `version` integer NOT NULL, `title` text NOT NULL, `title_en` text NULL, PRIMARY KEY (`id`));
-- create index "checklist_code_version" to table: "checklists"
CREATE UNIQUE INDEX `checklist_code_version` ON `checklists` (`code`, `version`);
-- create "checklist_items" table
CREATE TABLE `checklist_items` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `number` integer NOT NULL, `text` text NOT NULL, `text_en` text NULL, `checklist_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `checklist_items_checklists_checklist` FOREIGN KEY (`checklist_id`) REFERENCES `checklists` (`id`) ON DELETE NO ACTION);
-- create index "checklistitem_checklist_id_number" to table: "checklist_items"
CREATE UNIQUE INDEX `checklistitem_checklist_id_number` ON `checklist_items` (`checklist_id`, `number`);
-- create "coded_values" table
CREATE TABLE `coded_values` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `set` text NOT NULL, `code` text NOT NULL, `label` text NOT NULL, `label_en` text NOT NULL, `position` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "codedvalue_set_code" to table: "coded_values"
CREATE UNIQUE INDEX `codedvalue_set_code` ON `coded_values` (`set`, `code`);
-- create index "codedvalue_set_position" to table: "coded_values"
CREATE INDEX `codedvalue_set_position` ON `coded_values` (`set`, `position`);
-- create "command_receipts" table
CREATE TABLE `command_receipts` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `user_id` uuid NOT NULL, `action` text NOT NULL, `fingerprint` text NOT NULL, `result_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create "deadline_figures" table
CREATE TABLE `deadline_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `deadline_on` text NOT NULL, `open` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "deadlinefigure_campaign_id_school_id_deadline_on" to table: "deadline_figures"
CREATE UNIQUE INDEX `deadlinefigure_campaign_id_school_id_deadline_on` ON `deadline_figures` (`campaign_id`, `school_id`, `deadline_on`);
-- create "evidences" table
CREATE TABLE `evidences` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `stage` text NOT NULL, `status` text NOT NULL DEFAULT ('ANNOUNCED'), `source` text NOT NULL, `file_name` text NOT NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `sha256` text NOT NULL, `captured_at` datetime NULL, `latitude` real NULL, `longitude` real NULL, `object_key` text NOT NULL, `upload_id` text NOT NULL DEFAULT (''), `part_size` integer NOT NULL DEFAULT (0), `announced_at` datetime NOT NULL, `received_at` datetime NULL, `verified_at` datetime NULL, `rejected_at` datetime NULL, `rejection` text NOT NULL DEFAULT (''), `found_media_type` text NOT NULL DEFAULT (''), `width` integer NOT NULL DEFAULT (0), `height` integer NOT NULL DEFAULT (0), `duration_ms` integer NOT NULL DEFAULT (0), `school_id` uuid NOT NULL, `uploader_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `evidences_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidences_users_uploader` FOREIGN KEY (`uploader_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "evidence_object_key" to table: "evidences"
CREATE UNIQUE INDEX `evidence_object_key` ON `evidences` (`object_key`);
-- create index "evidence_school_id_announced_at" to table: "evidences"
CREATE INDEX `evidence_school_id_announced_at` ON `evidences` (`school_id`, `announced_at`);
-- create index "evidence_uploader_id" to table: "evidences"
CREATE INDEX `evidence_uploader_id` ON `evidences` (`uploader_id`);
-- create index "evidence_sha256" to table: "evidences"
CREATE INDEX `evidence_sha256` ON `evidences` (`sha256`);
-- create index "evidence_status_announced_at" to table: "evidences"
CREATE INDEX `evidence_status_announced_at` ON `evidences` (`status`, `announced_at`);
-- create "evidence_uses" table
CREATE TABLE `evidence_uses` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `evidence_id` uuid NOT NULL, `step` text NOT NULL, `round` integer NOT NULL DEFAULT (0), `report_id` uuid NULL, `finding_id` uuid NULL, `hazard_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `evidence_uses_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `evidence_uses_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE SET NULL, CONSTRAINT `evidence_uses_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE SET NULL);
-- create index "evidenceuse_evidence_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_evidence_id` ON `evidence_uses` (`evidence_id`);
-- create index "evidenceuse_report_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_report_id` ON `evidence_uses` (`report_id`);
-- create index "evidenceuse_finding_id" to table: "evidence_uses"
CREATE INDEX `evidenceuse_finding_id` ON `evidence_uses` (`finding_id`);
-- create index "evidenceuse_hazard_id_round" to table: "evidence_uses"
CREATE INDEX `evidenceuse_hazard_id_round` ON `evidence_uses` (`hazard_id`, `round`);
-- create "extensions" table
CREATE TABLE `extensions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `from_on` text NOT NULL, `until_on` text NOT NULL, `reason` text NOT NULL, `status` text NOT NULL DEFAULT ('PENDING'), `requested_at` datetime NOT NULL, `decided_at` datetime NULL, `decision_note` text NOT NULL DEFAULT (''), `hazard_id` uuid NOT NULL, `requested_by_id` uuid NOT NULL, `decided_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `extensions_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION, CONSTRAINT `extensions_users_requested_by` FOREIGN KEY (`requested_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `extensions_users_decided_by` FOREIGN KEY (`decided_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "extension_hazard_id_requested_at" to table: "extensions"
CREATE INDEX `extension_hazard_id_requested_at` ON `extensions` (`hazard_id`, `requested_at`);
-- create index "extension_requested_by_id" to table: "extensions"
CREATE INDEX `extension_requested_by_id` ON `extensions` (`requested_by_id`);
-- create index "extension_decided_by_id" to table: "extensions"
CREATE INDEX `extension_decided_by_id` ON `extensions` (`decided_by_id`);
-- create "findings" table
CREATE TABLE `findings` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `result` text NOT NULL, `note` text NOT NULL DEFAULT (''), `recorded_at` datetime NOT NULL, `report_id` uuid NOT NULL, `item_id` uuid NOT NULL, `grid_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `findings_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_checklist_items_item` FOREIGN KEY (`item_id`) REFERENCES `checklist_items` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL);
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
-- create "grids" table
CREATE TABLE `grids` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `kind` text NOT NULL, `closed_at` datetime NULL, `school_id` uuid NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `grids_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `grids_grids_children` FOREIGN KEY (`parent_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL);
-- create index "grid_school_id_code" to table: "grids"
CREATE UNIQUE INDEX `grid_school_id_code` ON `grids` (`school_id`, `code`);
-- create index "grid_parent_id" to table: "grids"
CREATE INDEX `grid_parent_id` ON `grids` (`parent_id`);
-- create "grid_assignments" table
CREATE TABLE `grid_assignments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `role` text NOT NULL, `valid_from` text NOT NULL, `valid_until` text NULL, `grid_id` uuid NOT NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `grid_assignments_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE NO ACTION, CONSTRAINT `grid_assignments_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "gridassignment_grid_id_valid_from" to table: "grid_assignments"
CREATE INDEX `gridassignment_grid_id_valid_from` ON `grid_assignments` (`grid_id`, `valid_from`);
-- create index "gridassignment_user_id_valid_from" to table: "grid_assignments"
CREATE INDEX `gridassignment_user_id_valid_from` ON `grid_assignments` (`user_id`, `valid_from`);
-- create index "gridassignment_school_id" to table: "grid_assignments"
CREATE INDEX `gridassignment_school_id` ON `grid_assignments` (`school_id`);
-- create "hazards" table
CREATE TABLE `hazards` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `place` text NOT NULL DEFAULT (''), `category` text NOT NULL, `description` text NOT NULL, `source` text NOT NULL, `grade` text NOT NULL, `status` text NOT NULL DEFAULT ('REPORTED'), `discovered_at` datetime NOT NULL, `reported_at` datetime NOT NULL, `deadline_on` text NOT NULL DEFAULT ('9999-12-31'), `first_deadline_on` text NULL, `listed` bool NOT NULL DEFAULT (false), `plan_status` text NULL, `extension_pending` bool NOT NULL DEFAULT (false), `downgrade_pending` bool NOT NULL DEFAULT (false), `downgrade_by_id` uuid NULL, `rectified_at` datetime NULL, `closed_at` datetime NULL, `proven` bool NOT NULL DEFAULT (false), `sequence` integer NOT NULL DEFAULT (0), `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `grid_id` uuid NULL, `report_id` uuid NULL, `finding_id` uuid NULL, `reporter_id` uuid NOT NULL, `responsible_id` uuid NULL, `rectifier_id` uuid NULL, `duplicate_of_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `hazards_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_inspection_reports_report` FOREIGN KEY (`report_id`) REFERENCES `inspection_reports` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_users_reporter` FOREIGN KEY (`reporter_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazards_users_responsible` FOREIGN KEY (`responsible_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_users_rectifier` FOREIGN KEY (`rectifier_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `hazards_hazards_duplicates` FOREIGN KEY (`duplicate_of_id`) REFERENCES `hazards` (`id`) ON DELETE SET NULL);
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
-- create "hazard_events" table
CREATE TABLE `hazard_events` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `sequence` integer NOT NULL, `kind` text NOT NULL, `happened_at` datetime NOT NULL, `received_at` datetime NOT NULL, `payload` json NOT NULL, `hazard_id` uuid NOT NULL, `actor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `hazard_events_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION, CONSTRAINT `hazard_events_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "hazardevent_hazard_id_sequence" to table: "hazard_events"
CREATE UNIQUE INDEX `hazardevent_hazard_id_sequence` ON `hazard_events` (`hazard_id`, `sequence`);
-- create index "hazardevent_actor_id" to table: "hazard_events"
CREATE INDEX `hazardevent_actor_id` ON `hazard_events` (`actor_id`);
-- create "inspection_reports" table
CREATE TABLE `inspection_reports` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `status` text NOT NULL DEFAULT ('IN_PROGRESS'), `started_at` datetime NOT NULL, `check_in_latitude` real NULL, `check_in_longitude` real NULL, `submitted_at` datetime NULL, `proven_at` datetime NULL, `version` integer NOT NULL DEFAULT (1), `campaign_id` uuid NOT NULL, `school_id` uuid NOT NULL, `grid_id` uuid NULL, `team_id` uuid NULL, `inspector_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `inspection_reports_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION, CONSTRAINT `inspection_reports_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `inspection_reports_grids_grid` FOREIGN KEY (`grid_id`) REFERENCES `grids` (`id`) ON DELETE SET NULL, CONSTRAINT `inspection_reports_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE SET NULL, CONSTRAINT `inspection_reports_users_inspector` FOREIGN KEY (`inspector_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "inspectionreport_campaign_id_school_id_kind_status" to table: "inspection_reports"
CREATE INDEX `inspectionreport_campaign_id_school_id_kind_status` ON `inspection_reports` (`campaign_id`, `school_id`, `kind`, `status`);
-- create index "inspectionreport_school_id_started_at_id" to table: "inspection_reports"
CREATE INDEX `inspectionreport_school_id_started_at_id` ON `inspection_reports` (`school_id`, `started_at`, `id`);
-- create index "inspectionreport_grid_id" to table: "inspection_reports"
CREATE INDEX `inspectionreport_grid_id` ON `inspection_reports` (`grid_id`);
-- create index "inspectionreport_team_id" to table: "inspection_reports"
CREATE INDEX `inspectionreport_team_id` ON `inspection_reports` (`team_id`);
-- create index "inspectionreport_inspector_id" to table: "inspection_reports"
CREATE INDEX `inspectionreport_inspector_id` ON `inspection_reports` (`inspector_id`);
-- create index "inspectionreport_started_at_id" to table: "inspection_reports"
CREATE INDEX `inspectionreport_started_at_id` ON `inspection_reports` (`started_at`, `id`);
-- create "inspection_teams" table
CREATE TABLE `inspection_teams` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `number` integer NOT NULL, `name` text NOT NULL, `region_path` text NOT NULL, `campaign_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `inspection_teams_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION);
-- create index "inspectionteam_campaign_id_number" to table: "inspection_teams"
CREATE UNIQUE INDEX `inspectionteam_campaign_id_number` ON `inspection_teams` (`campaign_id`, `number`);
-- create "listings" table
CREATE TABLE `listings` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `level` text NOT NULL, `document_number` text NOT NULL DEFAULT (''), `measures` text NOT NULL, `listed_at` datetime NOT NULL, `delisted_at` datetime NULL, `hazard_id` uuid NOT NULL, `listed_by_id` uuid NOT NULL, `supervisor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `listings_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION, CONSTRAINT `listings_users_listed_by` FOREIGN KEY (`listed_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `listings_users_supervisor` FOREIGN KEY (`supervisor_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "listing_hazard_id_listed_at" to table: "listings"
CREATE INDEX `listing_hazard_id_listed_at` ON `listings` (`hazard_id`, `listed_at`);
-- create index "listing_listed_by_id" to table: "listings"
CREATE INDEX `listing_listed_by_id` ON `listings` (`listed_by_id`);
-- create index "listing_supervisor_id" to table: "listings"
CREATE INDEX `listing_supervisor_id` ON `listings` (`supervisor_id`);
-- create "memberships" table
CREATE TABLE `memberships` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `role` text NOT NULL, `region_path` text NOT NULL, `valid_from` text NOT NULL, `valid_until` text NULL, `user_id` uuid NOT NULL, `region_id` uuid NULL, `school_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `memberships_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `memberships_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL, CONSTRAINT `memberships_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE SET NULL);
-- create index "membership_user_id" to table: "memberships"
CREATE INDEX `membership_user_id` ON `memberships` (`user_id`);
-- create index "membership_region_id" to table: "memberships"
CREATE INDEX `membership_region_id` ON `memberships` (`region_id`);
-- create index "membership_school_id" to table: "memberships"
CREATE INDEX `membership_school_id` ON `memberships` (`school_id`);
-- create index "membership_region_path" to table: "memberships"
CREATE INDEX `membership_region_path` ON `memberships` (`region_path`);
-- create "phases" table
CREATE TABLE `phases` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `title` text NOT NULL, `title_en` text NULL, `starts_on` text NOT NULL, `ends_on` text NOT NULL, `campaign_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `phases_campaigns_campaign` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns` (`id`) ON DELETE NO ACTION);
-- create index "phase_campaign_id_kind" to table: "phases"
CREATE UNIQUE INDEX `phase_campaign_id_kind` ON `phases` (`campaign_id`, `kind`);
-- create "rechecks" table
CREATE TABLE `rechecks` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `result` text NOT NULL, `note` text NOT NULL DEFAULT (''), `new_deadline_on` text NULL, `checked_at` datetime NOT NULL, `hazard_id` uuid NOT NULL, `checker_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `rechecks_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION, CONSTRAINT `rechecks_users_checker` FOREIGN KEY (`checker_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "recheck_hazard_id_checked_at" to table: "rechecks"
CREATE INDEX `recheck_hazard_id_checked_at` ON `rechecks` (`hazard_id`, `checked_at`);
-- create index "recheck_checker_id" to table: "rechecks"
CREATE INDEX `recheck_checker_id` ON `rechecks` (`checker_id`);
-- create "rectification_plans" table
CREATE TABLE `rectification_plans` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `number` integer NOT NULL, `measures` text NOT NULL, `funds_fen` integer NOT NULL, `complete_by` text NOT NULL, `contingency` text NOT NULL, `status` text NOT NULL DEFAULT ('SUBMITTED'), `submitted_at` datetime NOT NULL, `decided_at` datetime NULL, `decision_note` text NOT NULL DEFAULT (''), `hazard_id` uuid NOT NULL, `responsible_id` uuid NOT NULL, `submitted_by_id` uuid NOT NULL, `decided_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `rectification_plans_hazards_hazard` FOREIGN KEY (`hazard_id`) REFERENCES `hazards` (`id`) ON DELETE NO ACTION, CONSTRAINT `rectification_plans_users_responsible` FOREIGN KEY (`responsible_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `rectification_plans_users_submitted_by` FOREIGN KEY (`submitted_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `rectification_plans_users_decided_by` FOREIGN KEY (`decided_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "rectificationplan_hazard_id_number" to table: "rectification_plans"
CREATE UNIQUE INDEX `rectificationplan_hazard_id_number` ON `rectification_plans` (`hazard_id`, `number`);
-- create index "rectificationplan_responsible_id" to table: "rectification_plans"
CREATE INDEX `rectificationplan_responsible_id` ON `rectification_plans` (`responsible_id`);
-- create index "rectificationplan_submitted_by_id" to table: "rectification_plans"
CREATE INDEX `rectificationplan_submitted_by_id` ON `rectification_plans` (`submitted_by_id`);
-- create index "rectificationplan_decided_by_id" to table: "rectification_plans"
CREATE INDEX `rectificationplan_decided_by_id` ON `rectification_plans` (`decided_by_id`);
-- create "regions" table
CREATE TABLE `regions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `level` text NOT NULL, `path` text NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `regions_regions_children` FOREIGN KEY (`parent_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL);
-- create index "region_code" to table: "regions"
CREATE UNIQUE INDEX `region_code` ON `regions` (`code`);
-- create index "region_path" to table: "regions"
CREATE UNIQUE INDEX `region_path` ON `regions` (`path`);
-- create index "region_parent_id" to table: "regions"
CREATE INDEX `region_parent_id` ON `regions` (`parent_id`);
-- create "schools" table
CREATE TABLE `schools` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `region_path` text NOT NULL, `stages` json NOT NULL, `ownership` text NOT NULL, `boarding` bool NOT NULL, `student_count` integer NOT NULL, `latitude` real NULL, `longitude` real NULL, `boundary_meters` integer NOT NULL DEFAULT (300), `closed_at` datetime NULL, `region_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `schools_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE NO ACTION);
-- create index "school_code" to table: "schools"
CREATE UNIQUE INDEX `school_code` ON `schools` (`code`);
-- create index "school_region_id" to table: "schools"
CREATE INDEX `school_region_id` ON `schools` (`region_id`);
-- create index "school_region_path_id" to table: "schools"
CREATE INDEX `school_region_path_id` ON `schools` (`region_path`, `id`);
-- create index "school_name_id" to table: "schools"
CREATE INDEX `school_name_id` ON `schools` (`name`, `id`);
-- create "school_figures" table
CREATE TABLE `school_figures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `campaign_id` uuid NOT NULL, `found` integer NOT NULL DEFAULT (0), `voided` integer NOT NULL DEFAULT (0), `closed` integer NOT NULL DEFAULT (0), `closed_proven` integer NOT NULL DEFAULT (0), `listed` integer NOT NULL DEFAULT (0), `major_open` integer NOT NULL DEFAULT (0), `self_claimed` integer NOT NULL DEFAULT (0), `self_proven` integer NOT NULL DEFAULT (0), `supervision_claimed` integer NOT NULL DEFAULT (0), `supervision_proven` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "schoolfigure_campaign_id_school_id" to table: "school_figures"
CREATE UNIQUE INDEX `schoolfigure_campaign_id_school_id` ON `school_figures` (`campaign_id`, `school_id`);
-- create "sessions" table
CREATE TABLE `sessions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `access_hash` text NOT NULL, `refresh_hash` text NOT NULL, `access_expires_at` datetime NOT NULL, `refresh_expires_at` datetime NOT NULL, `revoked_at` datetime NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `sessions_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "session_user_id" to table: "sessions"
CREATE INDEX `session_user_id` ON `sessions` (`user_id`);
-- create index "session_access_hash" to table: "sessions"
CREATE UNIQUE INDEX `session_access_hash` ON `sessions` (`access_hash`);
-- create index "session_refresh_hash" to table: "sessions"
CREATE UNIQUE INDEX `session_refresh_hash` ON `sessions` (`refresh_hash`);
-- create "sign_in_throttles" table
CREATE TABLE `sign_in_throttles` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `subject` text NOT NULL, `failure_count` integer NOT NULL DEFAULT (0), `window_started_at` datetime NOT NULL, `blocked_until` datetime NULL, PRIMARY KEY (`id`));
-- create index "signinthrottle_subject" to table: "sign_in_throttles"
CREATE UNIQUE INDEX `signinthrottle_subject` ON `sign_in_throttles` (`subject`);
-- create "team_areas" table
CREATE TABLE `team_areas` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `team_id` uuid NOT NULL, `region_id` uuid NULL, `school_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `team_areas_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE NO ACTION, CONSTRAINT `team_areas_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL, CONSTRAINT `team_areas_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE SET NULL);
-- create index "teamarea_team_id" to table: "team_areas"
CREATE INDEX `teamarea_team_id` ON `team_areas` (`team_id`);
-- create index "teamarea_region_id" to table: "team_areas"
CREATE INDEX `teamarea_region_id` ON `team_areas` (`region_id`);
-- create index "teamarea_school_id" to table: "team_areas"
CREATE INDEX `teamarea_school_id` ON `team_areas` (`school_id`);
-- create "team_members" table
CREATE TABLE `team_members` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `position` integer NOT NULL, `team_id` uuid NOT NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `team_members_inspection_teams_team` FOREIGN KEY (`team_id`) REFERENCES `inspection_teams` (`id`) ON DELETE NO ACTION, CONSTRAINT `team_members_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "teammember_team_id_position" to table: "team_members"
CREATE UNIQUE INDEX `teammember_team_id_position` ON `team_members` (`team_id`, `position`);
-- create index "teammember_user_id" to table: "team_members"
CREATE INDEX `teammember_user_id` ON `team_members` (`user_id`);
-- create "users" table
CREATE TABLE `users` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `account` text NOT NULL, `name` text NOT NULL, `password_hash` text NULL, `disabled_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "user_account" to table: "users"
CREATE UNIQUE INDEX `user_account` ON `users` (`account`);
