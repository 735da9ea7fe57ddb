SELECT queue, error_group(error) AS cause, count(*) AS messages, max(deliveries) AS most_deliveries,
       any_value(consumer_service) AS service, arg_max(consumer_trace_id, last_received_time) AS trace_id
FROM dead_letters(since := $since)
GROUP BY queue, cause
ORDER BY messages DESC
LIMIT 5
