WITH corrected AS (
    SELECT r.agency_id, r.year, r.report_id, v.row_code AS item_code, v.column_code AS measure_code, v.fact_value
    FROM review_verdict AS v
    JOIN dim_report AS r ON r.report_id = v.report_id AND r.is_current
    JOIN dim_proactive_measure AS m ON m.item_code = v.row_code AND m.measure_code = v.column_code
    WHERE v.verdict = 'corrected' AND v.table_code = 'proactive'
)
SELECT agency_id, year, item_code, measure_code, coalesce(f.report_id, c.report_id) AS report_id,
    CASE WHEN c.report_id IS NULL THEN f.value ELSE c.fact_value END AS value
FROM fact_proactive AS f FULL JOIN corrected AS c USING (agency_id, year, item_code, measure_code)
