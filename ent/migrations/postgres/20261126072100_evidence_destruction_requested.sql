-- +goose Up
-- create index "evidence_destruction_requested" to table: "evidences"
CREATE INDEX "evidence_destruction_requested" ON "evidences" ("announced_at", "id") WHERE ((destruction_by_id IS NOT NULL) AND (destruction_approved_at IS NULL));
