-- traces: one row for each trace id.
--
--   root_service, root_name   of the root span; while it is missing, of the earliest span whose parent is missing
--   start_time, start_time_ns, duration_ns   from the first start to the last end, queue waits included
--   span_count, error_count
--   services                  sorted, each once
--   complete                  there is a root, and no span waits for a parent that is not here
--
-- A trace may hold only a part of a workflow: a message that was taken in a batch goes on in another trace. See `workflows`
-- and `hops`.
--
-- Example:
--   SELECT trace_id, root_name, duration_ns, error_count FROM traces ORDER BY duration_ns DESC LIMIT 10;
CREATE OR REPLACE MACRO main.traces(since := NULL, until := NULL) AS TABLE
WITH trace AS MATERIALIZED (
  SELECT
    trace_id,
    arg_min({'service': service_name, 'name': name}, (start_time_ns, span_id)) FILTER (parent_span_id IS NULL) AS root,
    min(start_time_ns) AS start_time_ns,
    max(start_time_ns + duration_ns) AS end_time_ns,
    -- A span that two writers stored counts once. A list is made and forgotten faster than a distinct count.
    list_unique(list(span_id))::BIGINT AS span_count,
    coalesce(list_unique(list(span_id) FILTER (status_code = 'ERROR')), 0)::BIGINT AS error_count,
    list_sort(list(DISTINCT service_name)) AS services,
    list_has_all(list(span_id), coalesce(list(parent_span_id) FILTER (parent_span_id IS NOT NULL), [])) AS is_whole
  FROM baton_data.spans_within(since, until)
  GROUP BY trace_id
), rootless AS MATERIALIZED (
  SELECT trace_id, span_id, parent_span_id, service_name, name, start_time_ns
  FROM baton_data.spans_within(since, until)
  SEMI JOIN (SELECT trace_id FROM trace WHERE root IS NULL) USING (trace_id)
), first AS (
  -- Where no parent is missing either, the parents go round in a circle.
  SELECT
    trace_id,
    arg_min({'service': service_name, 'name': name}, (
      EXISTS (FROM rootless AS parent WHERE parent.trace_id = rootless.trace_id AND parent.span_id = rootless.parent_span_id), start_time_ns, span_id
    )) AS span
  FROM rootless
  GROUP BY trace_id
)
SELECT
  trace_id,
  coalesce(root, first.span).service AS root_service,
  coalesce(root, first.span).name AS root_name,
  to_timestamp((start_time_ns // 1000) / 1e6) AS start_time,
  trace.start_time_ns,
  end_time_ns - start_time_ns AS duration_ns,
  span_count,
  error_count,
  services,
  root IS NOT NULL AND is_whole AS complete
FROM trace
LEFT JOIN first USING (trace_id);

CREATE OR REPLACE VIEW main.traces AS FROM main.traces();
