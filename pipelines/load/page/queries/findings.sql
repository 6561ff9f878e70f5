SELECT stage, reason_code, severity, count(*) AS count, left(min(message), $width) AS example
FROM finding WHERE reason_code <> 'identity_broken' GROUP BY stage, reason_code, severity
ORDER BY list_position(['error', 'warn', 'info'], severity), count DESC, stage, reason_code LIMIT $limit
