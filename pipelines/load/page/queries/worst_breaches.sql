SELECT q.report_id, q.rule_id, q.scope, u.severity, q.left_value, q.right_value, q.delta, q.note
FROM quality_result AS q JOIN quality_rule AS u USING (rule_id)
WHERE q.is_open AND u.severity <> 'info' AND list_contains($reports, q.report_id)
ORDER BY q.report_id, list_position(['error', 'warn'], u.severity), q.rule_id, q.scope
