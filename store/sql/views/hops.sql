-- hops: one row for each delivery of a message, from the span that sent it to the span that processed it.
--
--   queue, system, message_id
--   sent_time         from `baton.sent_time_ms`, else the end of the producer's span
--   received_time     when its processing began
--   lag_ns            the wait between them; 0 where clocks disagree, NULL where nobody knows when it was sent
--   receive_count     1 at the first delivery
--   batch_size        how many messages the invocation was given
--   outcome           `ok` or `failed`
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
CREATE OR REPLACE VIEW main.hops AS
WITH candidate AS (
  SELECT
    trace_id, span_id, service_name, start_time_ns, end_time_ns, unnest(senders) AS sender, generate_subscripts(senders, 1) AS position
  FROM baton_data.deliveries
), resolved AS (
  SELECT
    candidate.trace_id, candidate.span_id, sender, position,
    span.service_name AS sender_service, span.kind = 'PRODUCER' AS is_producer, span.start_time_ns + span.duration_ns AS sender_end_ns,
    CASE WHEN NOT sender.by_link THEN TRY_CAST(span.attributes['messaging.batch.message_count'] AS BIGINT) END AS batch_size,
    -- A parent that runs around this span, in the same service, belongs to the delivery: the invocation, or the layer's span.
    (NOT sender.by_link AND span.kind <> 'PRODUCER' AND span.service_name = candidate.service_name
      AND span.start_time_ns <= candidate.start_time_ns AND span.start_time_ns + span.duration_ns >= candidate.end_time_ns) IS TRUE AS is_local
  FROM candidate
  LEFT JOIN baton_data.spans AS span ON span.trace_id = sender.trace_id AND span.span_id = sender.span_id
), sender AS (
  SELECT
    trace_id, span_id, max(batch_size) AS batch_size,
    arg_min(
      {'trace_id': sender.trace_id, 'span_id': sender.span_id, 'service': sender_service, 'end_ns': CASE WHEN is_producer THEN sender_end_ns END,
       'rank': (is_producer IS NOT TRUE, NOT sender.by_link, sender_service IS NULL)},
      (is_producer IS NOT TRUE, position)
    ) FILTER (NOT is_local) AS sender
  FROM resolved
  GROUP BY trace_id, span_id
), ordered AS (
  SELECT
    delivery.*, coalesce(delivery.message_id, trace_id || span_id) AS message_key, sender.sender, sender.batch_size AS parent_batch_size
  FROM baton_data.deliveries AS delivery
  LEFT JOIN sender USING (trace_id, span_id)
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
    any_value(attempt) AS receive_count,
    coalesce(max(batch_size), max(parent_batch_size), 1) AS batch_size,
    coalesce(arg_min(outcome, preference), CASE WHEN bool_or(status_code = 'ERROR') THEN 'failed' ELSE 'ok' END) AS outcome,
    arg_min(sender, (sender.rank, start_time_ns, trace_id, span_id)) FILTER (sender IS NOT NULL) AS sender,
    arg_min({'trace_id': trace_id, 'span_id': span_id, 'service': service_name}, preference) AS consumer
  FROM keyed
  -- Without any receive count, spans that do not overlap are different deliveries.
  GROUP BY queue, message_key, coalesce(attempt, -run)
)
SELECT
  queue,
  system,
  message_id,
  to_timestamp((sent_time_ns // 1000) / 1e6) AS sent_time,
  to_timestamp((received_time_ns // 1000) / 1e6) AS received_time,
  -- `greatest` leaves a NULL out, and an unknown wait is none of 0.
  CASE WHEN sent_time_ns IS NOT NULL THEN greatest(received_time_ns - sent_time_ns, 0) END AS lag_ns,
  receive_count,
  batch_size,
  outcome,
  sender.trace_id AS producer_trace_id,
  sender.span_id AS producer_span_id,
  sender.service AS producer_service,
  consumer.trace_id AS consumer_trace_id,
  consumer.span_id AS consumer_span_id,
  consumer.service AS consumer_service
FROM hop;
