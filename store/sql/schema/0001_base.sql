-- Spans as they came, and the requests they came in. Attributes of every type are text; the type letters beside them keep what
-- they were: s string, i int, d double, b bool, y bytes (base64), a array (JSON), k key-value list (JSON), n empty (NULL).

CREATE TABLE baton_data.spans (
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    parent_span_id VARCHAR,
    trace_state VARCHAR NOT NULL,
    flags UINTEGER NOT NULL,
    service_name VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    start_time_ns BIGINT NOT NULL,
    duration_ns BIGINT NOT NULL,
    status_code VARCHAR NOT NULL,
    status_message VARCHAR NOT NULL,
    attributes MAP(VARCHAR, VARCHAR) NOT NULL,
    attribute_types VARCHAR NOT NULL,
    resource_attributes MAP(VARCHAR, VARCHAR) NOT NULL,
    resource_attribute_types VARCHAR NOT NULL,
    resource_dropped_attributes_count UINTEGER,         -- NULL: the spans came without a resource
    resource_schema_url VARCHAR,
    resource_entity_refs VARCHAR,                       -- JSON, NULL where there are none
    scope_name VARCHAR NOT NULL,
    scope_version VARCHAR NOT NULL,
    scope_attributes MAP(VARCHAR, VARCHAR) NOT NULL,
    scope_attribute_types VARCHAR NOT NULL,
    scope_dropped_attributes_count UINTEGER,            -- NULL: the spans came without a scope
    scope_schema_url VARCHAR,
    events STRUCT(
        time_ns BIGINT,
        name VARCHAR,
        attributes MAP(VARCHAR, VARCHAR),
        attribute_types VARCHAR,
        dropped_attributes_count UINTEGER
    )[] NOT NULL,
    links STRUCT(
        trace_id VARCHAR,
        span_id VARCHAR,
        trace_state VARCHAR,
        attributes MAP(VARCHAR, VARCHAR),
        attribute_types VARCHAR,
        dropped_attributes_count UINTEGER,
        flags UINTEGER
    )[] NOT NULL,
    dropped_attributes_count UINTEGER NOT NULL,
    dropped_events_count UINTEGER NOT NULL,
    dropped_links_count UINTEGER NOT NULL
);

-- What stands for the text of the views and macros in `main`: they are made anew when it changes.
CREATE TABLE baton_data.surface (sha256 VARCHAR NOT NULL);

-- One row for each request of the last hour: a request that is sent again is stored once.
CREATE TABLE baton_data.requests (
    key BLOB PRIMARY KEY,                               -- SHA-256 of the uncompressed body
    received_at TIMESTAMPTZ NOT NULL,
    span_count BIGINT NOT NULL
);
