-- error_group(text): what an error is about, without the ids, addresses and numbers that make each one different.
--
-- Example:
--   SELECT error_group('550 mailbox unavailable: user7@bounce.example after 3 tries');
CREATE OR REPLACE MACRO main.error_group(text) AS
  trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(split_part(text, E'\n', 1),
    '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+', '…@…', 'g'),
    '\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b', '…', 'g'),
    '\b[A-Za-z_]*[0-9a-fA-F]{12,}\b', '…', 'g'),
    '\b[0-9]{4,}\b', '…', 'g'));
