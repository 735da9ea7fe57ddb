-- queue_name(text): the name at the end of a queue URL or an ARN; a plain name stays as it is.
--
-- Example:
--   SELECT queue_name('https://sqs.eu-central-1.amazonaws.com/123456789012/orders');
CREATE OR REPLACE MACRO main.queue_name(destination) AS
  CASE
    WHEN destination LIKE 'arn:%' THEN split_part(destination, ':', -1)
    WHEN contains(destination, '://') THEN split_part(rtrim(destination, '/'), '/', -1)
    ELSE destination
  END;
