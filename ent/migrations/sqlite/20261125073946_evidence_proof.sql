-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_evidences" table
CREATE TABLE `new_evidences` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `stage` text NOT NULL, `status` text NOT NULL DEFAULT ('ANNOUNCED'), `source` text NOT NULL, `file_name` text NOT NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `sha256` text NOT NULL, `captured_at` datetime NULL, `latitude` real NULL, `longitude` real NULL, `object_key` text NOT NULL, `upload_id` text NOT NULL DEFAULT (''), `part_size` integer NOT NULL DEFAULT (0), `announced_at` datetime NOT NULL, `received_at` datetime NULL, `verified_at` datetime NULL, `rejected_at` datetime NULL, `rejection` text NOT NULL DEFAULT (''), `found_media_type` text NOT NULL DEFAULT (''), `width` integer NOT NULL DEFAULT (0), `height` integer NOT NULL DEFAULT (0), `duration_ms` integer NOT NULL DEFAULT (0), `clock_offset_ms` integer NULL, `upload_active_at` datetime NOT NULL, `taken_at` datetime NULL, `taken_zoned` bool NOT NULL DEFAULT (false), `file_latitude` real NULL, `file_longitude` real NULL, `camera_make` text NOT NULL DEFAULT (''), `camera_model` text NOT NULL DEFAULT (''), `renditions` json NULL, `placeholder` text NOT NULL DEFAULT (''), `picture_hash` integer NULL, `picture_print` text NOT NULL DEFAULT (''), `trust` text NULL, `trust_reasons` json NULL, `review` text NOT NULL DEFAULT ('NONE'), `review_note` text NOT NULL DEFAULT (''), `retain_until` datetime NULL, `sealed_at` datetime NULL, `held` bool NOT NULL DEFAULT (false), `destruction_by_id` uuid NULL, `destruction_approved_at` datetime NULL, `destroyed_at` datetime NULL, `school_id` uuid NOT NULL, `uploader_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `evidences_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidences_users_uploader` FOREIGN KEY (`uploader_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "evidences" to new temporary table "new_evidences"
-- what was announced before this migration was last worked on then, and what was verified is kept for the default of three years
INSERT INTO `new_evidences` (`id`, `created_at`, `kind`, `stage`, `status`, `source`, `file_name`, `media_type`, `size`, `sha256`, `captured_at`, `latitude`, `longitude`, `object_key`, `upload_id`, `part_size`, `announced_at`, `received_at`, `verified_at`, `rejected_at`, `rejection`, `found_media_type`, `width`, `height`, `duration_ms`, `school_id`, `uploader_id`, `upload_active_at`, `retain_until`) SELECT `id`, `created_at`, `kind`, `stage`, `status`, `source`, `file_name`, `media_type`, `size`, `sha256`, `captured_at`, `latitude`, `longitude`, `object_key`, `upload_id`, `part_size`, `announced_at`, `received_at`, `verified_at`, `rejected_at`, `rejection`, `found_media_type`, `width`, `height`, `duration_ms`, `school_id`, `uploader_id`, `announced_at`, strftime('%Y-%m-%d %H:%M:%f+00:00', `verified_at`, '+3 years') FROM `evidences`;
-- drop "evidences" table after copying rows
DROP TABLE `evidences`;
-- rename temporary table "new_evidences" to "evidences"
ALTER TABLE `new_evidences` RENAME TO `evidences`;
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
-- create index "evidence_status_upload_active_at" to table: "evidences"
CREATE INDEX `evidence_status_upload_active_at` ON `evidences` (`status`, `upload_active_at`);
-- create index "evidence_review_announced_at_id" to table: "evidences"
CREATE INDEX `evidence_review_announced_at_id` ON `evidences` (`review`, `announced_at`, `id`);
-- create "evidence_events" table
CREATE TABLE `evidence_events` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `kind` text NOT NULL, `happened_at` datetime NOT NULL, `note` text NOT NULL DEFAULT (''), `evidence_id` uuid NOT NULL, `actor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `evidence_events_evidences_evidence` FOREIGN KEY (`evidence_id`) REFERENCES `evidences` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidence_events_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "evidenceevent_evidence_id_happened_at_id" to table: "evidence_events"
CREATE INDEX `evidenceevent_evidence_id_happened_at_id` ON `evidence_events` (`evidence_id`, `happened_at`, `id`);
-- create index "evidenceevent_actor_id" to table: "evidence_events"
CREATE INDEX `evidenceevent_actor_id` ON `evidence_events` (`actor_id`);
-- create "evidence_matches" table
CREATE TABLE `evidence_matches` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `school_id` uuid NOT NULL, `kind` text NOT NULL, `distance` integer NOT NULL, `evidence_id` uuid NOT NULL, `earlier_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `evidence_matches_evidences_evidence` FOREIGN KEY (`evidence_id`) REFERENCES `evidences` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidence_matches_evidences_earlier` FOREIGN KEY (`earlier_id`) REFERENCES `evidences` (`id`) ON DELETE NO ACTION);
-- create index "evidencematch_evidence_id_earlier_id" to table: "evidence_matches"
CREATE UNIQUE INDEX `evidencematch_evidence_id_earlier_id` ON `evidence_matches` (`evidence_id`, `earlier_id`);
-- create index "evidencematch_earlier_id" to table: "evidence_matches"
CREATE INDEX `evidencematch_earlier_id` ON `evidence_matches` (`earlier_id`);
-- create "picture_bands" table
CREATE TABLE `picture_bands` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `county_id` uuid NOT NULL, `slot` integer NOT NULL, `hash` integer NOT NULL, `evidence_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create index "pictureband_county_id_slot_hash_evidence_id" to table: "picture_bands"
CREATE UNIQUE INDEX `pictureband_county_id_slot_hash_evidence_id` ON `picture_bands` (`county_id`, `slot`, `hash`, `evidence_id`);
-- create index "pictureband_evidence_id" to table: "picture_bands"
CREATE INDEX `pictureband_evidence_id` ON `picture_bands` (`evidence_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
