-- How many spans the store holds, and how many of them twice.
SELECT count(*) AS stored, count(*) - count(DISTINCT (trace_id, span_id)) AS duplicates FROM spans
