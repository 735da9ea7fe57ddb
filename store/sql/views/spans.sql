-- spans: every span, one row each, with everything OTLP carried.
--
--   trace_id, span_id, parent_span_id   hex; the parent is NULL at a root
--   service_name, name, kind            kind is SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL or UNSPECIFIED
--   start_time, end_time                for people; start_time_ns and duration_ns are exact
--   attributes, resource_attributes, scope_attributes   maps that hold every attribute as text
--   events, links                       lists of structs
--   "http.response.status_code", …      attributes people filter on, typed, under their own names; spans that
--                                       use an older name of the conventions fill the same column
--   "http.status_code", …               the older names, for queries that still say them
--
-- Example:
--   SELECT service_name, name, duration_ns FROM spans
--   WHERE attributes['user.id'] = 'usr_12345' AND "http.request.method" = 'POST';
CREATE OR REPLACE VIEW main.spans AS
WITH promoted AS (
  SELECT
    *,
    coalesce(attributes['http.request.method'], attributes['http.method']) AS "http.request.method",
    TRY_CAST(coalesce(attributes['http.response.status_code'], attributes['http.status_code']) AS BIGINT) AS "http.response.status_code",
    attributes['http.route'] AS "http.route",
    coalesce(attributes['url.path'], split_part(attributes['http.target'], '?', 1)) AS "url.path",
    coalesce(attributes['server.address'], attributes['net.peer.name'], attributes['net.host.name']) AS "server.address",
    coalesce(attributes['db.system.name'], attributes['db.system']) AS "db.system.name",
    coalesce(attributes['db.query.text'], attributes['db.statement']) AS "db.query.text",
    coalesce(attributes['db.operation.name'], attributes['db.operation']) AS "db.operation.name",
    attributes['messaging.system'] AS "messaging.system",
    coalesce(attributes['messaging.destination.name'], attributes['messaging.destination']) AS "messaging.destination.name",
    coalesce(attributes['messaging.operation.type'], attributes['messaging.operation']) AS "messaging.operation.type",
    coalesce(attributes['messaging.message.id'], attributes['messaging.message_id']) AS "messaging.message.id",
    TRY_CAST(attributes['messaging.batch.message_count'] AS BIGINT) AS "messaging.batch.message_count",
    attributes['rpc.service'] AS "rpc.service",
    attributes['rpc.method'] AS "rpc.method",
    coalesce(resource_attributes['faas.name'], attributes['faas.name']) AS "faas.name",
    coalesce(attributes['faas.invocation_id'], attributes['faas.execution']) AS "faas.invocation_id",
    attributes['faas.trigger'] AS "faas.trigger",
    TRY_CAST(attributes['faas.coldstart'] AS BOOLEAN) AS "faas.coldstart",
    attributes['error.type'] AS "error.type"
  FROM baton_data.spans
)
SELECT
  trace_id,
  span_id,
  parent_span_id,
  trace_state,
  flags,
  service_name,
  name,
  kind,
  -- Whole microseconds first: a double holds those exactly.
  to_timestamp((start_time_ns // 1000) / 1e6) AS start_time,
  to_timestamp(((start_time_ns + duration_ns) // 1000) / 1e6) AS end_time,
  start_time_ns,
  duration_ns,
  status_code,
  status_message,
  attributes,
  resource_attributes,
  scope_attributes,
  scope_name,
  scope_version,
  events,
  links,
  dropped_attributes_count,
  dropped_events_count,
  dropped_links_count,
  resource_dropped_attributes_count,
  scope_dropped_attributes_count,
  resource_schema_url,
  scope_schema_url,
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "url.path",
  "server.address",
  "db.system.name",
  "db.query.text",
  "db.operation.name",
  "messaging.system",
  "messaging.destination.name",
  "messaging.operation.type",
  "messaging.message.id",
  "messaging.batch.message_count",
  "rpc.service",
  "rpc.method",
  "faas.name",
  "faas.invocation_id",
  "faas.trigger",
  "faas.coldstart",
  "error.type",
  "http.request.method" AS "http.method",
  "http.response.status_code" AS "http.status_code",
  "url.path" AS "http.target",
  "server.address" AS "net.peer.name",
  "db.system.name" AS "db.system",
  "db.query.text" AS "db.statement",
  "db.operation.name" AS "db.operation",
  "messaging.destination.name" AS "messaging.destination",
  "messaging.operation.type" AS "messaging.operation",
  "messaging.message.id" AS "messaging.message_id",
  "faas.invocation_id" AS "faas.execution"
FROM promoted;
