-- The same statement, again and again, under one parent span.
SELECT statement, service_name AS service, count(*) AS orders, max(repeats) AS max_repeats,
       round(avg(repeats), 1) AS avg_repeats, round(sum(total_ns) / 1e6, 1) AS total_ms
FROM (
    SELECT trace_id, parent_span_id, service_name, "db.query.text" AS statement,
           count(*) AS repeats, sum(duration_ns) AS total_ns
    FROM spans
    WHERE kind = 'CLIENT' AND "db.query.text" IS NOT NULL
    GROUP BY ALL
    HAVING count(*) > 2
)
GROUP BY ALL
ORDER BY orders DESC
