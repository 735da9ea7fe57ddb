WITH error AS (
  SELECT trace_id, span_id, parent_span_id, service_name, name, start_time,
         coalesce(nullif(status_message, ''), "error.type", 'HTTP ' || "http.response.status_code", 'no message') AS message
  FROM baton_data.spans_within($since, NULL)
  WHERE status_code = 'ERROR'
)
SELECT service_name AS service, name, error_group(message) AS error, count(*) AS spans, count(DISTINCT trace_id) AS traces,
       max(start_time) AS last_seen, arg_max(trace_id, start_time) AS trace_id
FROM error
-- Where an error began: not the spans above, which it came up through.
WHERE NOT EXISTS (FROM error AS cause WHERE cause.trace_id = error.trace_id AND cause.parent_span_id = error.span_id)
GROUP BY ALL
ORDER BY spans DESC
LIMIT 5
