WITH corrected AS (
    SELECT r.agency_id, r.year, r.report_id, v.column_code AS applicant_code,
        max(v.fact_value) FILTER (v.row_code = 'new_received') AS new_received,
        max(v.fact_value) FILTER (v.row_code = 'carried_in') AS carried_in,
        max(v.fact_value) FILTER (v.row_code = 'handled_total') AS handled,
        max(v.fact_value) FILTER (v.row_code = 'carried_forward') AS carried_forward
    FROM review_verdict AS v
    JOIN dim_report AS r ON r.report_id = v.report_id AND r.is_current
    JOIN dim_applicant AS p ON p.code = v.column_code AND p.is_leaf
    WHERE v.verdict = 'corrected' AND v.table_code = 'request'
        AND v.row_code IN ('new_received', 'carried_in', 'handled_total', 'carried_forward')
    GROUP BY ALL
)
SELECT agency_id, year, applicant_code, coalesce(f.report_id, c.report_id) AS report_id,
    coalesce(c.new_received, f.new_received) AS new_received, coalesce(c.carried_in, f.carried_in) AS carried_in,
    coalesce(c.handled, f.handled) AS handled, coalesce(c.carried_forward, f.carried_forward) AS carried_forward
FROM fact_request_flow AS f FULL JOIN corrected AS c USING (agency_id, year, applicant_code)
