-- traces: one row for each trace id.
--
--   root_service, root_name   of the root span; while it is missing, of the earliest span whose parent is missing
--   start_time, duration_ns   from the first start to the last end, queue waits included
--   span_count, error_count
--   services                  sorted, each once
--   complete                  there is a root, and no span waits for a parent that is not here
--
-- A trace may hold only a part of a workflow: a message that was taken in a batch goes on in another trace. See `hops`
-- and `waterfall`.
--
-- Example:
--   SELECT trace_id, root_name, duration_ns, error_count FROM traces ORDER BY duration_ns DESC LIMIT 10;
CREATE OR REPLACE VIEW main.traces AS
WITH known AS (
  SELECT DISTINCT trace_id, span_id FROM baton_data.spans
), placed AS (
  SELECT
    span.trace_id, span.span_id, service_name, name, start_time_ns, start_time_ns + duration_ns AS end_time_ns, status_code,
    span.parent_span_id IS NULL AS is_root,
    span.parent_span_id IS NOT NULL AND parent.span_id IS NULL AS is_orphan
  FROM baton_data.spans AS span
  LEFT JOIN known AS parent ON parent.trace_id = span.trace_id AND parent.span_id = span.parent_span_id
)
SELECT
  trace_id,
  arg_min(service_name, (NOT is_root, NOT is_orphan, start_time_ns, span_id)) AS root_service,
  arg_min(name, (NOT is_root, NOT is_orphan, start_time_ns, span_id)) AS root_name,
  to_timestamp((min(start_time_ns) // 1000) / 1e6) AS start_time,
  max(end_time_ns) - min(start_time_ns) AS duration_ns,
  count(DISTINCT span_id) AS span_count,
  count(DISTINCT span_id) FILTER (status_code = 'ERROR') AS error_count,
  list_sort(list(DISTINCT service_name)) AS services,
  bool_or(is_root) AND NOT bool_or(is_orphan) AS complete
FROM placed
GROUP BY trace_id;
