-- orphan_spans: every span whose parent is not here: lost, late, sampled away, or of a service that sends its spans elsewhere.
--
--   trace_id, span_id
--   parent_span_id    the span that is missing
--   service_name, name, kind, start_time, start_time_ns, duration_ns, status_code
--   is_remote_entry   a SERVER or CONSUMER span: then it is the caller's spans that are missing, not some of this service
--
-- Example:
--   SELECT count(*) AS orphans, count(DISTINCT trace_id) AS traces FROM orphan_spans;
CREATE OR REPLACE MACRO main.orphan_spans(since := NULL, until := NULL) AS TABLE
WITH broken AS MATERIALIZED (
  -- Most traces are whole. Those are found without a join over all spans.
  SELECT trace_id
  FROM baton_data.spans_within(since, until)
  GROUP BY trace_id
  HAVING NOT list_has_all(list(span_id), coalesce(list(parent_span_id) FILTER (parent_span_id IS NOT NULL), []))
), span AS MATERIALIZED (
  SELECT trace_id, span_id, parent_span_id, service_name, name, kind, start_time_ns, duration_ns, status_code
  FROM baton_data.spans_within(since, until)
  SEMI JOIN broken USING (trace_id)
)
SELECT DISTINCT ON (trace_id, span_id)
  trace_id, span_id, parent_span_id, service_name, name, kind,
  to_timestamp((start_time_ns // 1000) / 1e6) AS start_time,
  start_time_ns, duration_ns, status_code,
  kind IN ('SERVER', 'CONSUMER') AS is_remote_entry
FROM span
WHERE parent_span_id IS NOT NULL
  AND NOT EXISTS (FROM span AS parent WHERE parent.trace_id = span.trace_id AND parent.span_id = span.parent_span_id)
ORDER BY trace_id, span_id, start_time_ns;

CREATE OR REPLACE VIEW main.orphan_spans AS FROM main.orphan_spans();
