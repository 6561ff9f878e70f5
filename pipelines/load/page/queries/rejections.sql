SELECT coalesce(reason_code, '') AS reason_code, count(*) AS count, left(min(path), $width) AS example
FROM source_file WHERE status = 'rejected' GROUP BY ALL ORDER BY count DESC, reason_code LIMIT $limit
