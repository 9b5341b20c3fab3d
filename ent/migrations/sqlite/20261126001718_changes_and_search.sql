-- +goose Up
-- add column "search_text" to table: "hazards"
ALTER TABLE `hazards` ADD COLUMN `search_text` text NULL;
-- add column "search_text" to table: "schools"
ALTER TABLE `schools` ADD COLUMN `search_text` text NULL;
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
-- create "search_grams" table
CREATE TABLE `search_grams` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `noun` text NOT NULL, `gram` text NOT NULL, `row_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create index "searchgram_noun_gram_row_id" to table: "search_grams"
CREATE UNIQUE INDEX `searchgram_noun_gram_row_id` ON `search_grams` (`noun`, `gram`, `row_id`);
-- create index "searchgram_noun_row_id" to table: "search_grams"
CREATE INDEX `searchgram_noun_row_id` ON `search_grams` (`noun`, `row_id`);
