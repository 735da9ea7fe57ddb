-- hops: one row for each delivery of a message, from the span that sent it to the span that processed it.
--
--   queue, system, message_id
--   sent_time         from `baton.sent_time_ms`, else the end of the producer's span
--   received_time     when its processing began
--   lag_ns            the wait between them; 0 where clocks disagree, NULL where nobody knows when it was sent
--   duration_ns       how long it was processed
--   receive_count     1 at the first delivery
--   batch_size        how many messages the invocation was given
--   outcome           `ok` or `failed`
--   error             the status message, where the span failed
--   dead_letter_source   the queue that gave the message up, where this one is a dead-letter queue
--   producer_…        the PRODUCER span, else the invocation that sent. The ids are what the message carried, so they stand
--                     here also while that span is not stored; then producer_service is NULL. All are NULL for a message
--                     that carried no context
--   consumer_…        the span that processed the message
--
-- Two spans for one delivery (an SDK's and the layer's) are one hop: queue, message id and receive count are its key. A
-- span that knows no receive count belongs to the delivery that began last before it, or with it; if none did, to the
-- next that it overlaps.
--
-- Example:
--   SELECT queue, count(*) AS messages, max(lag_ns) / 1e6 AS max_lag_ms FROM hops GROUP BY queue ORDER BY max_lag_ms DESC;
CREATE OR REPLACE MACRO main.hops(since := NULL, until := NULL) AS TABLE
WITH delivery AS MATERIALIZED (
  SELECT *, row_number() OVER () AS n, coalesce(message_id, trace_id || span_id) AS message_key
  FROM baton_data.deliveries(since, until)
), candidate AS (
  SELECT n, service_name, start_time_ns, end_time_ns, true AS by_link, position, link.trace_id AS sender_trace_id, link.span_id AS sender_span_id
  FROM (SELECT *, unnest(links) AS link, generate_subscripts(links, 1) AS position FROM delivery)
  UNION ALL
  SELECT n, service_name, start_time_ns, end_time_ns, false, 1000000000, trace_id, parent_span_id
  FROM delivery
  WHERE parent_span_id IS NOT NULL
), resolved AS (
  SELECT
    candidate.n, by_link, position, sender_trace_id, sender_span_id,
    span.service_name AS sender_service, span.kind = 'PRODUCER' AS is_producer, span.end_time_ns AS sender_end_ns,
    -- A parent that runs around this span, in the same service, belongs to the delivery: the invocation, or the layer's span.
    (NOT by_link AND span.kind <> 'PRODUCER' AND span.service_name = candidate.service_name
      AND span.start_time_ns <= candidate.start_time_ns AND span.end_time_ns >= candidate.end_time_ns) IS TRUE AS is_local
  FROM candidate
  LEFT JOIN (
    SELECT trace_id, span_id, service_name, kind, start_time_ns, start_time_ns + duration_ns AS end_time_ns
    FROM baton_data.spans_within(since, until)
  ) AS span ON span.trace_id = candidate.sender_trace_id AND span.span_id = candidate.sender_span_id
), sender AS (
  SELECT
    n,
    arg_min(
      {'trace_id': sender_trace_id, 'span_id': sender_span_id, 'service': sender_service, 'end_ns': CASE WHEN is_producer THEN sender_end_ns END,
       'rank': (is_producer IS NOT TRUE, NOT by_link, sender_service IS NULL)},
      (is_producer IS NOT TRUE, position)
    ) AS sender
  FROM resolved
  WHERE NOT is_local
  GROUP BY n
), batch AS (
  SELECT trace_id, span_id, max("messaging.batch.message_count") AS messages
  FROM baton_data.spans_within(since, until)
  WHERE kind = 'CONSUMER' AND "messaging.batch.message_count" > 1
  GROUP BY trace_id, span_id
), known AS MATERIALIZED (
  SELECT delivery.* EXCLUDE (links), sender.sender, batch.messages AS parent_batch_size
  FROM delivery
  LEFT JOIN sender USING (n)
  LEFT JOIN batch ON batch.trace_id = delivery.trace_id AND batch.span_id = delivery.parent_span_id
), several AS MATERIALIZED (
  SELECT queue, message_key FROM known GROUP BY queue, message_key HAVING count(*) > 1
), ordered AS (
  SELECT known.* FROM known JOIN several ON several.message_key = known.message_key AND several.queue IS NOT DISTINCT FROM known.queue
), counted AS (
  -- At the same time the span that knows its count comes first. The ids make the order the same each time.
  SELECT
    *,
    last_value(receive_count IGNORE NULLS) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_count,
    start_time_ns > coalesce(max(end_time_ns) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS is_new
  FROM ordered
  WINDOW in_order AS (PARTITION BY queue, message_key ORDER BY start_time_ns, receive_count NULLS LAST, trace_id, span_id)
), run AS (
  -- Spans that overlap.
  SELECT
    *,
    sum(is_new::INTEGER) OVER (
      PARTITION BY queue, message_key ORDER BY start_time_ns, receive_count NULLS LAST, trace_id, span_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS run
  FROM counted
), keyed AS (
  SELECT
    *,
    coalesce(last_count, first_value(receive_count IGNORE NULLS) OVER (
      PARTITION BY queue, message_key, run ORDER BY start_time_ns, receive_count NULLS LAST, trace_id, span_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    )) AS attempt,
    (outcome IS NULL, -start_time_ns, trace_id, span_id) AS preference
  FROM run
), hop AS (
  SELECT
    queue,
    any_value(system) AS system,
    any_value(message_id) AS message_id,
    coalesce(min(sent_time_ns), min(sender.end_ns)) AS sent_time_ns,
    min(start_time_ns) AS received_time_ns,
    max(end_time_ns) AS end_time_ns,
    any_value(attempt) AS receive_count,
    coalesce(max(batch_size), max(parent_batch_size), 1) AS batch_size,
    coalesce(arg_min(outcome, preference), CASE WHEN bool_or(status_code = 'ERROR') THEN 'failed' ELSE 'ok' END) AS outcome,
    arg_min(status_message, preference) FILTER (status_code = 'ERROR') AS error,
    arg_min(dead_letter_source, preference) AS dead_letter_source,
    arg_min(sender, (sender.rank, start_time_ns, trace_id, span_id)) FILTER (sender IS NOT NULL) AS sender,
    arg_min({'trace_id': trace_id, 'span_id': span_id, 'service': service_name}, preference) AS consumer
  FROM keyed
  -- Without any receive count, spans that do not overlap are different deliveries.
  GROUP BY queue, message_key, coalesce(attempt, -run)
  UNION ALL
  SELECT
    queue, system, message_id, coalesce(sent_time_ns, sender.end_ns), start_time_ns, end_time_ns, receive_count,
    coalesce(batch_size, parent_batch_size, 1),
    coalesce(outcome, CASE WHEN status_code = 'ERROR' THEN 'failed' ELSE 'ok' END),
    CASE WHEN status_code = 'ERROR' THEN status_message END,
    dead_letter_source, sender, {'trace_id': trace_id, 'span_id': span_id, 'service': service_name}
  FROM known
  WHERE NOT EXISTS (FROM several WHERE several.message_key = known.message_key AND several.queue IS NOT DISTINCT FROM known.queue)
)
SELECT
  queue,
  system,
  message_id,
  to_timestamp((sent_time_ns // 1000) / 1e6) AS sent_time,
  to_timestamp((received_time_ns // 1000) / 1e6) AS received_time,
  -- `greatest` leaves a NULL out, and an unknown wait is none of 0.
  CASE WHEN sent_time_ns IS NOT NULL THEN greatest(received_time_ns - sent_time_ns, 0) END AS lag_ns,
  end_time_ns - received_time_ns AS duration_ns,
  receive_count,
  batch_size,
  outcome,
  nullif(error, '') AS error,
  dead_letter_source,
  sender.trace_id AS producer_trace_id,
  sender.span_id AS producer_span_id,
  sender.service AS producer_service,
  consumer.trace_id AS consumer_trace_id,
  consumer.span_id AS consumer_span_id,
  consumer.service AS consumer_service
FROM hop;

CREATE OR REPLACE VIEW main.hops AS FROM main.hops();
