SELECT r.batch, q.rule_id, r.year, count(*) FILTER (q.status = 'pass') AS passed, count(*) FILTER (q.status = 'fail') AS failed,
    count(*) FILTER (q.status = 'not_assessable') AS not_assessable
FROM quality_result AS q JOIN tallied_report AS r USING (report_id)
WHERE r.is_current GROUP BY ALL
