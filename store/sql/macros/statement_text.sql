-- baton_data.statement_text(text): a statement without its literals and with single blanks, so that those that differ in values alone are the same.
--
-- Example:
--   SELECT baton_data.statement_text('SELECT * FROM stock  WHERE sku = ''A-1'' AND id IN (1, 2)');
CREATE OR REPLACE MACRO baton_data.statement_text(statement) AS
  trim(regexp_replace(
    regexp_replace(
      regexp_replace(statement, '''(?:[^'']|'''')*''|\$[0-9]+|%s|\b[0-9]+(?:\.[0-9]+)?\b', '?', 'g'),
      '\((?:\s*\?\s*,)+\s*\?\s*\)', '(?)', 'g'),
    '\s+', ' ', 'g'));
