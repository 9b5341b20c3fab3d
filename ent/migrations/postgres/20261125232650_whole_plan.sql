-- +goose Up
-- create index "listing_listed_at_id" to table: "listings"
CREATE INDEX "listing_listed_at_id" ON "listings" ("listed_at", "id");
-- create index "listing_school_id_listed_at_id" to table: "listings"
CREATE INDEX "listing_school_id_listed_at_id" ON "listings" ("school_id", "listed_at", "id");
-- modify "school_figures" table
ALTER TABLE "school_figures" ADD COLUMN "cells_claimed" bigint NOT NULL DEFAULT 0, ADD COLUMN "cells_proven" bigint NOT NULL DEFAULT 0;
-- create "day_figures" table
CREATE TABLE "day_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "day" character varying NOT NULL, "found" bigint NOT NULL DEFAULT 0, "voided" bigint NOT NULL DEFAULT 0, "closed" bigint NOT NULL DEFAULT 0, "closed_proven" bigint NOT NULL DEFAULT 0, "listed" bigint NOT NULL DEFAULT 0, "major_open" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "dayfigure_campaign_id_school_id_day" to table: "day_figures"
CREATE UNIQUE INDEX "dayfigure_campaign_id_school_id_day" ON "day_figures" ("campaign_id", "school_id", "day");
-- create "holidays" table
CREATE TABLE "holidays" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "day" character varying NOT NULL, "kind" character varying NOT NULL, "name" character varying NOT NULL, PRIMARY KEY ("id"));
-- create index "holiday_day" to table: "holidays"
CREATE UNIQUE INDEX "holiday_day" ON "holidays" ("day");
-- create "hazard_states" table
CREATE TABLE "hazard_states" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "hazard_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "category" character varying NOT NULL, "source" character varying NOT NULL, "status" character varying NOT NULL, "grade" character varying NOT NULL, "listed" boolean NOT NULL, "proven" boolean NOT NULL, "deadline_on" character varying NOT NULL, "close_hours" bigint NULL, "valid_from" timestamptz NOT NULL, "valid_until" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "hazardstate_campaign_id_school_id_valid_from" to table: "hazard_states"
CREATE INDEX "hazardstate_campaign_id_school_id_valid_from" ON "hazard_states" ("campaign_id", "school_id", "valid_from");
-- create index "hazardstate_campaign_id_valid_from" to table: "hazard_states"
CREATE INDEX "hazardstate_campaign_id_valid_from" ON "hazard_states" ("campaign_id", "valid_from");
-- create index "hazardstate_campaign_id_valid_until" to table: "hazard_states"
CREATE INDEX "hazardstate_campaign_id_valid_until" ON "hazard_states" ("campaign_id", "valid_until");
-- create index "hazardstate_hazard_id_valid_from" to table: "hazard_states"
CREATE INDEX "hazardstate_hazard_id_valid_from" ON "hazard_states" ("hazard_id", "valid_from");
-- create "coverage_cells" table
CREATE TABLE "coverage_cells" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "grid_id" uuid NOT NULL, "item_id" uuid NOT NULL, "claimed" bigint NOT NULL DEFAULT 0, "proven" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "coveragecell_campaign_id_school_id_grid_id_item_id" to table: "coverage_cells"
CREATE UNIQUE INDEX "coveragecell_campaign_id_school_id_grid_id_item_id" ON "coverage_cells" ("campaign_id", "school_id", "grid_id", "item_id");
-- create "notice_counters" table
CREATE TABLE "notice_counters" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "issuer_id" uuid NOT NULL, "year" bigint NOT NULL, "last" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "noticecounter_issuer_id_year" to table: "notice_counters"
CREATE UNIQUE INDEX "noticecounter_issuer_id_year" ON "notice_counters" ("issuer_id", "year");
-- create "closing_figures" table
CREATE TABLE "closing_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "hours" bigint NOT NULL, "hazards" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "closingfigure_campaign_id_school_id_hours" to table: "closing_figures"
CREATE UNIQUE INDEX "closingfigure_campaign_id_school_id_hours" ON "closing_figures" ("campaign_id", "school_id", "hours");
-- create "breakdown_figures" table
CREATE TABLE "breakdown_figures" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "category" character varying NOT NULL, "grade" character varying NOT NULL, "source" character varying NOT NULL, "status" character varying NOT NULL, "hazards" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"));
-- create index "breakdownfigure_cell" to table: "breakdown_figures"
CREATE UNIQUE INDEX "breakdownfigure_cell" ON "breakdown_figures" ("campaign_id", "school_id", "category", "grade", "source", "status");
-- drop index "teammember_team_id_position" from table: "team_members"
DROP INDEX "teammember_team_id_position";
-- modify "team_members" table
ALTER TABLE "team_members" ADD COLUMN "joined_on" character varying NOT NULL DEFAULT '2000-01-01', ADD COLUMN "left_on" character varying NULL;
-- create index "teammember_team_id_position" to table: "team_members"
CREATE UNIQUE INDEX "teammember_team_id_position" ON "team_members" ("team_id", "position") WHERE (left_on IS NULL);
-- create index "teammember_team_id" to table: "team_members"
CREATE INDEX "teammember_team_id" ON "team_members" ("team_id");
-- modify "checklist_items" table
ALTER TABLE "checklist_items" ADD COLUMN "grid_kinds" jsonb NULL;
-- modify "findings" table
ALTER TABLE "findings" ADD COLUMN "signs" jsonb NULL, ADD COLUMN "proven" boolean NOT NULL DEFAULT false;
-- modify "schools" table
ALTER TABLE "schools" ADD COLUMN "boundary" jsonb NULL, ADD COLUMN "merged_into_id" uuid NULL, ADD CONSTRAINT "schools_schools_merged" FOREIGN KEY ("merged_into_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "school_merged_into_id" to table: "schools"
CREATE INDEX "school_merged_into_id" ON "schools" ("merged_into_id");
-- create "discrepancies" table
CREATE TABLE "discrepancies" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "major" boolean NOT NULL DEFAULT false, "facts" text NOT NULL, "raised_at" timestamptz NOT NULL, "campaign_id" uuid NOT NULL, "school_id" uuid NOT NULL, "item_id" uuid NOT NULL, "grid_id" uuid NULL, "found_id" uuid NOT NULL, "claimed_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "discrepancies_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "discrepancies_checklist_items_item" FOREIGN KEY ("item_id") REFERENCES "checklist_items" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "discrepancies_findings_claimed" FOREIGN KEY ("claimed_id") REFERENCES "findings" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "discrepancies_findings_found" FOREIGN KEY ("found_id") REFERENCES "findings" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "discrepancies_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "discrepancies_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "discrepancy_campaign_id_school_id" to table: "discrepancies"
CREATE INDEX "discrepancy_campaign_id_school_id" ON "discrepancies" ("campaign_id", "school_id");
-- create index "discrepancy_claimed_id" to table: "discrepancies"
CREATE INDEX "discrepancy_claimed_id" ON "discrepancies" ("claimed_id");
-- create index "discrepancy_found_id_claimed_id" to table: "discrepancies"
CREATE UNIQUE INDEX "discrepancy_found_id_claimed_id" ON "discrepancies" ("found_id", "claimed_id");
-- create index "discrepancy_grid_id" to table: "discrepancies"
CREATE INDEX "discrepancy_grid_id" ON "discrepancies" ("grid_id");
-- create index "discrepancy_item_id" to table: "discrepancies"
CREATE INDEX "discrepancy_item_id" ON "discrepancies" ("item_id");
-- create index "discrepancy_raised_at_id" to table: "discrepancies"
CREATE INDEX "discrepancy_raised_at_id" ON "discrepancies" ("raised_at", "id");
-- create index "discrepancy_school_id_raised_at_id" to table: "discrepancies"
CREATE INDEX "discrepancy_school_id_raised_at_id" ON "discrepancies" ("school_id", "raised_at", "id");
-- create "grading_rule_sets" table
CREATE TABLE "grading_rule_sets" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "code" character varying NOT NULL, "version" bigint NOT NULL, "layer" character varying NOT NULL, "region_path" character varying NOT NULL DEFAULT '', "title" character varying NOT NULL, "title_en" character varying NOT NULL DEFAULT '', "source" character varying NOT NULL, "effective_on" character varying NOT NULL, "retired_on" character varying NULL, PRIMARY KEY ("id"));
-- create index "gradingruleset_code_version" to table: "grading_rule_sets"
CREATE UNIQUE INDEX "gradingruleset_code_version" ON "grading_rule_sets" ("code", "version");
-- create "grading_rules" table
CREATE TABLE "grading_rules" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "number" bigint NOT NULL, "text" text NOT NULL, "text_en" text NOT NULL DEFAULT '', "article" character varying NOT NULL DEFAULT '', "condition" jsonb NOT NULL, "rule_set_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "grading_rules_grading_rule_sets_rule_set" FOREIGN KEY ("rule_set_id") REFERENCES "grading_rule_sets" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "gradingrule_rule_set_id_number" to table: "grading_rules"
CREATE UNIQUE INDEX "gradingrule_rule_set_id_number" ON "grading_rules" ("rule_set_id", "number");
-- create "risk_points" table
CREATE TABLE "risk_points" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "name" character varying NOT NULL, "consequence" text NOT NULL DEFAULT '', "level" character varying NOT NULL, "assessed_on" character varying NOT NULL, "closed_at" timestamptz NULL, "closed_reason" text NOT NULL DEFAULT '', "version" bigint NOT NULL DEFAULT 1, "grid_id" uuid NOT NULL, "responsible_id" uuid NULL, "recorded_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "risk_points_grids_grid" FOREIGN KEY ("grid_id") REFERENCES "grids" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "risk_points_users_recorded_by" FOREIGN KEY ("recorded_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "risk_points_users_responsible" FOREIGN KEY ("responsible_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "riskpoint_grid_id" to table: "risk_points"
CREATE INDEX "riskpoint_grid_id" ON "risk_points" ("grid_id");
-- create index "riskpoint_recorded_by_id" to table: "risk_points"
CREATE INDEX "riskpoint_recorded_by_id" ON "risk_points" ("recorded_by_id");
-- create index "riskpoint_responsible_id" to table: "risk_points"
CREATE INDEX "riskpoint_responsible_id" ON "risk_points" ("responsible_id");
-- create index "riskpoint_school_id_level_id" to table: "risk_points"
CREATE INDEX "riskpoint_school_id_level_id" ON "risk_points" ("school_id", "level", "id");
-- create "risk_controls" table
CREATE TABLE "risk_controls" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "kind" character varying NOT NULL, "text" text NOT NULL, "position" bigint NOT NULL, "ended_at" timestamptz NULL, "risk_point_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "risk_controls_risk_points_risk_point" FOREIGN KEY ("risk_point_id") REFERENCES "risk_points" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "riskcontrol_risk_point_id_position" to table: "risk_controls"
CREATE INDEX "riskcontrol_risk_point_id_position" ON "risk_controls" ("risk_point_id", "position");
-- modify "hazards" table
ALTER TABLE "hazards" ADD COLUMN "signs" jsonb NULL, ADD COLUMN "list_by" timestamptz NULL, ADD COLUMN "notice_deadline_on" character varying NULL, ADD COLUMN "grading_rule_id" uuid NULL, ADD COLUMN "failed_control_id" uuid NULL, ADD CONSTRAINT "hazards_grading_rules_grading_rule" FOREIGN KEY ("grading_rule_id") REFERENCES "grading_rules" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, ADD CONSTRAINT "hazards_risk_controls_failed_control" FOREIGN KEY ("failed_control_id") REFERENCES "risk_controls" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "hazard_failed_control_id" to table: "hazards"
CREATE INDEX "hazard_failed_control_id" ON "hazards" ("failed_control_id");
-- create index "hazard_grading_rule_id" to table: "hazards"
CREATE INDEX "hazard_grading_rule_id" ON "hazards" ("grading_rule_id");
-- create index "hazard_status_list_by" to table: "hazards"
CREATE INDEX "hazard_status_list_by" ON "hazards" ("status", "list_by");
-- modify "inspection_reports" table
ALTER TABLE "inspection_reports" ADD COLUMN "checked_in_at" timestamptz NULL;
-- create "accountability_cases" table
CREATE TABLE "accountability_cases" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "kind" character varying NOT NULL, "subject" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'OPEN', "facts" text NOT NULL, "facts_hash" character varying NOT NULL, "raised_at" timestamptz NOT NULL, "decided_at" timestamptz NULL, "decision_reason" text NOT NULL DEFAULT '', "appealed_at" timestamptz NULL, "appeal" text NOT NULL DEFAULT '', "steps" jsonb NULL, "version" bigint NOT NULL DEFAULT 1, "campaign_id" uuid NOT NULL, "school_id" uuid NOT NULL, "person_id" uuid NULL, "hazard_id" uuid NULL, "report_id" uuid NULL, "discrepancy_id" uuid NULL, "decided_by_id" uuid NULL, "appealed_by_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "accountability_cases_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "accountability_cases_discrepancies_discrepancy" FOREIGN KEY ("discrepancy_id") REFERENCES "discrepancies" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "accountability_cases_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "accountability_cases_inspection_reports_report" FOREIGN KEY ("report_id") REFERENCES "inspection_reports" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "accountability_cases_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "accountability_cases_users_appealed_by" FOREIGN KEY ("appealed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "accountability_cases_users_decided_by" FOREIGN KEY ("decided_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "accountability_cases_users_person" FOREIGN KEY ("person_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "accountabilitycase_appealed_by_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_appealed_by_id" ON "accountability_cases" ("appealed_by_id");
-- create index "accountabilitycase_campaign_id_status_raised_at_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_campaign_id_status_raised_at_id" ON "accountability_cases" ("campaign_id", "status", "raised_at", "id");
-- create index "accountabilitycase_decided_by_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_decided_by_id" ON "accountability_cases" ("decided_by_id");
-- create index "accountabilitycase_discrepancy_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_discrepancy_id" ON "accountability_cases" ("discrepancy_id");
-- create index "accountabilitycase_hazard_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_hazard_id" ON "accountability_cases" ("hazard_id");
-- create index "accountabilitycase_kind_subject" to table: "accountability_cases"
CREATE UNIQUE INDEX "accountabilitycase_kind_subject" ON "accountability_cases" ("kind", "subject");
-- create index "accountabilitycase_person_id_raised_at_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_person_id_raised_at_id" ON "accountability_cases" ("person_id", "raised_at", "id");
-- create index "accountabilitycase_raised_at_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_raised_at_id" ON "accountability_cases" ("raised_at", "id");
-- create index "accountabilitycase_report_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_report_id" ON "accountability_cases" ("report_id");
-- create index "accountabilitycase_school_id_raised_at_id" to table: "accountability_cases"
CREATE INDEX "accountabilitycase_school_id_raised_at_id" ON "accountability_cases" ("school_id", "raised_at", "id");
-- create "notices" table
CREATE TABLE "notices" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "status" character varying NOT NULL DEFAULT 'DRAFT', "year" bigint NULL, "number" bigint NULL, "number_text" character varying NOT NULL DEFAULT '', "deadline_on" character varying NOT NULL, "requirements" text NOT NULL, "snapshot" text NOT NULL DEFAULT '', "snapshot_hash" character varying NOT NULL DEFAULT '', "verify_code" character varying NOT NULL DEFAULT '', "issued_at" timestamptz NULL, "acknowledged_at" timestamptz NULL, "opinion" text NOT NULL DEFAULT '', "refusal_reason" text NOT NULL DEFAULT '', "witness" character varying NOT NULL DEFAULT '', "replied_at" timestamptz NULL, "reply" text NOT NULL DEFAULT '', "closed_at" timestamptz NULL, "handed_in_at" timestamptz NULL, "superseded_at" timestamptz NULL, "sequence" bigint NOT NULL DEFAULT 0, "version" bigint NOT NULL DEFAULT 1, "campaign_id" uuid NOT NULL, "school_id" uuid NOT NULL, "team_id" uuid NULL, "report_id" uuid NULL, "issuer_id" uuid NOT NULL, "drafted_by_id" uuid NOT NULL, "issued_by_id" uuid NULL, "acknowledged_by_id" uuid NULL, "replied_by_id" uuid NULL, "closed_by_id" uuid NULL, "handed_in_by_id" uuid NULL, "supersedes_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "notices_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notices_inspection_reports_report" FOREIGN KEY ("report_id") REFERENCES "inspection_reports" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_inspection_teams_team" FOREIGN KEY ("team_id") REFERENCES "inspection_teams" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_notices_superseded_by" FOREIGN KEY ("supersedes_id") REFERENCES "notices" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_regions_issuer" FOREIGN KEY ("issuer_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notices_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notices_users_acknowledged_by" FOREIGN KEY ("acknowledged_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_users_closed_by" FOREIGN KEY ("closed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_users_drafted_by" FOREIGN KEY ("drafted_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notices_users_handed_in_by" FOREIGN KEY ("handed_in_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_users_issued_by" FOREIGN KEY ("issued_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "notices_users_replied_by" FOREIGN KEY ("replied_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "notice_acknowledged_by_id" to table: "notices"
CREATE INDEX "notice_acknowledged_by_id" ON "notices" ("acknowledged_by_id");
-- create index "notice_campaign_id_status_id" to table: "notices"
CREATE INDEX "notice_campaign_id_status_id" ON "notices" ("campaign_id", "status", "id");
-- create index "notice_closed_by_id" to table: "notices"
CREATE INDEX "notice_closed_by_id" ON "notices" ("closed_by_id");
-- create index "notice_drafted_by_id" to table: "notices"
CREATE INDEX "notice_drafted_by_id" ON "notices" ("drafted_by_id");
-- create index "notice_handed_in_by_id" to table: "notices"
CREATE INDEX "notice_handed_in_by_id" ON "notices" ("handed_in_by_id");
-- create index "notice_issued_by_id" to table: "notices"
CREATE INDEX "notice_issued_by_id" ON "notices" ("issued_by_id");
-- create index "notice_issuer_id_year_number" to table: "notices"
CREATE UNIQUE INDEX "notice_issuer_id_year_number" ON "notices" ("issuer_id", "year", "number");
-- create index "notice_replied_by_id" to table: "notices"
CREATE INDEX "notice_replied_by_id" ON "notices" ("replied_by_id");
-- create index "notice_report_id" to table: "notices"
CREATE INDEX "notice_report_id" ON "notices" ("report_id");
-- create index "notice_school_id_id" to table: "notices"
CREATE INDEX "notice_school_id_id" ON "notices" ("school_id", "id");
-- create index "notice_supersedes_id" to table: "notices"
CREATE INDEX "notice_supersedes_id" ON "notices" ("supersedes_id");
-- create index "notice_team_id" to table: "notices"
CREATE INDEX "notice_team_id" ON "notices" ("team_id");
-- create index "notice_verify_code" to table: "notices"
CREATE INDEX "notice_verify_code" ON "notices" ("verify_code");
-- modify "evidence_uses" table
ALTER TABLE "evidence_uses" ADD COLUMN "notice_id" uuid NULL, ADD CONSTRAINT "evidence_uses_notices_notice" FOREIGN KEY ("notice_id") REFERENCES "notices" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "evidenceuse_notice_id" to table: "evidence_uses"
CREATE INDEX "evidenceuse_notice_id" ON "evidence_uses" ("notice_id");
-- modify "grid_assignments" table
ALTER TABLE "grid_assignments" ADD COLUMN "end_reason" text NOT NULL DEFAULT '', ADD COLUMN "ended_by_id" uuid NULL, ADD COLUMN "stands_in_for_id" uuid NULL, ADD COLUMN "successor_id" uuid NULL, ADD CONSTRAINT "grid_assignments_grid_assignments_deputies" FOREIGN KEY ("stands_in_for_id") REFERENCES "grid_assignments" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, ADD CONSTRAINT "grid_assignments_grid_assignments_predecessors" FOREIGN KEY ("successor_id") REFERENCES "grid_assignments" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, ADD CONSTRAINT "grid_assignments_users_ended_by" FOREIGN KEY ("ended_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL;
-- create index "gridassignment_ended_by_id" to table: "grid_assignments"
CREATE INDEX "gridassignment_ended_by_id" ON "grid_assignments" ("ended_by_id");
-- create index "gridassignment_stands_in_for_id" to table: "grid_assignments"
CREATE INDEX "gridassignment_stands_in_for_id" ON "grid_assignments" ("stands_in_for_id");
-- create index "gridassignment_successor_id" to table: "grid_assignments"
CREATE INDEX "gridassignment_successor_id" ON "grid_assignments" ("successor_id");
-- create "leading_groups" table
CREATE TABLE "leading_groups" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "region_path" character varying NOT NULL, "formed_on" character varying NOT NULL, "document_number" character varying NOT NULL DEFAULT '', "dissolved_at" timestamptz NULL, "dissolved_reason" text NOT NULL DEFAULT '', "campaign_id" uuid NOT NULL, "region_id" uuid NOT NULL, "school_id" uuid NULL, "formed_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "leading_groups_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "leading_groups_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "leading_groups_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "leading_groups_users_formed_by" FOREIGN KEY ("formed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "leadinggroup_bureau" to table: "leading_groups"
CREATE UNIQUE INDEX "leadinggroup_bureau" ON "leading_groups" ("campaign_id", "region_id") WHERE ((school_id IS NULL) AND (dissolved_at IS NULL));
-- create index "leadinggroup_campaign_id_id" to table: "leading_groups"
CREATE INDEX "leadinggroup_campaign_id_id" ON "leading_groups" ("campaign_id", "id");
-- create index "leadinggroup_campaign_id_school_id" to table: "leading_groups"
CREATE UNIQUE INDEX "leadinggroup_campaign_id_school_id" ON "leading_groups" ("campaign_id", "school_id") WHERE ((school_id IS NOT NULL) AND (dissolved_at IS NULL));
-- create index "leadinggroup_formed_by_id" to table: "leading_groups"
CREATE INDEX "leadinggroup_formed_by_id" ON "leading_groups" ("formed_by_id");
-- create index "leadinggroup_region_id" to table: "leading_groups"
CREATE INDEX "leadinggroup_region_id" ON "leading_groups" ("region_id");
-- create index "leadinggroup_school_id" to table: "leading_groups"
CREATE INDEX "leadinggroup_school_id" ON "leading_groups" ("school_id");
-- create "leading_group_members" table
CREATE TABLE "leading_group_members" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "position" bigint NOT NULL, "group_id" uuid NOT NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "leading_group_members_leading_groups_group" FOREIGN KEY ("group_id") REFERENCES "leading_groups" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "leading_group_members_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "leadinggroupmember_group_id_position" to table: "leading_group_members"
CREATE UNIQUE INDEX "leadinggroupmember_group_id_position" ON "leading_group_members" ("group_id", "position");
-- create index "leadinggroupmember_user_id" to table: "leading_group_members"
CREATE INDEX "leadinggroupmember_user_id" ON "leading_group_members" ("user_id");
-- create "notice_events" table
CREATE TABLE "notice_events" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "sequence" bigint NOT NULL, "kind" character varying NOT NULL, "happened_at" timestamptz NOT NULL, "received_at" timestamptz NOT NULL, "payload" jsonb NOT NULL, "notice_id" uuid NOT NULL, "actor_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "notice_events_notices_notice" FOREIGN KEY ("notice_id") REFERENCES "notices" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notice_events_users_actor" FOREIGN KEY ("actor_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "noticeevent_actor_id" to table: "notice_events"
CREATE INDEX "noticeevent_actor_id" ON "notice_events" ("actor_id");
-- create index "noticeevent_notice_id_sequence" to table: "notice_events"
CREATE UNIQUE INDEX "noticeevent_notice_id_sequence" ON "notice_events" ("notice_id", "sequence");
-- create "notice_items" table
CREATE TABLE "notice_items" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "position" bigint NOT NULL, "problem" text NOT NULL, "place" character varying NOT NULL DEFAULT '', "basis" character varying NOT NULL DEFAULT '', "requirement" text NOT NULL DEFAULT '', "in_force" boolean NOT NULL DEFAULT true, "notice_id" uuid NOT NULL, "hazard_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "notice_items_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "notice_items_notices_notice" FOREIGN KEY ("notice_id") REFERENCES "notices" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "noticeitem_hazard_id" to table: "notice_items"
CREATE INDEX "noticeitem_hazard_id" ON "notice_items" ("hazard_id");
-- create index "noticeitem_hazard_in_force" to table: "notice_items"
CREATE UNIQUE INDEX "noticeitem_hazard_in_force" ON "notice_items" ("hazard_id") WHERE in_force;
-- create index "noticeitem_notice_id_hazard_id" to table: "notice_items"
CREATE UNIQUE INDEX "noticeitem_notice_id_hazard_id" ON "notice_items" ("notice_id", "hazard_id");
-- create "visit_plans" table
CREATE TABLE "visit_plans" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "region_path" character varying NOT NULL, "seed" character varying NOT NULL, "facts_digest" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'PROPOSED', "proposed_at" timestamptz NOT NULL, "confirmed_at" timestamptz NULL, "version" bigint NOT NULL DEFAULT 1, "campaign_id" uuid NOT NULL, "proposed_by_id" uuid NOT NULL, "confirmed_by_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "visit_plans_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "visit_plans_users_confirmed_by" FOREIGN KEY ("confirmed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "visit_plans_users_proposed_by" FOREIGN KEY ("proposed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "visitplan_campaign_id_proposed_at_id" to table: "visit_plans"
CREATE INDEX "visitplan_campaign_id_proposed_at_id" ON "visit_plans" ("campaign_id", "proposed_at", "id");
-- create index "visitplan_confirmed_by_id" to table: "visit_plans"
CREATE INDEX "visitplan_confirmed_by_id" ON "visit_plans" ("confirmed_by_id");
-- create index "visitplan_proposed_by_id" to table: "visit_plans"
CREATE INDEX "visitplan_proposed_by_id" ON "visit_plans" ("proposed_by_id");
-- create "planned_visits" table
CREATE TABLE "planned_visits" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "region_path" character varying NOT NULL, "status" character varying NOT NULL DEFAULT 'PROPOSED', "slot" character varying NULL, "reasons" jsonb NOT NULL, "ticket" character varying NOT NULL DEFAULT '', "fallen_out_reason" text NOT NULL DEFAULT '', "fallen_out_at" timestamptz NULL, "plan_id" uuid NOT NULL, "campaign_id" uuid NOT NULL, "team_id" uuid NOT NULL, "school_id" uuid NOT NULL, "replaces_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "planned_visits_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "planned_visits_inspection_teams_team" FOREIGN KEY ("team_id") REFERENCES "inspection_teams" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "planned_visits_planned_visits_replacements" FOREIGN KEY ("replaces_id") REFERENCES "planned_visits" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "planned_visits_schools_school" FOREIGN KEY ("school_id") REFERENCES "schools" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "planned_visits_visit_plans_plan" FOREIGN KEY ("plan_id") REFERENCES "visit_plans" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "plannedvisit_campaign_id_region_path" to table: "planned_visits"
CREATE INDEX "plannedvisit_campaign_id_region_path" ON "planned_visits" ("campaign_id", "region_path");
-- create index "plannedvisit_campaign_id_status" to table: "planned_visits"
CREATE INDEX "plannedvisit_campaign_id_status" ON "planned_visits" ("campaign_id", "status");
-- create index "plannedvisit_plan_id_school_id" to table: "planned_visits"
CREATE UNIQUE INDEX "plannedvisit_plan_id_school_id" ON "planned_visits" ("plan_id", "school_id");
-- create index "plannedvisit_replaces_id" to table: "planned_visits"
CREATE INDEX "plannedvisit_replaces_id" ON "planned_visits" ("replaces_id");
-- create index "plannedvisit_school_id" to table: "planned_visits"
CREATE INDEX "plannedvisit_school_id" ON "planned_visits" ("school_id");
-- create index "plannedvisit_team_id_id" to table: "planned_visits"
CREATE INDEX "plannedvisit_team_id_id" ON "planned_visits" ("team_id", "id");
-- create "reminders" table
CREATE TABLE "reminders" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "kind" character varying NOT NULL, "to_role" character varying NOT NULL, "days" bigint NOT NULL, "due_on" character varying NOT NULL, "region_path" character varying NOT NULL, "raised_at" timestamptz NOT NULL, "hazard_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "reminders_hazards_hazard" FOREIGN KEY ("hazard_id") REFERENCES "hazards" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reminder_hazard_id_kind_to_role_days_due_on" to table: "reminders"
CREATE UNIQUE INDEX "reminder_hazard_id_kind_to_role_days_due_on" ON "reminders" ("hazard_id", "kind", "to_role", "days", "due_on");
-- create index "reminder_raised_at_id" to table: "reminders"
CREATE INDEX "reminder_raised_at_id" ON "reminders" ("raised_at", "id");
-- create index "reminder_school_id_raised_at_id" to table: "reminders"
CREATE INDEX "reminder_school_id_raised_at_id" ON "reminders" ("school_id", "raised_at", "id");
-- create "risk_assessments" table
CREATE TABLE "risk_assessments" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "level" character varying NOT NULL, "reason" text NOT NULL DEFAULT '', "assessed_at" timestamptz NOT NULL, "risk_point_id" uuid NOT NULL, "assessor_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "risk_assessments_risk_points_risk_point" FOREIGN KEY ("risk_point_id") REFERENCES "risk_points" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "risk_assessments_users_assessor" FOREIGN KEY ("assessor_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "riskassessment_assessor_id" to table: "risk_assessments"
CREATE INDEX "riskassessment_assessor_id" ON "risk_assessments" ("assessor_id");
-- create index "riskassessment_risk_point_id_assessed_at" to table: "risk_assessments"
CREATE INDEX "riskassessment_risk_point_id_assessed_at" ON "risk_assessments" ("risk_point_id", "assessed_at");
-- create "sampling_exemptions" table
CREATE TABLE "sampling_exemptions" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "region_path" character varying NOT NULL, "slot" character varying NOT NULL, "reason" text NOT NULL, "confirmed_at" timestamptz NOT NULL, "campaign_id" uuid NOT NULL, "region_id" uuid NOT NULL, "confirmed_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "sampling_exemptions_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "sampling_exemptions_regions_region" FOREIGN KEY ("region_id") REFERENCES "regions" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "sampling_exemptions_users_confirmed_by" FOREIGN KEY ("confirmed_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "samplingexemption_campaign_id_region_id_slot" to table: "sampling_exemptions"
CREATE UNIQUE INDEX "samplingexemption_campaign_id_region_id_slot" ON "sampling_exemptions" ("campaign_id", "region_id", "slot");
-- create index "samplingexemption_confirmed_by_id" to table: "sampling_exemptions"
CREATE INDEX "samplingexemption_confirmed_by_id" ON "sampling_exemptions" ("confirmed_by_id");
-- create index "samplingexemption_region_id" to table: "sampling_exemptions"
CREATE INDEX "samplingexemption_region_id" ON "sampling_exemptions" ("region_id");
-- create "self_inspection_submissions" table
CREATE TABLE "self_inspection_submissions" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "school_id" uuid NOT NULL, "cells_due" bigint NOT NULL, "cells_claimed" bigint NOT NULL, "cells_proven" bigint NOT NULL, "note" text NOT NULL DEFAULT '', "submitted_at" timestamptz NOT NULL, "campaign_id" uuid NOT NULL, "submitted_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "self_inspection_submissions_campaigns_campaign" FOREIGN KEY ("campaign_id") REFERENCES "campaigns" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "self_inspection_submissions_users_submitted_by" FOREIGN KEY ("submitted_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "selfinspectionsubmission_campaign_id_school_id" to table: "self_inspection_submissions"
CREATE UNIQUE INDEX "selfinspectionsubmission_campaign_id_school_id" ON "self_inspection_submissions" ("campaign_id", "school_id");
-- create index "selfinspectionsubmission_submitted_by_id" to table: "self_inspection_submissions"
CREATE INDEX "selfinspectionsubmission_submitted_by_id" ON "self_inspection_submissions" ("submitted_by_id");
