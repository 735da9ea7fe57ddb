-- baton_data.spans_within(since, until): the spans that started in a window; NULL leaves a side open.
--
-- Every view is worked out from it, so a window cuts before anything is joined: `hops(since := …)` knows no span that began earlier.
--
-- Example:
--   SELECT count(*) FROM baton_data.spans_within('2026-11-22 15:00:00Z', NULL);
CREATE OR REPLACE MACRO baton_data.spans_within(since, until) AS TABLE
SELECT *
FROM main.spans
-- Beyond 1677 and 2262 there are no nanoseconds in 64 bits.
WHERE (since IS NULL OR start_time_ns >= least(greatest(epoch_us(since::TIMESTAMPTZ), -9223372036854775), 9223372036854775) * 1000)
  AND (until IS NULL OR start_time_ns < least(greatest(epoch_us(until::TIMESTAMPTZ), -9223372036854775), 9223372036854775) * 1000);

-- spans(since := …, until := …): the same for people.
CREATE OR REPLACE MACRO main.spans(since := NULL, until := NULL) AS TABLE FROM baton_data.spans_within(since, until);
