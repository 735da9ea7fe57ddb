-- stuck_messages: every message that was sent and never consumed, as far as spans tell.
--
--   queue, system, message_id
--   sent_time, waited_ns    how long ago that was: until `until`, else until now
--   messages                how many are missing: a span may send many
--   producer_trace_id, producer_span_id, producer_service
--   queue_deliveries        how many deliveries of its queue are known: with 0 its consumer may not be traced at all
--
-- A message counts as consumed when a hop leads back to the span that sent it, or names its queue and its message id.
--
-- Example:
--   SELECT queue, sum(messages) AS messages, max(waited_ns) / 1e9 AS longest_s FROM stuck_messages GROUP BY queue
--   UNION ALL SELECT 'all', count(*), max(waited_ns) / 1e9 FROM stuck_messages;
CREATE OR REPLACE MACRO main.stuck_messages(since := NULL, until := NULL) AS TABLE
WITH sent AS (
  SELECT DISTINCT ON (trace_id, span_id)
    trace_id, span_id, service_name, start_time_ns, start_time_ns + duration_ns AS end_time_ns,
    main.queue_name(coalesce(
      "messaging.destination.name", attributes['aws.sqs.queue.url'], attributes['messaging.url'], attributes['aws.sns.topic.arn']
    )) AS queue,
    "messaging.system" AS system, "messaging.message.id" AS message_id, greatest(coalesce("messaging.batch.message_count", 1), 1) AS batch_size
  FROM baton_data.spans_within(since, until)
  WHERE kind = 'PRODUCER' AND status_code <> 'ERROR' AND coalesce("messaging.system", "messaging.destination.name") IS NOT NULL
  ORDER BY trace_id, span_id, start_time_ns
), hop AS MATERIALIZED (
  SELECT queue, message_id, producer_trace_id, producer_span_id, consumer_trace_id, consumer_span_id FROM main.hops(since := since, until := until)
), by_context AS (
  SELECT producer_trace_id AS trace_id, producer_span_id AS span_id, count(DISTINCT coalesce(message_id, consumer_trace_id || consumer_span_id)) AS consumed
  FROM hop
  WHERE producer_span_id IS NOT NULL
  GROUP BY ALL
), by_queue AS (
  SELECT queue, count(*) AS deliveries FROM hop GROUP BY queue
), missing AS (
  SELECT sent.*, batch_size - coalesce(consumed, 0) AS messages
  FROM sent
  LEFT JOIN by_context USING (trace_id, span_id)
  WHERE batch_size > coalesce(consumed, 0)
)
SELECT
  missing.queue, system, message_id,
  to_timestamp((end_time_ns // 1000) / 1e6) AS sent_time,
  epoch_ns(coalesce(until::TIMESTAMPTZ, now())) - end_time_ns AS waited_ns,
  messages,
  trace_id AS producer_trace_id, span_id AS producer_span_id, service_name AS producer_service,
  coalesce(deliveries, 0) AS queue_deliveries
FROM missing
LEFT JOIN by_queue ON by_queue.queue IS NOT DISTINCT FROM missing.queue
WHERE NOT EXISTS (FROM hop WHERE hop.message_id = missing.message_id AND hop.queue IS NOT DISTINCT FROM missing.queue);

CREATE OR REPLACE VIEW main.stuck_messages AS FROM main.stuck_messages();
