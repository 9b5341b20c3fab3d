-- +goose Up
-- create "checklists" table
CREATE TABLE "checklists" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "version" bigint NOT NULL, "title" character varying NOT NULL, "title_en" character varying NULL, PRIMARY KEY ("id"));
-- create index "checklist_code_version" to table: "checklists"
CREATE UNIQUE INDEX "checklist_code_version" ON "checklists" ("code", "version");
-- create "coded_values" table
CREATE TABLE "coded_values" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "set" character varying NOT NULL, "code" character varying NOT NULL, "label" character varying NOT NULL, "label_en" character varying NOT NULL, "position" bigint NOT NULL, PRIMARY KEY ("id"));
-- create index "codedvalue_set_code" to table: "coded_values"
CREATE UNIQUE INDEX "codedvalue_set_code" ON "coded_values" ("set", "code");
-- create index "codedvalue_set_position" to table: "coded_values"
CREATE INDEX "codedvalue_set_position" ON "coded_values" ("set", "position");
-- create "command_receipts" table
CREATE TABLE "command_receipts" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "user_id" uuid NOT NULL, "action" character varying NOT NULL, "fingerprint" character varying NOT NULL, "result_id" uuid NOT NULL, PRIMARY KEY ("id"));
-- create "deadline_figures" table
CREATE TABLE "deadline_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "deadline_on" character varying NOT NULL, "open" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "deadlinefigure_campaign_id_school_id_deadline_on" to table: "deadline_figures"
CREATE UNIQUE INDEX "deadlinefigure_campaign_id_school_id_deadline_on" ON "deadline_figures" ("campaign_id", "school_id", "deadline_on");
-- create "sign_in_throttles" table
CREATE TABLE "sign_in_throttles" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "subject" character varying NOT NULL, "failure_count" bigint NOT NULL DEFAULT 0, "window_started_at" timestamptz NOT NULL, "blocked_until" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "signinthrottle_subject" to table: "sign_in_throttles"
CREATE UNIQUE INDEX "signinthrottle_subject" ON "sign_in_throttles" ("subject");
-- create "school_figures" table
CREATE TABLE "school_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "found" bigint NOT NULL DEFAULT 0, "voided" bigint NOT NULL DEFAULT 0, "closed" bigint NOT NULL DEFAULT 0, "closed_proven" bigint NOT NULL DEFAULT 0, "listed" bigint NOT NULL DEFAULT 0, "major_open" bigint NOT NULL DEFAULT 0, "self_claimed" bigint NOT NULL DEFAULT 0, "self_proven" bigint NOT NULL DEFAULT 0, "supervision_claimed" bigint NOT NULL DEFAULT 0, "supervision_proven" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "schoolfigure_campaign_id_school_id" to table: "school_figures"
CREATE UNIQUE INDEX "schoolfigure_campaign_id_school_id" ON "school_figures" ("campaign_id", "school_id");
-- create "regions" table
CREATE TABLE "regions" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "name" character varying NOT NULL, "level" character varying NOT NULL, "path" character varying NOT NULL, "parent_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "regions_regions_children" FOREIGN KEY ("parent_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "region_code" to table: "regions"
CREATE UNIQUE INDEX "region_code" ON "regions" ("code");
-- create index "region_parent_id" to table: "regions"
CREATE INDEX "region_parent_id" ON "regions" ("parent_id");
-- create index "region_path" to table: "regions"
CREATE UNIQUE INDEX "region_path" ON "regions" ("path");
-- create "campaigns" table
CREATE TABLE "campaigns" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "title" character varying NOT NULL, "title_en" character varying NULL, "region_path" character varying NOT NULL, "starts_on" character varying NOT NULL, "ends_on" character varying NOT NULL, "policy" jsonb NOT NULL, "region_id" uuid NOT NULL, "checklist_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "campaigns_checklists_checklist" FOREIGN KEY ("checklist_id") REFERENCES "checklists" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "campaigns_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "campaign_checklist_id" to table: "campaigns"
CREATE INDEX "campaign_checklist_id" ON "campaigns" ("checklist_id");
-- create index "campaign_code" to table: "campaigns"
CREATE UNIQUE INDEX "campaign_code" ON "campaigns" ("code");
-- create index "campaign_region_id" to table: "campaigns"
CREATE INDEX "campaign_region_id" ON "campaigns" ("region_id");
-- create index "campaign_starts_on_id" to table: "campaigns"
CREATE INDEX "campaign_starts_on_id" ON "campaigns" ("starts_on", "id");
-- create "checklist_items" table
CREATE TABLE "checklist_items" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "number" bigint NOT NULL, "text" character varying NOT NULL, "text_en" character varying NULL, "checklist_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "checklist_items_checklists_checklist" FOREIGN KEY ("checklist_id") REFERENCES "checklists" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "checklistitem_checklist_id_number" to table: "checklist_items"
CREATE UNIQUE INDEX "checklistitem_checklist_id_number" ON "checklist_items" ("checklist_id", "number");
-- create "schools" table
CREATE TABLE "schools" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "name" character varying NOT NULL, "region_path" character varying NOT NULL, "stages" jsonb NOT NULL, "ownership" character varying NOT NULL, "boarding" boolean NOT NULL, "student_count" bigint NOT NULL, "latitude" double precision NULL, "longitude" double precision NULL, "boundary_meters" bigint NOT NULL DEFAULT 300, "closed_at" timestamptz NULL, "region_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "schools_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "school_code" to table: "schools"
CREATE UNIQUE INDEX "school_code" ON "schools" ("code");
-- create index "school_name_id" to table: "schools"
CREATE INDEX "school_name_id" ON "schools" ("name", "id");
-- create index "school_region_id" to table: "schools"
CREATE INDEX "school_region_id" ON "schools" ("region_id");
-- create index "school_region_path_id" to table: "schools"
CREATE INDEX "school_region_path_id" ON "schools" ("region_path", "id");
-- create "grids" table
CREATE TABLE "grids" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "name" character varying NOT NULL, "kind" character varying NOT NULL, "closed_at" timestamptz NULL, "school_id" uuid NOT NULL, "parent_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "grids_grids_children" FOREIGN KEY ("parent_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "grids_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "grid_parent_id" to table: "grids"
CREATE INDEX "grid_parent_id" ON "grids" ("parent_id");
-- create index "grid_school_id_code" to table: "grids"
CREATE UNIQUE INDEX "grid_school_id_code" ON "grids" ("school_id", "code");
-- create "inspection_teams" table
CREATE TABLE "inspection_teams" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "number" bigint NOT NULL, "name" character varying NOT NULL, "region_path" character varying NOT NULL, "campaign_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "inspection_teams_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "inspectionteam_campaign_id_number" to table: "inspection_teams"
CREATE UNIQUE INDEX "inspectionteam_campaign_id_number" ON "inspection_teams" ("campaign_id", "number");
-- create "users" table
CREATE TABLE "users" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "account" character varying NOT NULL, "name" character varying NOT NULL, "password_hash" character varying NULL, "disabled_at" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "user_account" to table: "users"
CREATE UNIQUE INDEX "user_account" ON "users" ("account");
-- create "inspection_reports" table
CREATE TABLE "inspection_reports" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "kind" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'IN_PROGRESS', "started_at" timestamptz NOT NULL, "check_in_latitude" double precision NULL, "check_in_longitude" double precision NULL, "submitted_at" timestamptz NULL, "proven_at" timestamptz NULL, "version" bigint NOT NULL DEFAULT 1, "campaign_id" uuid NOT NULL, "school_id" uuid NOT NULL, "grid_id" uuid NULL, "team_id" uuid NULL, "inspector_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "inspection_reports_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "inspection_reports_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "inspection_reports_inspection_teams_team" FOREIGN KEY ("team_id") REFERENCES "inspection_teams" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "inspection_reports_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "inspection_reports_users_inspector" FOREIGN KEY ("inspector_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "inspectionreport_campaign_id_school_id_kind_status" to table: "inspection_reports"
CREATE INDEX "inspectionreport_campaign_id_school_id_kind_status" ON "inspection_reports" ("campaign_id", "school_id", "kind", "status");
-- create index "inspectionreport_grid_id" to table: "inspection_reports"
CREATE INDEX "inspectionreport_grid_id" ON "inspection_reports" ("grid_id");
-- create index "inspectionreport_inspector_id" to table: "inspection_reports"
CREATE INDEX "inspectionreport_inspector_id" ON "inspection_reports" ("inspector_id");
-- create index "inspectionreport_school_id_started_at_id" to table: "inspection_reports"
CREATE INDEX "inspectionreport_school_id_started_at_id" ON "inspection_reports" ("school_id", "started_at", "id");
-- create index "inspectionreport_started_at_id" to table: "inspection_reports"
CREATE INDEX "inspectionreport_started_at_id" ON "inspection_reports" ("started_at", "id");
-- create index "inspectionreport_team_id" to table: "inspection_reports"
CREATE INDEX "inspectionreport_team_id" ON "inspection_reports" ("team_id");
-- create "findings" table
CREATE TABLE "findings" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "result" character varying NOT NULL, "note" text NOT NULL DEFAULT '', "recorded_at" timestamptz NOT NULL, "report_id" uuid NOT NULL, "item_id" uuid NOT NULL, "grid_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "findings_checklist_items_item" FOREIGN KEY ("item_id") REFERENCES "checklist_items" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "findings_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "findings_inspection_reports_report" FOREIGN KEY ("report_id") REFERENCES "inspection_reports" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "finding_grid_id" to table: "findings"
CREATE INDEX "finding_grid_id" ON "findings" ("grid_id");
-- create index "finding_item_id" to table: "findings"
CREATE INDEX "finding_item_id" ON "findings" ("item_id");
-- create index "finding_report_id" to table: "findings"
CREATE INDEX "finding_report_id" ON "findings" ("report_id");
-- create index "finding_report_id_item_id_grid_id" to table: "findings"
CREATE UNIQUE INDEX "finding_report_id_item_id_grid_id" ON "findings" ("report_id", "item_id", "grid_id") WHERE (grid_id IS NOT NULL);
-- create index "finding_report_item_whole" to table: "findings"
CREATE UNIQUE INDEX "finding_report_item_whole" ON "findings" ("report_id", "item_id") WHERE (grid_id IS NULL);
-- create "hazards" table
CREATE TABLE "hazards" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "place" character varying NOT NULL DEFAULT '', "category" character varying NOT NULL, "description" text NOT NULL, "source" character varying NOT NULL, "grade" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'REPORTED', "discovered_at" timestamptz NOT NULL, "reported_at" timestamptz NOT NULL, "deadline_on" character varying NOT NULL DEFAULT '9999-12-31', "first_deadline_on" character varying NULL, "listed" boolean NOT NULL DEFAULT false, "plan_status" character varying NULL, "extension_pending" boolean NOT NULL DEFAULT false, "downgrade_pending" boolean NOT NULL DEFAULT false, "downgrade_by_id" uuid NULL, "rectified_at" timestamptz NULL, "closed_at" timestamptz NULL, "proven" boolean NOT NULL DEFAULT false, "sequence" bigint NOT NULL DEFAULT 0, "version" bigint NOT NULL DEFAULT 1, "campaign_id" uuid NOT NULL, "school_id" uuid NOT NULL, "grid_id" uuid NULL, "report_id" uuid NULL, "finding_id" uuid NULL, "reporter_id" uuid NOT NULL, "responsible_id" uuid NULL, "rectifier_id" uuid NULL, "duplicate_of_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "hazards_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "hazards_findings_finding" FOREIGN KEY ("finding_id") REFERENCES "findings" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "hazards_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "hazards_hazards_duplicates" FOREIGN KEY ("duplicate_of_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "hazards_inspection_reports_report" FOREIGN KEY ("report_id") REFERENCES "inspection_reports" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "hazards_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "hazards_users_rectifier" FOREIGN KEY ("rectifier_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "hazards_users_reporter" FOREIGN KEY ("reporter_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "hazards_users_responsible" FOREIGN KEY ("responsible_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "hazard_campaign_id_status_reported_at_id" to table: "hazards"
CREATE INDEX "hazard_campaign_id_status_reported_at_id" ON "hazards" ("campaign_id", "status", "reported_at", "id");
-- create index "hazard_deadline_on_id" to table: "hazards"
CREATE INDEX "hazard_deadline_on_id" ON "hazards" ("deadline_on", "id");
-- create index "hazard_duplicate_of_id" to table: "hazards"
CREATE INDEX "hazard_duplicate_of_id" ON "hazards" ("duplicate_of_id");
-- create index "hazard_finding_id" to table: "hazards"
CREATE INDEX "hazard_finding_id" ON "hazards" ("finding_id");
-- create index "hazard_grid_id" to table: "hazards"
CREATE INDEX "hazard_grid_id" ON "hazards" ("grid_id");
-- create index "hazard_rectifier_id" to table: "hazards"
CREATE INDEX "hazard_rectifier_id" ON "hazards" ("rectifier_id");
-- create index "hazard_report_id" to table: "hazards"
CREATE INDEX "hazard_report_id" ON "hazards" ("report_id");
-- create index "hazard_reported_at_id" to table: "hazards"
CREATE INDEX "hazard_reported_at_id" ON "hazards" ("reported_at", "id");
-- create index "hazard_reporter_id" to table: "hazards"
CREATE INDEX "hazard_reporter_id" ON "hazards" ("reporter_id");
-- create index "hazard_responsible_id" to table: "hazards"
CREATE INDEX "hazard_responsible_id" ON "hazards" ("responsible_id");
-- create index "hazard_school_id_reported_at_id" to table: "hazards"
CREATE INDEX "hazard_school_id_reported_at_id" ON "hazards" ("school_id", "reported_at", "id");
-- create "evidence_uses" table
CREATE TABLE "evidence_uses" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "evidence_id" uuid NOT NULL, "step" character varying NOT NULL, "round" bigint NOT NULL DEFAULT 0, "report_id" uuid NULL, "finding_id" uuid NULL, "hazard_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "evidence_uses_findings_finding" FOREIGN KEY ("finding_id") REFERENCES "findings" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "evidence_uses_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "evidence_uses_inspection_reports_report" FOREIGN KEY ("report_id") REFERENCES "inspection_reports" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "evidenceuse_evidence_id" to table: "evidence_uses"
CREATE INDEX "evidenceuse_evidence_id" ON "evidence_uses" ("evidence_id");
-- create index "evidenceuse_finding_id" to table: "evidence_uses"
CREATE INDEX "evidenceuse_finding_id" ON "evidence_uses" ("finding_id");
-- create index "evidenceuse_hazard_id_round" to table: "evidence_uses"
CREATE INDEX "evidenceuse_hazard_id_round" ON "evidence_uses" ("hazard_id", "round");
-- create index "evidenceuse_report_id" to table: "evidence_uses"
CREATE INDEX "evidenceuse_report_id" ON "evidence_uses" ("report_id");
-- create "evidences" table
CREATE TABLE "evidences" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "kind" character varying NOT NULL, "stage" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'ANNOUNCED', "source" character varying NOT NULL, "file_name" character varying NOT NULL, "media_type" character varying NOT NULL, "size" bigint NOT NULL, "sha256" character varying NOT NULL, "captured_at" timestamptz NULL, "latitude" double precision NULL, "longitude" double precision NULL, "object_key" character varying NOT NULL, "upload_id" character varying NOT NULL DEFAULT '', "part_size" bigint NOT NULL DEFAULT 0, "announced_at" timestamptz NOT NULL, "received_at" timestamptz NULL, "verified_at" timestamptz NULL, "rejected_at" timestamptz NULL, "rejection" character varying NOT NULL DEFAULT '', "found_media_type" character varying NOT NULL DEFAULT '', "width" bigint NOT NULL DEFAULT 0, "height" bigint NOT NULL DEFAULT 0, "duration_ms" bigint NOT NULL DEFAULT 0, "school_id" uuid NOT NULL, "uploader_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "evidences_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "evidences_users_uploader" FOREIGN KEY ("uploader_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "evidence_object_key" to table: "evidences"
CREATE UNIQUE INDEX "evidence_object_key" ON "evidences" ("object_key");
-- create index "evidence_school_id_announced_at" to table: "evidences"
CREATE INDEX "evidence_school_id_announced_at" ON "evidences" ("school_id", "announced_at");
-- create index "evidence_sha256" to table: "evidences"
CREATE INDEX "evidence_sha256" ON "evidences" ("sha256");
-- create index "evidence_status_announced_at" to table: "evidences"
CREATE INDEX "evidence_status_announced_at" ON "evidences" ("status", "announced_at");
-- create index "evidence_uploader_id" to table: "evidences"
CREATE INDEX "evidence_uploader_id" ON "evidences" ("uploader_id");
-- create "extensions" table
CREATE TABLE "extensions" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "from_on" character varying NOT NULL, "until_on" character varying NOT NULL, "reason" text NOT NULL, "status" character varying NOT NULL DEFAULT 'PENDING', "requested_at" timestamptz NOT NULL, "decided_at" timestamptz NULL, "decision_note" text NOT NULL DEFAULT '', "hazard_id" uuid NOT NULL, "requested_by_id" uuid NOT NULL, "decided_by_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "extensions_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "extensions_users_decided_by" FOREIGN KEY ("decided_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "extensions_users_requested_by" FOREIGN KEY ("requested_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "extension_decided_by_id" to table: "extensions"
CREATE INDEX "extension_decided_by_id" ON "extensions" ("decided_by_id");
-- create index "extension_hazard_id_requested_at" to table: "extensions"
CREATE INDEX "extension_hazard_id_requested_at" ON "extensions" ("hazard_id", "requested_at");
-- create index "extension_requested_by_id" to table: "extensions"
CREATE INDEX "extension_requested_by_id" ON "extensions" ("requested_by_id");
-- create "grid_assignments" table
CREATE TABLE "grid_assignments" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "role" character varying NOT NULL, "valid_from" character varying NOT NULL, "valid_until" character varying NULL, "grid_id" uuid NOT NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "grid_assignments_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "grid_assignments_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "gridassignment_grid_id_valid_from" to table: "grid_assignments"
CREATE INDEX "gridassignment_grid_id_valid_from" ON "grid_assignments" ("grid_id", "valid_from");
-- create index "gridassignment_school_id" to table: "grid_assignments"
CREATE INDEX "gridassignment_school_id" ON "grid_assignments" ("school_id");
-- create index "gridassignment_user_id_valid_from" to table: "grid_assignments"
CREATE INDEX "gridassignment_user_id_valid_from" ON "grid_assignments" ("user_id", "valid_from");
-- create "hazard_events" table
CREATE TABLE "hazard_events" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "sequence" bigint NOT NULL, "kind" character varying NOT NULL, "happened_at" timestamptz NOT NULL, "received_at" timestamptz NOT NULL, "payload" jsonb NOT NULL, "hazard_id" uuid NOT NULL, "actor_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "hazard_events_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "hazard_events_users_actor" FOREIGN KEY ("actor_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "hazardevent_actor_id" to table: "hazard_events"
CREATE INDEX "hazardevent_actor_id" ON "hazard_events" ("actor_id");
-- create index "hazardevent_hazard_id_sequence" to table: "hazard_events"
CREATE UNIQUE INDEX "hazardevent_hazard_id_sequence" ON "hazard_events" ("hazard_id", "sequence");
-- create "listings" table
CREATE TABLE "listings" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "level" character varying NOT NULL, "document_number" character varying NOT NULL DEFAULT '', "measures" text NOT NULL, "listed_at" timestamptz NOT NULL, "delisted_at" timestamptz NULL, "hazard_id" uuid NOT NULL, "listed_by_id" uuid NOT NULL, "supervisor_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "listings_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "listings_users_listed_by" FOREIGN KEY ("listed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "listings_users_supervisor" FOREIGN KEY ("supervisor_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "listing_hazard_id_listed_at" to table: "listings"
CREATE INDEX "listing_hazard_id_listed_at" ON "listings" ("hazard_id", "listed_at");
-- create index "listing_listed_by_id" to table: "listings"
CREATE INDEX "listing_listed_by_id" ON "listings" ("listed_by_id");
-- create index "listing_supervisor_id" to table: "listings"
CREATE INDEX "listing_supervisor_id" ON "listings" ("supervisor_id");
-- create "memberships" table
CREATE TABLE "memberships" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "role" character varying NOT NULL, "region_path" character varying NOT NULL, "valid_from" character varying NOT NULL, "valid_until" character varying NULL, "user_id" uuid NOT NULL, "region_id" uuid NULL, "school_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "memberships_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "memberships_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "memberships_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "membership_region_id" to table: "memberships"
CREATE INDEX "membership_region_id" ON "memberships" ("region_id");
-- create index "membership_region_path" to table: "memberships"
CREATE INDEX "membership_region_path" ON "memberships" ("region_path");
-- create index "membership_school_id" to table: "memberships"
CREATE INDEX "membership_school_id" ON "memberships" ("school_id");
-- create index "membership_user_id" to table: "memberships"
CREATE INDEX "membership_user_id" ON "memberships" ("user_id");
-- create "phases" table
CREATE TABLE "phases" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "kind" character varying NOT NULL, "title" character varying NOT NULL, "title_en" character varying NULL, "starts_on" character varying NOT NULL, "ends_on" character varying NOT NULL, "campaign_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "phases_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "phase_campaign_id_kind" to table: "phases"
CREATE UNIQUE INDEX "phase_campaign_id_kind" ON "phases" ("campaign_id", "kind");
-- create "rechecks" table
CREATE TABLE "rechecks" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "result" character varying NOT NULL, "note" text NOT NULL DEFAULT '', "new_deadline_on" character varying NULL, "checked_at" timestamptz NOT NULL, "hazard_id" uuid NOT NULL, "checker_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "rechecks_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "rechecks_users_checker" FOREIGN KEY ("checker_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "recheck_checker_id" to table: "rechecks"
CREATE INDEX "recheck_checker_id" ON "rechecks" ("checker_id");
-- create index "recheck_hazard_id_checked_at" to table: "rechecks"
CREATE INDEX "recheck_hazard_id_checked_at" ON "rechecks" ("hazard_id", "checked_at");
-- create "rectification_plans" table
CREATE TABLE "rectification_plans" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "number" bigint NOT NULL, "measures" text NOT NULL, "funds_fen" bigint NOT NULL, "complete_by" character varying NOT NULL, "contingency" text NOT NULL, "status" character varying NOT NULL DEFAULT 'SUBMITTED', "submitted_at" timestamptz NOT NULL, "decided_at" timestamptz NULL, "decision_note" text NOT NULL DEFAULT '', "hazard_id" uuid NOT NULL, "responsible_id" uuid NOT NULL, "submitted_by_id" uuid NOT NULL, "decided_by_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "rectification_plans_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "rectification_plans_users_decided_by" FOREIGN KEY ("decided_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "rectification_plans_users_responsible" FOREIGN KEY ("responsible_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "rectification_plans_users_submitted_by" FOREIGN KEY ("submitted_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "rectificationplan_decided_by_id" to table: "rectification_plans"
CREATE INDEX "rectificationplan_decided_by_id" ON "rectification_plans" ("decided_by_id");
-- create index "rectificationplan_hazard_id_number" to table: "rectification_plans"
CREATE UNIQUE INDEX "rectificationplan_hazard_id_number" ON "rectification_plans" ("hazard_id", "number");
-- create index "rectificationplan_responsible_id" to table: "rectification_plans"
CREATE INDEX "rectificationplan_responsible_id" ON "rectification_plans" ("responsible_id");
-- create index "rectificationplan_submitted_by_id" to table: "rectification_plans"
CREATE INDEX "rectificationplan_submitted_by_id" ON "rectification_plans" ("submitted_by_id");
-- create "sessions" table
CREATE TABLE "sessions" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "access_hash" character varying NOT NULL, "refresh_hash" character varying NOT NULL, "access_expires_at" timestamptz NOT NULL, "refresh_expires_at" timestamptz NOT NULL, "revoked_at" timestamptz NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "sessions_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "session_access_hash" to table: "sessions"
CREATE UNIQUE INDEX "session_access_hash" ON "sessions" ("access_hash");
-- create index "session_refresh_hash" to table: "sessions"
CREATE UNIQUE INDEX "session_refresh_hash" ON "sessions" ("refresh_hash");
-- create index "session_user_id" to table: "sessions"
CREATE INDEX "session_user_id" ON "sessions" ("user_id");
-- create "team_areas" table
CREATE TABLE "team_areas" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "team_id" uuid NOT NULL, "region_id" uuid NULL, "school_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "team_areas_inspection_teams_team" FOREIGN KEY ("team_id") REFERENCES "inspection_teams" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "team_areas_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "team_areas_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "teamarea_region_id" to table: "team_areas"
CREATE INDEX "teamarea_region_id" ON "team_areas" ("region_id");
-- create index "teamarea_school_id" to table: "team_areas"
CREATE INDEX "teamarea_school_id" ON "team_areas" ("school_id");
-- create index "teamarea_team_id" to table: "team_areas"
CREATE INDEX "teamarea_team_id" ON "team_areas" ("team_id");
-- create "team_members" table
CREATE TABLE "team_members" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "position" bigint NOT NULL, "team_id" uuid NOT NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "team_members_inspection_teams_team" FOREIGN KEY ("team_id") REFERENCES "inspection_teams" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "team_members_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "teammember_team_id_position" to table: "team_members"
CREATE UNIQUE INDEX "teammember_team_id_position" ON "team_members" ("team_id", "position");
-- create index "teammember_user_id" to table: "team_members"
CREATE INDEX "teammember_user_id" ON "team_members" ("user_id");
