SELECT function, outcome, count(*) AS invocations, round(max(duration_ns) / 1e6, 1) AS longest_ms,
       arg_max(error_group(error), start_time) AS error, arg_max(trace_id, start_time) AS trace_id
FROM invocations(since := $since)
WHERE outcome IN ('timeout', 'out_of_memory', 'crash')
GROUP BY function, outcome
ORDER BY invocations DESC
LIMIT 5
