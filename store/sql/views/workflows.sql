-- workflows: one row for each workflow: a trace that no message led to, with all that followed from it, in whatever trace.
--
--   workflow_id              trace id of the root
--   root_service, root_name  as in `traces`
--   start_time, start_time_ns, duration_ns   from the first start to the last end, waits in queues included
--   wait_ns                  how long at least one of its messages was in a queue: waits at the same time count once
--   trace_count, span_count, error_count
--   message_count            different messages that were delivered
--   services                 sorted, each once
--   complete                 there is a root, and no span waits for a parent that is not here
--
-- A batch adds to a workflow the spans that processed its messages, and what is below them; the invocation around them is
-- nobody's. A link leads somewhere when the span that it names is stored. Traces whose links run in a circle have no root, and no row.
--
-- Example:
--   SELECT workflow_id, root_name, duration_ns / 1e9 AS s, wait_ns / 1e9 AS wait_s FROM workflows ORDER BY duration_ns DESC LIMIT 10;
CREATE OR REPLACE MACRO main.workflows(since := NULL, until := NULL) AS TABLE
WITH RECURSIVE named AS (
  SELECT trace_id, span_id, link.trace_id AS sender_trace_id, link.span_id AS sender_span_id
  FROM (SELECT DISTINCT trace_id, span_id, unnest(links) AS link FROM baton_data.deliveries(since, until))
), link AS MATERIALIZED (
  SELECT DISTINCT trace_id, span_id, sender_trace_id, sender_span_id
  FROM named
  SEMI JOIN baton_data.spans_within(since, until) AS span ON span.trace_id = named.sender_trace_id AND span.span_id = named.sender_span_id
), linked AS MATERIALIZED (
  SELECT DISTINCT trace_id FROM link WHERE sender_trace_id <> trace_id
),
-- Spans of the traces that messages led to. Numbers make the steps below short.
later AS MATERIALIZED (
  SELECT
    row_number() OVER () AS n, trace_id, span_id, any_value(parent_span_id) AS parent_span_id, any_value(service_name) AS service_name,
    min(start_time_ns) AS start_time_ns, max(start_time_ns + duration_ns) AS end_time_ns, bool_or(status_code = 'ERROR') AS is_error
  FROM baton_data.spans_within(since, until)
  SEMI JOIN linked USING (trace_id)
  GROUP BY trace_id, span_id
),
child AS MATERIALIZED (
  SELECT child.n, parent.n AS parent
  FROM later AS child JOIN later AS parent ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
),
arrival AS MATERIALIZED (
  SELECT later.n AS entry, sender.n AS sender, link.sender_trace_id
  FROM link
  JOIN later USING (trace_id, span_id)
  LEFT JOIN later AS sender ON sender.trace_id = link.sender_trace_id AND sender.span_id = link.sender_span_id
),
below AS (
  SELECT DISTINCT entry, entry AS n FROM arrival
  UNION
  SELECT below.entry, child.n FROM below JOIN child ON child.parent = below.n
),
follows AS MATERIALIZED (
  SELECT DISTINCT below.entry AS before, arrival.entry FROM arrival JOIN below ON below.n = arrival.sender WHERE arrival.entry <> below.entry
),
reached AS (
  SELECT DISTINCT sender_trace_id AS workflow_id, entry FROM arrival WHERE sender IS NULL
  UNION
  SELECT reached.workflow_id, follows.entry FROM reached JOIN follows ON follows.before = reached.entry
),
member AS MATERIALIZED (
  SELECT DISTINCT workflow_id, n FROM reached JOIN below USING (entry)
),
gained AS (
  SELECT
    workflow_id,
    count(DISTINCT trace_id) AS trace_count,
    count(*) AS span_count,
    count(*) FILTER (is_error) AS error_count,
    min(start_time_ns) AS start_time_ns,
    max(end_time_ns) AS end_time_ns,
    list(DISTINCT service_name) AS services,
    bool_or(parent_span_id IS NOT NULL AND child.n IS NULL) AS is_broken
  FROM member
  JOIN later USING (n)
  LEFT JOIN child USING (n)
  GROUP BY workflow_id
),
delivery AS MATERIALIZED (
  SELECT
    consumer_trace_id AS trace_id, consumer_span_id AS span_id, queue, coalesce(message_id, consumer_trace_id || consumer_span_id) AS message_key,
    epoch_us(received_time) * 1000 AS received_ns, lag_ns
  FROM main.hops(since := since, until := until)
),
delivered AS (
  SELECT trace_id AS workflow_id, queue, message_key, received_ns, lag_ns FROM delivery ANTI JOIN linked USING (trace_id)
  UNION ALL
  SELECT workflow_id, queue, message_key, received_ns, lag_ns
  FROM delivery JOIN later USING (trace_id, span_id) JOIN member USING (n)
),
wait AS (
  SELECT
    *,
    max(received_ns) FILTER (lag_ns IS NOT NULL) OVER (
      PARTITION BY workflow_id ORDER BY received_ns - lag_ns NULLS FIRST, received_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS seen_ns
  FROM delivered
),
waited AS (
  SELECT
    workflow_id, count(DISTINCT (queue, message_key)) AS message_count,
    sum(greatest(received_ns - greatest(received_ns - lag_ns, coalesce(seen_ns, received_ns - lag_ns)), 0)) FILTER (lag_ns IS NOT NULL) AS wait_ns
  FROM wait
  GROUP BY workflow_id
)
SELECT
  trace.trace_id AS workflow_id,
  root_service,
  root_name,
  to_timestamp((least(trace.start_time_ns, gained.start_time_ns) // 1000) / 1e6) AS start_time,
  least(trace.start_time_ns, gained.start_time_ns) AS start_time_ns,
  greatest(trace.start_time_ns + trace.duration_ns, gained.end_time_ns) - least(trace.start_time_ns, gained.start_time_ns) AS duration_ns,
  coalesce(wait_ns, 0)::BIGINT AS wait_ns,
  1 + coalesce(gained.trace_count, 0) AS trace_count,
  trace.span_count + coalesce(gained.span_count, 0) AS span_count,
  trace.error_count + coalesce(gained.error_count, 0) AS error_count,
  coalesce(message_count, 0) AS message_count,
  CASE WHEN gained.services IS NULL THEN trace.services ELSE list_sort(list_distinct(list_concat(trace.services, gained.services))) END AS services,
  trace.complete AND is_broken IS NOT TRUE AS complete
FROM main.traces(since := since, until := until) AS trace
ANTI JOIN linked USING (trace_id)
LEFT JOIN gained ON gained.workflow_id = trace.trace_id
LEFT JOIN waited ON waited.workflow_id = trace.trace_id;

CREATE OR REPLACE VIEW main.workflows AS FROM main.workflows();
