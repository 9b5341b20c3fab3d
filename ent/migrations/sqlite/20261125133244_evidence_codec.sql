-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_evidences" table
CREATE TABLE `new_evidences` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `stage` text NOT NULL, `status` text NOT NULL DEFAULT ('ANNOUNCED'), `source` text NOT NULL, `file_name` text NOT NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `sha256` text NOT NULL, `captured_at` datetime NULL, `latitude` real NULL, `longitude` real NULL, `object_key` text NOT NULL, `upload_id` text NOT NULL DEFAULT (''), `part_size` integer NOT NULL DEFAULT (0), `announced_at` datetime NOT NULL, `received_at` datetime NULL, `verified_at` datetime NULL, `rejected_at` datetime NULL, `rejection` text NOT NULL DEFAULT (''), `found_media_type` text NOT NULL DEFAULT (''), `width` integer NOT NULL DEFAULT (0), `height` integer NOT NULL DEFAULT (0), `duration_ms` integer NOT NULL DEFAULT (0), `clock_offset_ms` integer NULL, `upload_active_at` datetime NOT NULL, `taken_at` datetime NULL, `taken_zoned` bool NOT NULL DEFAULT (false), `file_latitude` real NULL, `file_longitude` real NULL, `camera_make` text NOT NULL DEFAULT (''), `camera_model` text NOT NULL DEFAULT (''), `codec` text NOT NULL DEFAULT (''), `renditions` json NULL, `placeholder` text NOT NULL DEFAULT (''), `picture_hash` integer NULL, `picture_print` text NOT NULL DEFAULT (''), `trust` text NULL, `trust_reasons` json NULL, `review` text NOT NULL DEFAULT ('NONE'), `review_note` text NOT NULL DEFAULT (''), `retain_until` datetime NULL, `sealed_at` datetime NULL, `held` bool NOT NULL DEFAULT (false), `destruction_by_id` uuid NULL, `destruction_approved_at` datetime NULL, `destroyed_at` datetime NULL, `school_id` uuid NOT NULL, `uploader_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `evidences_schools_school` FOREIGN KEY (`school_id`) REFERENCES `schools` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidences_users_uploader` FOREIGN KEY (`uploader_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "evidences" to new temporary table "new_evidences"
INSERT INTO `new_evidences` (`id`, `created_at`, `kind`, `stage`, `status`, `source`, `file_name`, `media_type`, `size`, `sha256`, `captured_at`, `latitude`, `longitude`, `object_key`, `upload_id`, `part_size`, `announced_at`, `received_at`, `verified_at`, `rejected_at`, `rejection`, `found_media_type`, `width`, `height`, `duration_ms`, `clock_offset_ms`, `upload_active_at`, `taken_at`, `taken_zoned`, `file_latitude`, `file_longitude`, `camera_make`, `camera_model`, `renditions`, `placeholder`, `picture_hash`, `picture_print`, `trust`, `trust_reasons`, `review`, `review_note`, `retain_until`, `sealed_at`, `held`, `destruction_by_id`, `destruction_approved_at`, `destroyed_at`, `school_id`, `uploader_id`) SELECT `id`, `created_at`, `kind`, `stage`, `status`, `source`, `file_name`, `media_type`, `size`, `sha256`, `captured_at`, `latitude`, `longitude`, `object_key`, `upload_id`, `part_size`, `announced_at`, `received_at`, `verified_at`, `rejected_at`, `rejection`, `found_media_type`, `width`, `height`, `duration_ms`, `clock_offset_ms`, `upload_active_at`, `taken_at`, `taken_zoned`, `file_latitude`, `file_longitude`, `camera_make`, `camera_model`, `renditions`, `placeholder`, `picture_hash`, `picture_print`, `trust`, `trust_reasons`, `review`, `review_note`, `retain_until`, `sealed_at`, `held`, `destruction_by_id`, `destruction_approved_at`, `destroyed_at`, `school_id`, `uploader_id` FROM `evidences`;
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
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
