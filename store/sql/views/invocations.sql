-- invocations: one row for each invocation of a function, whatever recorded it: an SDK in the function, Baton's layer, or both.
--
--   request_id, function
--   start_time, start_time_ns, duration_ns
--   cold_start
--   init_ns, billed_ns, memory_mb, max_memory_mb   what the platform reported; NULL where nobody passed it on
--   outcome     `ok`, `error`, `timeout`, `out_of_memory` or `crash`
--   error       the message, or the type, of what went wrong
--   trigger     `http`, `pubsub`, `timer`, `datasource` or `other`
--   trace_id, span_id   the span of the invocation: of several the outermost
--
-- Example:
--   SELECT function, count(*) AS invocations, count(*) FILTER (cold_start) AS cold_starts FROM invocations GROUP BY function;
CREATE OR REPLACE MACRO main.invocations(since := NULL, until := NULL) AS TABLE
WITH reported AS (
  SELECT
    trace_id, span_id, service_name, start_time_ns, duration_ns, status_code, status_message,
    "faas.invocation_id" AS request_id, "faas.name" AS faas_name, "faas.coldstart" AS cold_start, "faas.trigger" AS trigger, "error.type" AS error_type,
    TRY_CAST(attributes['baton.init_ms'] AS DOUBLE) AS init_ms,
    TRY_CAST(attributes['baton.billed_ms'] AS DOUBLE) AS billed_ms,
    TRY_CAST(attributes['baton.max_memory_mb'] AS BIGINT) AS max_memory_mb,
    coalesce(
      TRY_CAST(attributes['baton.memory_mb'] AS BIGINT),
      TRY_CAST(coalesce(resource_attributes['faas.max_memory'], attributes['faas.max_memory']) AS BIGINT) // 1048576
    ) AS memory_mb,
    CASE
      WHEN attributes['baton.invocation_outcome'] IN ('ok', 'error', 'timeout', 'out_of_memory', 'crash') THEN attributes['baton.invocation_outcome']
      WHEN regexp_matches(concat_ws(' ', "error.type", status_message), '(?i)out.?of.?memory|signal: killed') THEN 'out_of_memory'
      WHEN regexp_matches(concat_ws(' ', "error.type", status_message), '(?i)task timed out|sandbox.timedout|^timeout|function.?timeout') THEN 'timeout'
      WHEN regexp_matches("error.type", '(?i)runtime\.exiterror|extension\.crash|extension\.exit|runtime\.crash') THEN 'crash'
      WHEN status_code = 'ERROR' THEN 'error'
    END AS outcome
  FROM baton_data.spans_within(since, until)
  WHERE "faas.invocation_id" IS NOT NULL
)
SELECT
  request_id,
  coalesce(max(faas_name), arg_min(service_name, (start_time_ns, -duration_ns, span_id))) AS function,
  to_timestamp((min(start_time_ns) // 1000) / 1e6) AS start_time,
  min(start_time_ns) AS start_time_ns,
  max(start_time_ns + duration_ns) - min(start_time_ns) AS duration_ns,
  coalesce(bool_or(cold_start), false) AS cold_start,
  (max(init_ms) * 1000000)::BIGINT AS init_ns,
  (max(billed_ms) * 1000000)::BIGINT AS billed_ns,
  max(memory_mb) AS memory_mb,
  max(max_memory_mb) AS max_memory_mb,
  -- The platform knows more than the function: what killed it says so over what it said itself.
  coalesce(arg_max(outcome, CASE outcome WHEN 'out_of_memory' THEN 4 WHEN 'timeout' THEN 3 WHEN 'crash' THEN 2 WHEN 'error' THEN 1 ELSE 0 END) FILTER (outcome IS NOT NULL), 'ok') AS outcome,
  coalesce(
    nullif(arg_min(status_message, (start_time_ns, span_id)) FILTER (status_code = 'ERROR' AND status_message <> ''), ''),
    min(error_type) FILTER (status_code = 'ERROR')
  ) AS error,
  max(trigger) AS trigger,
  arg_min(trace_id, (start_time_ns, -duration_ns, span_id, trace_id)) AS trace_id,
  arg_min(span_id, (start_time_ns, -duration_ns, span_id, trace_id)) AS span_id
FROM reported
GROUP BY request_id;

CREATE OR REPLACE VIEW main.invocations AS FROM main.invocations();
