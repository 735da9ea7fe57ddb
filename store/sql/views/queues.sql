-- queues: one row for each queue.
--
--   queue, system
--   messages             different messages that were delivered
--   deliveries
--   lag_p50_ns, lag_p95_ns, lag_p99_ns   from sending to processing, over its deliveries
--   failures             deliveries that failed
--   retries              deliveries that were not the first of their message
--   dead_letters         messages that were given up
--   unconsumed           messages that were sent and not delivered yet
--   oldest_unconsumed_time   when the oldest of those was sent
--
-- Example:
--   SELECT queue, messages, lag_p95_ns / 1e6 AS lag_p95_ms, failures, dead_letters FROM queues ORDER BY lag_p95_ns DESC;
CREATE OR REPLACE MACRO main.queues(since := NULL, until := NULL) AS TABLE
WITH delivered AS (
  SELECT
    queue, any_value(system) AS system,
    count(DISTINCT coalesce(message_id, consumer_trace_id || consumer_span_id)) AS messages,
    count(*) AS deliveries,
    quantile_disc(lag_ns, 0.5) AS lag_p50_ns,
    quantile_disc(lag_ns, 0.95) AS lag_p95_ns,
    quantile_disc(lag_ns, 0.99) AS lag_p99_ns,
    count(*) FILTER (outcome = 'failed') AS failures
  FROM main.hops(since := since, until := until)
  GROUP BY queue
), dead AS (
  SELECT queue, count(*) AS dead_letters FROM main.dead_letters(since := since, until := until) GROUP BY queue
), waiting AS (
  SELECT queue, any_value(system) AS system, sum(messages)::BIGINT AS unconsumed, min(sent_time) AS oldest_unconsumed_time
  FROM main.stuck_messages(since := since, until := until)
  GROUP BY queue
), name AS (
  SELECT queue FROM delivered UNION SELECT queue FROM waiting UNION SELECT queue FROM dead
)
SELECT
  name.queue,
  coalesce(delivered.system, waiting.system) AS system,
  coalesce(messages, 0) AS messages,
  coalesce(deliveries, 0) AS deliveries,
  lag_p50_ns, lag_p95_ns, lag_p99_ns,
  coalesce(failures, 0) AS failures,
  coalesce(deliveries - messages, 0) AS retries,
  coalesce(dead_letters, 0) AS dead_letters,
  coalesce(unconsumed, 0) AS unconsumed,
  oldest_unconsumed_time
FROM name
LEFT JOIN delivered ON delivered.queue IS NOT DISTINCT FROM name.queue
LEFT JOIN dead ON dead.queue IS NOT DISTINCT FROM name.queue
LEFT JOIN waiting ON waiting.queue IS NOT DISTINCT FROM name.queue;

CREATE OR REPLACE VIEW main.queues AS FROM main.queues();
