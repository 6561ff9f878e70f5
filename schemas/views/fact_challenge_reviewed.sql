WITH corrected AS (
    SELECT r.agency_id, r.year, r.report_id, v.row_code AS channel_code, v.column_code AS result_code, v.fact_value AS cases
    FROM review_verdict AS v
    JOIN dim_report AS r ON r.report_id = v.report_id AND r.is_current
    JOIN dim_challenge_channel AS h ON h.code = v.row_code AND h.is_leaf
    JOIN dim_challenge_result AS s ON s.code = v.column_code AND s.is_leaf
    WHERE v.verdict = 'corrected' AND v.table_code = 'challenge'
)
SELECT agency_id, year, channel_code, result_code, coalesce(f.report_id, c.report_id) AS report_id,
    coalesce(c.cases, f.cases) AS cases
FROM fact_challenge AS f FULL JOIN corrected AS c USING (agency_id, year, channel_code, result_code)
