SELECT r.report_id, q.* EXCLUDE (file_id), v.verdict, coalesce(v.is_open, q.status = 'fail') AS is_open
FROM staged_quality AS q JOIN dim_report AS r ON r.file_id = q.file_id
LEFT JOIN reviewed_outcome AS v ON v.file_id = q.file_id AND v.rule_id = q.rule_id AND v.scope = q.scope
