-- Outgoing HTTP calls, by what their parent span knew about the customer.
SELECT call.service_name AS service, call."server.address" AS provider,
       charge.attributes['payment.card_brand'] AS card_brand, count(*) AS calls,
       count(DISTINCT charge.attributes['user.id']) AS users,
       round(quantile_cont(call.duration_ns, 0.5) / 1e6, 1) AS p50_ms,
       round(quantile_cont(call.duration_ns, 0.95) / 1e6, 1) AS p95_ms
FROM spans AS call
JOIN spans AS charge
  ON charge.trace_id = call.trace_id AND charge.span_id = call.parent_span_id
WHERE call.kind = 'CLIENT' AND call."http.request.method" IS NOT NULL
GROUP BY ALL
ORDER BY p95_ms DESC
