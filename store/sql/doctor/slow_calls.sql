WITH call AS (
  SELECT trace_id, span_id, parent_span_id, service_name AS service, name, coalesce("server.address", "db.system.name", '') AS peer, duration_ns, attributes
  FROM baton_data.spans_within($since, NULL)
  WHERE kind = 'CLIENT' AND "db.query.text" IS NULL
), slow AS (
  SELECT service, name, peer, count(*) AS calls, quantile_cont(duration_ns, 0.5) AS p50, quantile_cont(duration_ns, 0.95) AS p95,
         arg_max(trace_id, duration_ns) AS trace_id
  FROM call
  GROUP BY service, name, peer
  HAVING p95 > 1e9 OR (p95 > 1e8 AND p95 > 4 * p50)
  ORDER BY p95 * calls DESC
  LIMIT 5
), fact AS (
  SELECT service, name, peer, is_slow, unnest(map_entries(attributes)) AS fact
  FROM (
    SELECT service, name, peer, call.duration_ns > (p50 + p95) / 2 AS is_slow, map_concat(coalesce(parent.attributes, MAP {}), call.attributes) AS attributes
    FROM call JOIN slow USING (service, name, peer)
    LEFT JOIN baton_data.spans_within($since, NULL) AS parent ON parent.trace_id = call.trace_id AND parent.span_id = call.parent_span_id
  )
), telling AS (
  -- What most of the slow ones have, and hardly another.
  SELECT service, name, peer, fact.key || ' = ' || fact.value AS slow_where, count(*) FILTER (is_slow) AS slow_ones
  FROM fact
  GROUP BY service, name, peer, slow_where
  HAVING slow_ones >= 5 AND slow_ones >= 0.9 * count(*)
)
SELECT service, name, peer, calls, round(p50 / 1e6, 1) AS p50_ms, round(p95 / 1e6, 1) AS p95_ms, slow_where, slow.trace_id
FROM slow LEFT JOIN (
  SELECT service, name, peer, arg_max(slow_where, (slow_ones, slow_where)) AS slow_where FROM telling GROUP BY service, name, peer
) USING (service, name, peer)
ORDER BY p95 * calls DESC
