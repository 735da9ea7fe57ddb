-- Spans come in as Parquet segments beside the file, and are taken into the table many at a time. `baton_data.spans` becomes a view
-- of both: see spans.sql.

ALTER TABLE baton_data.spans RENAME TO span_rows;

-- Segments up to this number are in the table.
CREATE TABLE baton_data.intake (taken_in UBIGINT NOT NULL);
INSERT INTO baton_data.intake VALUES (0);

-- Without an index: the keys of the last hour are looked up in memory.
CREATE TABLE baton_data.old_requests AS FROM baton_data.requests;
DROP TABLE baton_data.requests;
CREATE TABLE baton_data.requests (
    key BLOB NOT NULL,                                  -- SHA-256 of the uncompressed body
    received_at TIMESTAMPTZ NOT NULL,
    span_count BIGINT NOT NULL
);
INSERT INTO baton_data.requests FROM baton_data.old_requests;
DROP TABLE baton_data.old_requests;
