-- Of one portion: how its current reports did in the rules, for `coverage`.
SELECT r.report_id, count(*) FILTER (q.status <> 'not_assessable') AS assessed,
    count(*) FILTER (q.is_open AND u.severity <> 'info') AS failed_checks
FROM dim_report AS r
JOIN quality_result AS q ON q.report_id = r.report_id
JOIN quality_rule AS u ON u.rule_id = q.rule_id
WHERE r.is_current
GROUP BY r.report_id
