-- workflow_roots(id): the traces at the start of the workflows that a trace is part of, found by following links back.
--
-- One row for most traces. The trace of a batch belongs to as many workflows as the batch had messages. A trace whose
-- workflow runs in a circle has no root, and no row.
--
-- Example:
--   SELECT trace_id FROM workflow_roots('5b8efff798038103d269b633813fc60c');
CREATE OR REPLACE MACRO main.workflow_roots(id) AS TABLE
WITH RECURSIVE link AS MATERIALIZED (
  SELECT DISTINCT delivery.trace_id, sender.trace_id AS sender_trace_id
  FROM (SELECT trace_id, unnest(links) AS sender FROM baton_data.deliveries(NULL, NULL)) AS delivery
  SEMI JOIN main.spans AS span ON span.trace_id = sender.trace_id AND span.span_id = sender.span_id
  WHERE sender.trace_id <> delivery.trace_id
),
upstream AS (
  SELECT baton_data.hex_id(id) AS trace_id
  UNION
  SELECT link.sender_trace_id FROM upstream JOIN link ON link.trace_id = upstream.trace_id
)
SELECT trace_id FROM upstream ANTI JOIN link USING (trace_id) ORDER BY trace_id;
