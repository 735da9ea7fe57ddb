WITH hop AS (
  SELECT queue, message_id, lag_ns, received_time, consumer_trace_id, receive_count,
         ntile(4) OVER (PARTITION BY queue ORDER BY received_time) AS quarter
  FROM hops(since := $since)
  WHERE lag_ns IS NOT NULL
), behind AS (
  SELECT queue, count(*) AS deliveries,
         round(quantile_cont(lag_ns, 0.5) FILTER (quarter = 1) / 1e9, 2) AS waited_before_s,
         round(quantile_cont(lag_ns, 0.5) FILTER (quarter = 4) / 1e9, 2) AS waits_now_s,
         arg_max(consumer_trace_id, received_time) AS trace_id
  FROM hop WHERE coalesce(receive_count, 1) = 1 GROUP BY queue
), stuck AS (
  SELECT queue, sum(messages)::BIGINT AS unconsumed, min(sent_time) AS oldest, arg_min(producer_trace_id, sent_time) AS trace_id
  FROM stuck_messages(since := $since) WHERE queue_deliveries > 0 AND waited_ns > 60e9 GROUP BY queue
)
SELECT coalesce(behind.queue, stuck.queue) AS queue, deliveries, waited_before_s, waits_now_s, unconsumed, oldest,
       coalesce(stuck.trace_id, behind.trace_id) AS trace_id
FROM behind FULL JOIN stuck USING (queue)
WHERE unconsumed > 0 OR (deliveries >= 20 AND waits_now_s > 1 AND waits_now_s > 2 * waited_before_s)
ORDER BY unconsumed DESC NULLS LAST, waits_now_s DESC
LIMIT 5
