-- Mails that were tried, never with success.
SELECT attributes['order.id'] AS order_id, attributes['user.id'] AS user_id,
       count(*) AS tries, max(status_message) AS reason
FROM spans
WHERE name = 'notification.send_email'
GROUP BY ALL
HAVING bool_and(status_code = 'ERROR')
ORDER BY order_id
