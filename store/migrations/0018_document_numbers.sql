-- Numbers of documents: per kind and year, counted from 1 without a gap, in the transaction that keeps the document. The hash
-- of a document's content without its number tells that the same one is handed out again, under the number it has.

-- +goose Up

CREATE TABLE document_number (
    kind text NOT NULL,
    year int  NOT NULL,
    last int  NOT NULL,
    PRIMARY KEY (kind, year)
);

ALTER TABLE document ADD COLUMN content_sha256 bytea;
CREATE UNIQUE INDEX document_content_once ON document (client_id, kind, content_sha256);

-- +goose Down

ALTER TABLE document DROP COLUMN content_sha256;
DROP TABLE document_number;
