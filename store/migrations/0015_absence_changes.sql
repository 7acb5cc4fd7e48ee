-- An absence can be replaced by other days and ended. Each change of its days is a revision, and the facts that tell clients
-- of it are named after it. An absence that never was keeps its row, with an empty stretch of time.

-- +goose Up

ALTER TABLE absence ADD COLUMN revision int NOT NULL DEFAULT 1;

-- +goose Down

ALTER TABLE absence DROP COLUMN revision;
