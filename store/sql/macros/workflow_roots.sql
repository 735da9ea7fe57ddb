-- workflow_roots(id): the traces at the start of the workflows that a trace is part of, found by following links back.
--
-- One row for most traces. The trace of a batch belongs to as many workflows as the batch had messages. A trace whose
-- workflow runs in a circle has no root, and no row.
--
-- Example:
--   SELECT trace_id FROM workflow_roots('5b8efff798038103d269b633813fc60c');
CREATE OR REPLACE MACRO main.workflow_roots(id) AS TABLE
WITH RECURSIVE led AS MATERIALIZED (
  SELECT trace_id, span_id, start_time_ns, link.trace_id AS sender_trace_id, link.span_id AS sender_span_id
  FROM (SELECT trace_id, span_id, start_time_ns, unnest(links) AS link FROM main.spans WHERE kind = 'CONSUMER' AND len(links) > 0)
  WHERE link.trace_id <> trace_id
),
-- Too many: some links may lead to spans that are not stored.
near AS (
  SELECT baton_data.hex_id(id) AS trace_id
  UNION
  SELECT led.sender_trace_id FROM near JOIN led USING (trace_id)
),
known AS MATERIALIZED (
  SELECT trace_id, span_id FROM main.spans WHERE trace_id IN (SELECT trace_id FROM near)
),
link AS MATERIALIZED (
  SELECT DISTINCT led.trace_id, sender_trace_id
  FROM led
  SEMI JOIN near USING (trace_id)
  SEMI JOIN known ON known.trace_id = sender_trace_id AND known.span_id = sender_span_id
  SEMI JOIN baton_data.deliveries(NULL, NULL) AS delivery
    ON delivery.start_time_ns = led.start_time_ns AND delivery.trace_id = led.trace_id AND delivery.span_id = led.span_id
),
upstream AS (
  SELECT baton_data.hex_id(id) AS trace_id
  UNION
  SELECT link.sender_trace_id FROM upstream JOIN link ON link.trace_id = upstream.trace_id
)
SELECT trace_id FROM upstream ANTI JOIN link USING (trace_id) ORDER BY trace_id;
