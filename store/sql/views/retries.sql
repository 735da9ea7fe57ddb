-- retries: one row for each message that was delivered more than once, redrives out of a dead-letter queue included.
--
--   queue, system, message_id   of the first delivery
--   deliveries       how many there were, also those without a span, as far as receive counts tell
--   failures         known deliveries that failed
--   redrives         how often it came back under a new message id
--   first_received_time, last_received_time, took_ns   took_ns: from the first delivery to the last
--   outcome          of the last delivery
--   error            of the last delivery that failed
--   producer_trace_id, producer_span_id, producer_service
--   consumer_trace_id, consumer_span_id, consumer_service   the last delivery that failed, else the last
--
-- Example:
--   SELECT queue, message_id, deliveries, outcome, error FROM retries ORDER BY deliveries DESC LIMIT 10;
CREATE OR REPLACE MACRO main.retries(since := NULL, until := NULL) AS TABLE
SELECT
  queue, system, message_id, deliveries, failures, redrives, first_received_time, last_received_time,
  (epoch_us(last_received_time) - epoch_us(first_received_time)) * 1000 AS took_ns,
  outcome, error,
  producer.trace_id AS producer_trace_id, producer.span_id AS producer_span_id, producer.service AS producer_service,
  consumer.trace_id AS consumer_trace_id, consumer.span_id AS consumer_span_id, consumer.service AS consumer_service
FROM baton_data.chains(since, until)
WHERE deliveries > 1;

CREATE OR REPLACE VIEW main.retries AS FROM main.retries();
