-- waterfall(id, across := true): everything that happened downstream of a trace, as a tree, with the waits in queues.
--
-- It holds the trace and, through the links of messages, what other traces did because of it. Of a batch it takes the span
-- that processed this workflow's message, with what is below, and, marked `shared`, the invocation around it, which also
-- worked for others. With `across := false` it stays within the trace.
--
--   position       1, 2, …: depth-first, siblings by start
--   depth          0 at a root. A span hangs under its parent, else under the span that its link leads to
--   kind_of_row    `span` or `wait`. A wait stands before the span that ended it; its name is `wait <queue>`
--   trace_id, span_id, parent_span_id   of a wait: the consumer's trace, NULL, and the sender's span
--   service_name, name, kind
--   start_time_ns, duration_ns          of a wait: from the time of sending, and the lag
--   offset_ns      from the first start in the answer
--   status_code, status_message
--   error          what failed, in words, where the status is ERROR
--   queue, message_id, receive_count    of waits and of messaging spans
--   statement      the text of a database call
--   peer           the host that a CLIENT span called
--   shared, linked, in the sense above; linked: a message's link led here
--
-- Spans in a parent cycle, and those deeper than 400, stand as roots of their own: bad data is shown, and it ends.
--
-- Example:
--   SELECT depth, service_name, name, offset_ns, duration_ns FROM waterfall('5b8efff798038103d269b633813fc60c');
CREATE OR REPLACE MACRO main.waterfall(id, across := true) AS TABLE
WITH RECURSIVE wanted AS MATERIALIZED (
  SELECT baton_data.hex_id(id) AS trace_id
),
-- Which trace a message led to, whatever the spans are.
led AS MATERIALIZED (
  SELECT trace_id, link.trace_id AS sender_trace_id
  FROM (SELECT trace_id, unnest(links) AS link FROM main.spans WHERE across AND kind = 'CONSUMER' AND len(links) > 0)
),
-- More traces than are needed: a batch leads to all its messages' traces. What follows works on their spans alone.
near AS (
  SELECT trace_id FROM wanted
  UNION
  SELECT led.trace_id FROM near JOIN led ON led.sender_trace_id = near.trace_id
),
-- Found by narrow columns first. Their times then keep the wide ones of other hours from being read.
known AS MATERIALIZED (
  SELECT trace_id, span_id, min(start_time_ns) AS start_time_ns FROM main.spans WHERE trace_id IN (SELECT trace_id FROM near) GROUP BY trace_id, span_id
),
span AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY start_time_ns, trace_id, span_id)::INTEGER AS n, *
  FROM (
    SELECT DISTINCT ON (trace_id, span_id)
      trace_id, span_id, parent_span_id, service_name, name, kind, start_time_ns, duration_ns, status_code, status_message, attributes, events
    FROM main.spans JOIN known USING (start_time_ns, trace_id, span_id)
  )
),
arrived AS MATERIALIZED (
  SELECT DISTINCT ON (trace_id, span_id) * FROM baton_data.deliveries(NULL, NULL) JOIN known USING (start_time_ns, trace_id, span_id)
),
link AS MATERIALIZED (
  SELECT trace_id, span_id, link.trace_id AS sender_trace_id, link.span_id AS sender_span_id
  FROM (SELECT trace_id, span_id, unnest(links) AS link FROM arrived)
  WHERE across
),
edge AS MATERIALIZED (
  SELECT child.n AS child, parent.n AS parent, false AS by_link
  FROM span AS child JOIN span AS parent ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
  WHERE child.n <> parent.n
  UNION
  SELECT child.n, parent.n, true
  FROM link
  JOIN span AS child ON child.trace_id = link.trace_id AND child.span_id = link.span_id
  JOIN span AS parent ON parent.trace_id = link.sender_trace_id AND parent.span_id = link.sender_span_id
  WHERE child.n <> parent.n
),
reached AS (
  SELECT n FROM span WHERE trace_id = (SELECT trace_id FROM wanted)
  UNION
  SELECT edge.child FROM reached JOIN edge ON edge.parent = reached.n
),
-- What stands above a reached span without being reached: the invocation of a batch, with the message that led to it.
above AS (
  SELECT edge.parent AS n, edge.child AS entry
  FROM edge JOIN reached ON reached.n = edge.child
  WHERE NOT edge.by_link AND edge.parent NOT IN (SELECT n FROM reached)
  UNION
  SELECT edge.parent, above.entry FROM above JOIN edge ON edge.child = above.n WHERE NOT edge.by_link
),
node AS MATERIALIZED (
  SELECT n, false AS shared, n AS entry FROM reached
  UNION ALL
  SELECT n, true, min(entry) FROM above GROUP BY n
),
claim AS (
  -- Where a link of its own leads, a shared span does not belong: then it would be reached.
  SELECT node.n, edge.parent, edge.by_link FROM node JOIN edge ON edge.child = node.n WHERE NOT (node.shared AND edge.by_link)
  UNION ALL
  SELECT node.n, edge.parent, true FROM node JOIN edge ON edge.child = node.entry WHERE node.shared AND edge.by_link
),
-- The one place of each span in the tree. The trace that was asked for never hangs under a link: it is the root.
place AS MATERIALIZED (
  SELECT
    node.n, any_value(node.shared) AS shared, any_value(node.entry) AS entry,
    bool_or(claim.by_link) AND NOT any_value(node.shared) AND any_value(span.trace_id <> wanted.trace_id) IS TRUE AS linked,
    coalesce(
      min(claim.parent) FILTER (NOT claim.by_link),
      min(claim.parent) FILTER (claim.by_link AND span.trace_id <> wanted.trace_id)
    ) AS parent
  FROM node
  JOIN span ON span.n = node.n
  CROSS JOIN wanted
  LEFT JOIN (SELECT * FROM claim WHERE parent IN (SELECT n FROM node)) AS claim ON claim.n = node.n
  GROUP BY node.n
),
tree AS (
  SELECT n, 0 AS depth, [n] AS path FROM place WHERE parent IS NULL
  UNION ALL
  SELECT place.n, tree.depth + 1, list_append(tree.path, place.n)
  FROM tree JOIN place ON place.parent = tree.n
  WHERE tree.depth < 400
),
placed AS MATERIALIZED (
  SELECT n, depth, path FROM tree
  UNION ALL
  SELECT n, 0, [n] FROM place WHERE n NOT IN (SELECT n FROM tree)
),
-- Which delivery each span is of: as in `hops`.
counted AS (
  SELECT
    span.n, delivery.*, place.parent, coalesce(message_id, delivery.trace_id || delivery.span_id) AS message_key,
    last_value(receive_count IGNORE NULLS) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_count,
    delivery.start_time_ns > coalesce(max(end_time_ns) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS is_new
  FROM arrived AS delivery
  JOIN span ON span.trace_id = delivery.trace_id AND span.span_id = delivery.span_id
  JOIN place ON place.n = span.n AND NOT place.shared
  WINDOW in_order AS (
    PARTITION BY queue, coalesce(message_id, delivery.trace_id || delivery.span_id) ORDER BY delivery.start_time_ns, receive_count NULLS LAST, span.n)
),
run AS (
  SELECT
    *,
    sum(is_new::INTEGER) OVER (
      PARTITION BY queue, message_key ORDER BY start_time_ns, receive_count NULLS LAST, n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS run
  FROM counted
),
numbered AS (
  SELECT
    *,
    coalesce(last_count, first_value(receive_count IGNORE NULLS) OVER (
      PARTITION BY queue, message_key, run ORDER BY start_time_ns, receive_count NULLS LAST, n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    )) AS attempt
  FROM run
),
delivery AS MATERIALIZED (
  -- The first span of a delivery need not be the one that knows when the message was sent.
  SELECT * REPLACE (min(sent_time_ns) OVER (PARTITION BY queue, message_key, coalesce(attempt, -run)) AS sent_time_ns) FROM numbered
),
-- One wait for each delivery: before its outermost span, or before the invocation of the batch that it led to.
wait AS (
  SELECT
    coalesce(carrier.n, delivery.n) AS n, delivery.trace_id, delivery.service_name, delivery.queue, delivery.message_id, delivery.attempt,
    coalesce(delivery.links[1].span_id, delivery.parent_span_id) AS sender_span_id,
    coalesce(delivery.sent_time_ns, CASE WHEN sender.kind = 'PRODUCER' THEN sender.start_time_ns + sender.duration_ns END) AS sent_time_ns,
    delivery.start_time_ns AS received_time_ns
  FROM delivery
  LEFT JOIN delivery AS around ON around.n = delivery.parent
  LEFT JOIN (SELECT entry, min(n) AS n FROM place WHERE shared GROUP BY entry) AS carrier ON carrier.entry = delivery.n
  LEFT JOIN (SELECT child, min(parent) AS parent FROM edge WHERE by_link GROUP BY child) AS by_link ON by_link.child = delivery.n
  LEFT JOIN span AS sender ON sender.n = coalesce(by_link.parent, delivery.parent)
  WHERE (around.message_id = delivery.message_id AND around.queue IS NOT DISTINCT FROM delivery.queue) IS NOT TRUE
  QUALIFY row_number() OVER (
    PARTITION BY delivery.queue, delivery.message_key, coalesce(delivery.attempt, -delivery.run)
    ORDER BY delivery.start_time_ns, delivery.receive_count NULLS LAST, delivery.n) = 1
),
line AS (
  SELECT
    path, 1 AS rank, depth, 'span' AS kind_of_row, trace_id, span_id, parent_span_id, service_name, name, kind, start_time_ns, duration_ns,
    status_code, status_message,
    CASE WHEN status_code = 'ERROR' THEN coalesce(
      nullif(status_message, ''),
      list_filter(events, lambda event: event.name = 'exception')[1].attributes['exception.message'],
      attributes['error.type']
    ) END AS error,
    main.queue_name(coalesce(attributes['messaging.destination.name'], attributes['messaging.destination'])) AS queue,
    coalesce(attributes['messaging.message.id'], attributes['messaging.message_id']) AS message_id,
    TRY_CAST(attributes['baton.receive_count'] AS BIGINT) AS receive_count,
    coalesce(attributes['db.query.text'], attributes['db.statement']) AS statement,
    CASE WHEN kind = 'CLIENT' THEN coalesce(attributes['server.address'], attributes['net.peer.name']) END AS peer,
    shared, linked
  FROM placed JOIN place USING (n) JOIN span USING (n)
  UNION ALL
  SELECT
    path, 0, depth, 'wait', trace_id, NULL, sender_span_id, service_name, concat('wait ', queue), NULL,
    -- Clocks of two hosts may disagree: then there was no wait that one could know.
    least(sent_time_ns, received_time_ns), greatest(received_time_ns - sent_time_ns, 0),
    'UNSET', '', NULL, queue, message_id, attempt, NULL, NULL, false, false
  FROM wait JOIN placed USING (n)
  WHERE sent_time_ns IS NOT NULL
)
SELECT
  row_number() OVER (ORDER BY path, rank, start_time_ns) AS position,
  depth, kind_of_row, trace_id, span_id, parent_span_id, service_name, name, kind, start_time_ns, duration_ns,
  start_time_ns - min(start_time_ns) OVER () AS offset_ns,
  status_code, status_message, error, queue, message_id, receive_count, statement, peer, shared, linked
FROM line
ORDER BY position;
