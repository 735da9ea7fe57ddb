-- trace(id): the spans of one trace, in order of start, with the columns of `spans`.
--
-- Example:
--   SELECT service_name, name, duration_ns FROM trace('5b8efff798038103d269b633813fc60c');
CREATE OR REPLACE MACRO main.trace(id) AS TABLE
SELECT * FROM main.spans WHERE trace_id = baton_data.hex_id(id) ORDER BY start_time_ns, span_id;
