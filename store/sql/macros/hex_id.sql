-- baton_data.hex_id(text): a trace id as the columns hold it. People paste it in upper case, with dashes, or as X-Ray writes it.
--
-- Example:
--   SELECT baton_data.hex_id('1-5B8EFFF7-98038103d269b633813fc60c');
CREATE OR REPLACE MACRO baton_data.hex_id(id) AS
  lower(replace(regexp_replace(id, '^1-([0-9a-fA-F]{8}-[0-9a-fA-F]{24})$', '\1'), '-', ''));
