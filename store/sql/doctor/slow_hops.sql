SELECT queue, any_value(consumer_service) AS service, count(*) AS deliveries,
       round(quantile_cont(lag_ns, 0.5) / 1e9, 2) AS wait_p50_s, round(quantile_cont(lag_ns, 0.95) / 1e9, 2) AS wait_p95_s,
       round(quantile_cont(duration_ns, 0.95) / 1e6, 1) AS work_p95_ms, arg_max(consumer_trace_id, lag_ns) AS trace_id
FROM hops(since := $since)
-- A message that is delivered again waited for its first try as well.
WHERE coalesce(receive_count, 1) = 1
GROUP BY queue
HAVING wait_p95_s > 1
ORDER BY wait_p95_s DESC
LIMIT 5
