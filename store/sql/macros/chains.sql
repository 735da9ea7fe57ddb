-- baton_data.chains(since, until): one row for each message with all of its deliveries, over dead-letter queues and redrives.
--
-- Deliveries are of one message when they carry the same message id. A redrive out of a dead-letter queue makes a new message id: then
-- the span that sent the message, if it sent one alone, tells that it is the same.
--
--   queue         where it was first delivered; system, message_id of that delivery
--   deliveries    how many are known, or how many the last receive count tells of, in all rounds
--   failures      of the known ones
--   redrives      how often it came back under a new message id
--   dead_letter_queue, dead_letter_source   where it was seen after it was given up, and the queue that gave it up
--   first_received_time, last_received_time, outcome, error   outcome: of the last; error: of the last that failed
--   producer_…, consumer_…   of the first delivery, and of the last that failed, else the last
--
-- Example:
--   SELECT queue, message_id, deliveries, outcome FROM baton_data.chains(NULL, NULL) ORDER BY first_received_time;
CREATE OR REPLACE MACRO baton_data.chains(since, until) AS TABLE
WITH hop AS MATERIALIZED (
  SELECT *, coalesce(message_id, consumer_trace_id || consumer_span_id) AS own_id FROM main.hops(since := since, until := until)
), alone AS (
  -- Contexts of spans that sent one message to one queue.
  SELECT DISTINCT trace_id, span_id
  FROM baton_data.spans_within(since, until)
  WHERE kind = 'PRODUCER' AND coalesce("messaging.batch.message_count", 1) <= 1
), same AS (
  SELECT hop.own_id, first_value(own_id) OVER (
    PARTITION BY producer_trace_id, producer_span_id, queue ORDER BY received_time, own_id) AS first_id
  FROM hop
  JOIN alone ON alone.trace_id = hop.producer_trace_id AND alone.span_id = hop.producer_span_id
  WHERE dead_letter_source IS NULL
), chain_of AS (
  SELECT own_id, min(first_id) AS chain_id FROM same WHERE own_id <> first_id GROUP BY own_id
), placed AS (
  SELECT
    hop.*, coalesce(chain_of.chain_id, hop.own_id) AS chain_id,
    (received_time, coalesce(receive_count, 0), consumer_trace_id, consumer_span_id) AS place
  FROM hop
  LEFT JOIN chain_of USING (own_id)
), counted AS (
  -- A round is one message id in one queue: its receive count starts anew.
  SELECT chain_id, sum(greatest(known, highest))::BIGINT AS deliveries
  FROM (
    SELECT chain_id, queue, own_id, count(*) AS known, coalesce(max(receive_count), 0) AS highest FROM placed GROUP BY ALL
  )
  GROUP BY chain_id
)
SELECT
  coalesce(arg_min(queue, place) FILTER (dead_letter_source IS NULL), arg_min(dead_letter_source, place)) AS queue,
  arg_min(system, place) AS system,
  arg_min(message_id, place) AS message_id,
  any_value(counted.deliveries) AS deliveries,
  count(*) FILTER (outcome = 'failed') AS failures,
  count(DISTINCT own_id) - 1 AS redrives,
  arg_min(queue, place) FILTER (dead_letter_source IS NOT NULL) AS dead_letter_queue,
  arg_min(dead_letter_source, place) AS dead_letter_source,
  min(received_time) AS first_received_time,
  max(received_time) AS last_received_time,
  arg_max(outcome, place) AS outcome,
  arg_max(error, place) FILTER (outcome = 'failed') AS error,
  arg_max(dead_letter_source IS NOT NULL, place) AS ended_in_dead_letter_queue,
  arg_min({'trace_id': producer_trace_id, 'span_id': producer_span_id, 'service': producer_service}, place) AS producer,
  coalesce(
    arg_max({'trace_id': consumer_trace_id, 'span_id': consumer_span_id, 'service': consumer_service}, place) FILTER (outcome = 'failed'),
    arg_max({'trace_id': consumer_trace_id, 'span_id': consumer_span_id, 'service': consumer_service}, place)
  ) AS consumer
FROM placed
JOIN counted USING (chain_id)
GROUP BY chain_id;
