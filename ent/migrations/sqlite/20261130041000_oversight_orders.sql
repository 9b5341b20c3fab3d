-- +goose Up
-- what the API calls an oversight order was a listing; every row stays
ALTER TABLE `listings` RENAME TO `oversight_orders`;
ALTER TABLE `oversight_orders` RENAME COLUMN `listed_at` TO `placed_at`;
ALTER TABLE `oversight_orders` RENAME COLUMN `delisted_at` TO `ended_at`;
ALTER TABLE `oversight_orders` RENAME COLUMN `listed_by_id` TO `placed_by_id`;
DROP INDEX `listing_hazard_id_listed_at`;
CREATE INDEX `oversightorder_hazard_id_placed_at` ON `oversight_orders` (`hazard_id`, `placed_at`);
DROP INDEX `listing_listed_at_id`;
CREATE INDEX `oversightorder_placed_at_id` ON `oversight_orders` (`placed_at`, `id`);
DROP INDEX `listing_school_id_listed_at_id`;
CREATE INDEX `oversightorder_school_id_placed_at_id` ON `oversight_orders` (`school_id`, `placed_at`, `id`);
DROP INDEX `listing_listed_by_id`;
CREATE INDEX `oversightorder_placed_by_id` ON `oversight_orders` (`placed_by_id`);
DROP INDEX `listing_supervisor_id`;
CREATE INDEX `oversightorder_supervisor_id` ON `oversight_orders` (`supervisor_id`);
ALTER TABLE `hazards` RENAME COLUMN `listed` TO `under_oversight`;
ALTER TABLE `hazards` RENAME COLUMN `list_by` TO `oversight_due_by`;
DROP INDEX `hazard_status_list_by`;
CREATE INDEX `hazard_status_oversight_due_by` ON `hazards` (`status`, `oversight_due_by`);
ALTER TABLE `hazard_states` RENAME COLUMN `listed` TO `under_oversight`;
ALTER TABLE `school_figures` RENAME COLUMN `listed` TO `under_oversight`;
ALTER TABLE `day_figures` RENAME COLUMN `listed` TO `under_oversight`;
-- values that the API shows
UPDATE `hazard_events` SET `kind` = 'PLACED_UNDER_OVERSIGHT' WHERE `kind` = 'LISTED';
UPDATE `hazard_events` SET `kind` = 'OVERSIGHT_ESCALATED' WHERE `kind` = 'LISTING_RAISED';
UPDATE `evidence_uses` SET `step` = 'OVERSIGHT' WHERE `step` = 'LISTING';
UPDATE `reminders` SET `kind` = 'OVERSIGHT_DUE' WHERE `kind` = 'LISTING_DUE';
-- a repeated command finds its receipt by the name that its mutation has now
UPDATE `command_receipts` SET `action` = 'placeUnderOversight' WHERE `action` = 'listHazard';
UPDATE `command_receipts` SET `action` = 'escalateOversight' WHERE `action` = 'raiseListing';
UPDATE `command_receipts` SET `action` = 'discardNotice' WHERE `action` = 'dropNotice';
UPDATE `command_receipts` SET `action` = 'cancelVisit' WHERE `action` = 'dropVisit';
UPDATE `command_receipts` SET `action` = 'changeSchoolBoundary' WHERE `action` = 'changeSchoolGround';
