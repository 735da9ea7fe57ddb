-- dead_letters: one row for each message that was given up: its last known delivery failed, or it was taken out of a dead-letter queue.
--
--   queue, system, message_id   where it was first delivered
--   dead_letter_queue    where it was seen afterwards; NULL where nobody that is traced read that queue
--   evidence             `dead_letter_queue`, or `last_delivery_failed`: then it is dead unless it is delivered again
--   deliveries, failures
--   first_received_time, last_received_time
--   error                the cause, of the last delivery that failed
--   producer_trace_id, producer_span_id, producer_service
--   consumer_trace_id, consumer_span_id, consumer_service   the last delivery that failed, else the last
--
-- A message that was redriven and then processed is none: it stands in `retries`.
--
-- Example:
--   SELECT queue, error, count(*) AS messages FROM dead_letters GROUP BY ALL
--   UNION ALL SELECT 'all', NULL, count(*) FROM dead_letters;
CREATE OR REPLACE MACRO main.dead_letters(since := NULL, until := NULL) AS TABLE
SELECT
  queue, system, message_id, dead_letter_queue,
  CASE WHEN ended_in_dead_letter_queue THEN 'dead_letter_queue' ELSE 'last_delivery_failed' END AS evidence,
  deliveries, failures, first_received_time, last_received_time, error,
  producer.trace_id AS producer_trace_id, producer.span_id AS producer_span_id, producer.service AS producer_service,
  consumer.trace_id AS consumer_trace_id, consumer.span_id AS consumer_span_id, consumer.service AS consumer_service
FROM baton_data.chains(since, until)
WHERE ended_in_dead_letter_queue OR outcome = 'failed';

CREATE OR REPLACE VIEW main.dead_letters AS FROM main.dead_letters();
