SELECT service_name AS service, statement, parent_name AS within, max(repeats) AS most, count(*) AS times,
       round(sum(total_ns) / 1e6, 1) AS total_ms, arg_max(trace_id, repeats) AS trace_id
FROM n_plus_one(since := $since)
WHERE NOT concurrent
GROUP BY service_name, statement, parent_name
HAVING max(repeats) >= 5
ORDER BY total_ms DESC
LIMIT 5
