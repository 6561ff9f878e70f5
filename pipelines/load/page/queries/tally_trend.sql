-- Current reports of each year by the worst severity of what is open in them.
WITH worst AS (
    SELECT q.report_id, bool_or(u.severity = 'error') AS has_error, bool_or(u.severity = 'warn') AS has_warning
    FROM quality_result AS q JOIN quality_rule AS u USING (rule_id) WHERE q.is_open GROUP BY q.report_id
)
SELECT r.batch, r.year, count(*) FILTER (w.has_error) AS worst_error,
    count(*) FILTER (w.has_warning AND NOT w.has_error) AS worst_warn,
    count(*) FILTER (w.report_id IS NULL OR NOT (w.has_error OR w.has_warning)) AS worst_none
FROM tallied_report AS r LEFT JOIN worst AS w USING (report_id)
WHERE r.is_current GROUP BY ALL
