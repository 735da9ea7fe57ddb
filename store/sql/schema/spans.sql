-- baton_data.spans: every span, with the columns of the table. All other views read it.
--
-- While a process of Baton has the store open, its newest spans lie in segments beside the file. Its connections say which, in a
-- variable; for all others the table is everything there is.
CREATE OR REPLACE VIEW baton_data.spans AS
SELECT * FROM query(coalesce(getvariable('baton_spans'), 'FROM baton_data.span_rows'));
