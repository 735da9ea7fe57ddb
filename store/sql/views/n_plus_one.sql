-- n_plus_one: a database statement that ran three times or more within one span, values left out.
--
--   trace_id, parent_span_id   the span that asked again and again
--   service_name, parent_name
--   statement      without its literals
--   repeats, total_ns
--   concurrent     some of them ran at the same time: then it may be a fan-out on purpose
--   start_time     of the first
--
-- Example:
--   SELECT statement, service_name, count(*) AS places, max(repeats) AS most FROM n_plus_one GROUP BY ALL ORDER BY places DESC;
CREATE OR REPLACE MACRO main.n_plus_one(since := NULL, until := NULL) AS TABLE
WITH call AS (
  SELECT
    trace_id, parent_span_id, span_id, service_name, start_time_ns, duration_ns,
    coalesce(nullif("db.query.text", ''), name) AS raw
  FROM baton_data.spans_within(since, until)
  WHERE parent_span_id IS NOT NULL AND kind IN ('CLIENT', 'INTERNAL') AND ("db.query.text" IS NOT NULL OR "db.system.name" IS NOT NULL)
), busy AS (
  -- Most spans ask twice at most: those go before anything is looked at closely.
  SELECT hash(trace_id, parent_span_id) AS key FROM call GROUP BY key HAVING count(*) >= 3
), near AS MATERIALIZED (
  SELECT call.* FROM call SEMI JOIN busy ON busy.key = hash(call.trace_id, call.parent_span_id)
), text AS MATERIALIZED (
  SELECT raw, baton_data.statement_text(raw) AS statement FROM (SELECT DISTINCT raw FROM near)
), repeated AS (
  SELECT
    trace_id, parent_span_id, any_value(service_name) AS service_name, statement,
    list_unique(list(span_id))::BIGINT AS repeats,
    list_sort(list_distinct(list({'start': start_time_ns, 'end': start_time_ns + duration_ns, 'span_id': span_id}))) AS runs
  FROM near
  JOIN text USING (raw)
  GROUP BY trace_id, parent_span_id, statement
  HAVING count(*) >= 3
), parent AS (
  SELECT trace_id, span_id, any_value(name) AS name
  FROM baton_data.spans_within(since, until)
  WHERE hash(trace_id, span_id) IN (SELECT hash(trace_id, parent_span_id) FROM repeated)
  GROUP BY trace_id, span_id
)
SELECT
  repeated.trace_id, repeated.parent_span_id, service_name, parent.name AS parent_name, statement, repeats,
  list_sum(list_transform(runs, lambda run: run."end" - run.start))::BIGINT AS total_ns,
  -- In order of start: if any began while another ran, then one did so while the one before it ran.
  len(list_filter(list_zip(runs[2:], runs, true), lambda pair: pair[1].start < pair[2]."end")) > 0 AS concurrent,
  to_timestamp((runs[1].start // 1000) / 1e6) AS start_time
FROM repeated
LEFT JOIN parent ON parent.trace_id = repeated.trace_id AND parent.span_id = repeated.parent_span_id
WHERE repeats >= 3;

CREATE OR REPLACE VIEW main.n_plus_one AS FROM main.n_plus_one();
