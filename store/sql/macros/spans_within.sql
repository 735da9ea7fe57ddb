-- baton_data.spans_within(since, until): the spans that started in a window; NULL leaves a side open.
--
-- Every view is worked out from it, so a window cuts before anything is joined: `hops(since := …)` knows no span that began earlier.
--
-- Example:
--   SELECT count(*) FROM baton_data.spans_within('2026-11-22 15:00:00Z', NULL);
CREATE OR REPLACE MACRO baton_data.spans_within(since, until) AS TABLE
SELECT *
FROM main.spans
WHERE (since IS NULL OR start_time_ns >= epoch_ns(since::TIMESTAMPTZ))
  AND (until IS NULL OR start_time_ns < epoch_ns(until::TIMESTAMPTZ));
