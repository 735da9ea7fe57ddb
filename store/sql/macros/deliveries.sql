-- baton_data.deliveries(since, until): every consumer span that processes one message. `hops` and `waterfall` are built on it.
--
-- One row for each span, so a delivery that both an SDK and the layer recorded stands here twice. The span of a batch
-- invocation (`messaging.batch.message_count` above 1) is no delivery: its children, one for each message, are.
--
--   queue, system, message_id, receive_count, batch_size, outcome   as in `hops`; NULL where the span does not say
--   dead_letter_source   the queue that gave the message up, where this one is a dead-letter queue
--   sent_time_ns, start_time_ns, end_time_ns
--   links     where the message came from, unless it came from the parent
--
-- Example:
--   SELECT queue, message_id, receive_count FROM baton_data.deliveries(NULL, NULL) ORDER BY start_time_ns LIMIT 10;
CREATE OR REPLACE MACRO baton_data.deliveries(since, until) AS TABLE
SELECT
  trace_id,
  span_id,
  parent_span_id,
  service_name,
  start_time_ns,
  start_time_ns + duration_ns AS end_time_ns,
  status_code,
  status_message,
  main.queue_name(coalesce(
    "messaging.destination.name", attributes['aws.sqs.queue.url'], attributes['messaging.url'], attributes['aws.sns.topic.arn']
  )) AS queue,
  "messaging.system" AS system,
  "messaging.message.id" AS message_id,
  TRY_CAST(TRY_CAST(attributes['baton.sent_time_ms'] AS BIGINT)::HUGEINT * 1000000 AS BIGINT) AS sent_time_ns,
  TRY_CAST(attributes['baton.receive_count'] AS BIGINT) AS receive_count,
  "messaging.batch.message_count" AS batch_size,
  attributes['baton.outcome'] AS outcome,
  main.queue_name(attributes['baton.dead_letter_source']) AS dead_letter_source,
  links
FROM baton_data.spans_within(since, until)
WHERE kind = 'CONSUMER'
  AND coalesce("messaging.operation.type", 'process') = 'process'
  AND coalesce("messaging.batch.message_count", 1) <= 1
  AND coalesce("messaging.system", "messaging.destination.name") IS NOT NULL;
