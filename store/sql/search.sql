WITH hit AS (
  SELECT trace_id, count(DISTINCT span_id) AS matches, max(start_time_ns) AS last_ns
  FROM baton_data.spans_within$window
  WHERE $condition
  GROUP BY trace_id
  ORDER BY last_ns DESC, trace_id
  LIMIT $limit
)
SELECT
  hit.trace_id,
  to_timestamp(min(start_time_ns) // 1000000000) AS start_time,
  coalesce(
    arg_min(concat(service_name, '  ', name), start_time_ns) FILTER (parent_span_id IS NULL),
    arg_min(concat(service_name, '  ', name), start_time_ns)
  ) AS root,
  round((max(start_time_ns + duration_ns) - min(start_time_ns)) / 1e6, 3) AS duration_ms,
  any_value(matches) AS matches,
  count(DISTINCT spans.span_id) FILTER (status_code = 'ERROR') AS errors
FROM hit
JOIN spans ON spans.trace_id = hit.trace_id
GROUP BY hit.trace_id
ORDER BY any_value(last_ns) DESC, hit.trace_id
