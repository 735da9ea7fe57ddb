-- service_edges: who calls whom, directly or through a queue.
--
--   caller, callee    services
--   via               NULL for a call, else the queue
--   calls, errors
--   p50_ns, p95_ns, p99_ns   how long the callee took
--   lag_p95_ns        how long messages waited; NULL for a call
--
-- A call is a span whose parent is a span of another service, unless it processes a message: that is a hop.
--
-- Example:
--   SELECT caller, callee, via, calls, p95_ns / 1e6 AS p95_ms FROM service_edges ORDER BY calls DESC;
CREATE OR REPLACE MACRO main.service_edges(since := NULL, until := NULL) AS TABLE
WITH hop AS MATERIALIZED (
  SELECT queue, producer_service, consumer_service, lag_ns, outcome, duration_ns FROM main.hops(since := since, until := until)
), call AS (
  SELECT DISTINCT ON (child.trace_id, child.span_id) parent.service_name AS caller, child.service_name AS callee, child.duration_ns, child.status_code
  FROM (
    SELECT trace_id, span_id, parent_span_id, service_name, duration_ns, status_code
    FROM baton_data.spans_within(since, until)
    WHERE parent_span_id IS NOT NULL AND kind NOT IN ('CLIENT', 'PRODUCER', 'CONSUMER')
  ) AS child
  JOIN baton_data.spans_within(since, until) AS parent
    ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id AND parent.service_name <> child.service_name
), edge AS (
  SELECT caller, callee, NULL AS via, duration_ns, status_code = 'ERROR' AS is_error, NULL::BIGINT AS lag_ns FROM call
  UNION ALL
  SELECT producer_service, consumer_service, queue, duration_ns, outcome = 'failed', lag_ns FROM hop WHERE producer_service IS NOT NULL
)
SELECT
  caller, callee, via,
  count(*) AS calls,
  count(*) FILTER (is_error) AS errors,
  quantile_disc(duration_ns, 0.5) AS p50_ns,
  quantile_disc(duration_ns, 0.95) AS p95_ns,
  quantile_disc(duration_ns, 0.99) AS p99_ns,
  quantile_disc(lag_ns, 0.95) AS lag_p95_ns
FROM edge
GROUP BY caller, callee, via;

CREATE OR REPLACE VIEW main.service_edges AS FROM main.service_edges();
