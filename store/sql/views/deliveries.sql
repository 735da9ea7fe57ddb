-- baton_data.deliveries: every consumer span that processes one message. `hops` and `waterfall` are built on it.
--
-- One row for each span, so a delivery that both an SDK and the layer recorded stands here twice. The span of a batch
-- invocation (`messaging.batch.message_count` above 1) is no delivery: its children, one for each message, are.
--
--   queue, system, message_id, receive_count, batch_size, outcome   as in `hops`; NULL where the span does not say
--   sent_time_ns, start_time_ns, end_time_ns
--   senders   where the message may have come from: the links, then the parent
--
-- Example:
--   SELECT queue, message_id, receive_count FROM baton_data.deliveries ORDER BY start_time_ns LIMIT 10;
CREATE OR REPLACE VIEW baton_data.deliveries AS
SELECT
  trace_id,
  span_id,
  parent_span_id,
  service_name,
  start_time_ns,
  start_time_ns + duration_ns AS end_time_ns,
  status_code,
  main.queue_name(coalesce(
    attributes['messaging.destination.name'], attributes['messaging.destination'],
    attributes['aws.sqs.queue.url'], attributes['messaging.url'], attributes['aws.sns.topic.arn']
  )) AS queue,
  attributes['messaging.system'] AS system,
  coalesce(attributes['messaging.message.id'], attributes['messaging.message_id']) AS message_id,
  TRY_CAST(TRY_CAST(attributes['baton.sent_time_ms'] AS BIGINT)::HUGEINT * 1000000 AS BIGINT) AS sent_time_ns,
  TRY_CAST(attributes['baton.receive_count'] AS BIGINT) AS receive_count,
  TRY_CAST(attributes['messaging.batch.message_count'] AS BIGINT) AS batch_size,
  attributes['baton.outcome'] AS outcome,
  list_concat(
    list_transform(links, lambda link: {'trace_id': link.trace_id, 'span_id': link.span_id, 'by_link': true}),
    CASE WHEN parent_span_id IS NOT NULL THEN [{'trace_id': trace_id, 'span_id': parent_span_id, 'by_link': false}] END
  ) AS senders
FROM baton_data.spans
WHERE kind = 'CONSUMER'
  AND coalesce(attributes['messaging.operation.type'], attributes['messaging.operation'], 'process') = 'process'
  AND coalesce(TRY_CAST(attributes['messaging.batch.message_count'] AS BIGINT), 1) <= 1
  AND coalesce(attributes['messaging.system'], attributes['messaging.destination.name'], attributes['messaging.destination']) IS NOT NULL;
