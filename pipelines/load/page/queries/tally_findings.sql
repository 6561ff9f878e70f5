SELECT f.batch, stage, reason_code, severity, count(*) AS count, min(message) AS example
FROM finding JOIN tallied_file AS f USING (file_id) WHERE reason_code <> 'identity_broken' GROUP BY ALL
