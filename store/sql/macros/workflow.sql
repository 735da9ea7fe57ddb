-- workflow(id): the spans of a whole workflow, in order of start, with the columns of `spans` and `shared`.
--
-- Takes any trace id in it. The trace of a batch that served several workflows stands for none of them alone: then the
-- answer is what lies downstream of that trace. `shared` marks the invocation of a batch, which also worked for others.
--
-- Example:
--   SELECT service_name, count(*) AS spans FROM workflow('5b8efff798038103d269b633813fc60c') GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE MACRO main.workflow(id) AS TABLE
SELECT spans.*, line.shared
FROM main.waterfall(coalesce((SELECT CASE WHEN count(*) = 1 THEN min(trace_id) END FROM main.workflow_roots(id)), id)) AS line
JOIN main.spans AS spans
  ON spans.start_time_ns = line.start_time_ns AND spans.trace_id = line.trace_id AND spans.span_id = line.span_id
WHERE line.kind_of_row = 'span'
ORDER BY spans.start_time_ns, spans.span_id;
