-- +goose Up
-- what the API calls an oversight order was a listing; every row stays
ALTER TABLE "listings" RENAME TO "oversight_orders";
ALTER TABLE "oversight_orders" RENAME COLUMN "listed_at" TO "placed_at";
ALTER TABLE "oversight_orders" RENAME COLUMN "delisted_at" TO "ended_at";
ALTER TABLE "oversight_orders" RENAME COLUMN "listed_by_id" TO "placed_by_id";
ALTER TABLE "oversight_orders" RENAME CONSTRAINT "listings_pkey" TO "oversight_orders_pkey";
ALTER TABLE "oversight_orders" RENAME CONSTRAINT "listings_hazards_hazard" TO "oversight_orders_hazards_hazard";
ALTER TABLE "oversight_orders" RENAME CONSTRAINT "listings_users_listed_by" TO "oversight_orders_users_placed_by";
ALTER TABLE "oversight_orders" RENAME CONSTRAINT "listings_users_supervisor" TO "oversight_orders_users_supervisor";
ALTER INDEX "listing_hazard_id_listed_at" RENAME TO "oversightorder_hazard_id_placed_at";
ALTER INDEX "listing_listed_at_id" RENAME TO "oversightorder_placed_at_id";
ALTER INDEX "listing_school_id_listed_at_id" RENAME TO "oversightorder_school_id_placed_at_id";
ALTER INDEX "listing_listed_by_id" RENAME TO "oversightorder_placed_by_id";
ALTER INDEX "listing_supervisor_id" RENAME TO "oversightorder_supervisor_id";
ALTER TABLE "hazards" RENAME COLUMN "listed" TO "under_oversight";
ALTER TABLE "hazards" RENAME COLUMN "list_by" TO "oversight_due_by";
ALTER INDEX "hazard_status_list_by" RENAME TO "hazard_status_oversight_due_by";
ALTER TABLE "hazard_states" RENAME COLUMN "listed" TO "under_oversight";
ALTER TABLE "school_figures" RENAME COLUMN "listed" TO "under_oversight";
ALTER TABLE "day_figures" RENAME COLUMN "listed" TO "under_oversight";
-- values that the API shows
UPDATE "hazard_events" SET "kind" = 'PLACED_UNDER_OVERSIGHT' WHERE "kind" = 'LISTED';
UPDATE "hazard_events" SET "kind" = 'OVERSIGHT_ESCALATED' WHERE "kind" = 'LISTING_RAISED';
UPDATE "evidence_uses" SET "step" = 'OVERSIGHT' WHERE "step" = 'LISTING';
UPDATE "reminders" SET "kind" = 'OVERSIGHT_DUE' WHERE "kind" = 'LISTING_DUE';
-- a repeated command finds its receipt by the name that its mutation has now
UPDATE "command_receipts" SET "action" = 'placeUnderOversight' WHERE "action" = 'listHazard';
UPDATE "command_receipts" SET "action" = 'escalateOversight' WHERE "action" = 'raiseListing';
UPDATE "command_receipts" SET "action" = 'discardNotice' WHERE "action" = 'dropNotice';
UPDATE "command_receipts" SET "action" = 'cancelVisit' WHERE "action" = 'dropVisit';
UPDATE "command_receipts" SET "action" = 'changeSchoolBoundary' WHERE "action" = 'changeSchoolGround';
