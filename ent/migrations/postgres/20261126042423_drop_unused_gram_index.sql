-- +goose Up
-- drop index "searchgram_noun_row_id" from table: "search_grams"
DROP INDEX "searchgram_noun_row_id";
