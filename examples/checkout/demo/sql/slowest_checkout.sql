-- The checkout that took longest until its last span in the trace of its HTTP request ended.
SELECT trace_id, max(start_time_ns + duration_ns) - min(start_time_ns) AS took_ns
FROM spans
GROUP BY trace_id
HAVING bool_or(name = 'checkout.process')
ORDER BY took_ns DESC
LIMIT 1
