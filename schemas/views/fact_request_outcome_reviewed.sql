-- A group that is a leaf of another edition (其他处理) is corrected only where its own figure counts: beside its members it
-- would count them twice.
WITH corrected AS (
    SELECT r.agency_id, r.year, r.report_id, v.row_code AS outcome_code, v.column_code AS applicant_code,
        v.fact_value AS requests, o.is_group
    FROM review_verdict AS v
    JOIN dim_report AS r ON r.report_id = v.report_id AND r.is_current
    JOIN dim_request_outcome AS o ON o.code = v.row_code AND o.is_leaf
    JOIN dim_applicant AS p ON p.code = v.column_code AND p.is_leaf
    WHERE v.verdict = 'corrected' AND v.table_code = 'request'
)
SELECT agency_id, year, outcome_code, applicant_code, coalesce(f.report_id, c.report_id) AS report_id,
    coalesce(c.requests, f.requests) AS requests
FROM fact_request_outcome AS f FULL JOIN corrected AS c USING (agency_id, year, outcome_code, applicant_code)
WHERE f.report_id IS NOT NULL OR NOT c.is_group
