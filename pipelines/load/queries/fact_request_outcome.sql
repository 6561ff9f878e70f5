-- `other` is a leaf of the 2019 form and a group of the 2021 form, and reports mix the two: its figure counts only where
-- none of its members prints one for the same applicant, so that nothing is counted twice.
WITH split_group AS (
    SELECT DISTINCT c.report_id, o.parent_code AS row_code, c.column_code
    FROM fact_cell AS c
    JOIN dim_request_outcome AS o ON o.code = c.row_code
    JOIN dim_request_outcome AS g ON g.code = o.parent_code AND g.is_leaf
    WHERE c.table_code = 'request'
)
SELECT c.agency_id, c.year, c.row_code AS outcome_code, c.column_code AS applicant_code, c.report_id, c.value AS requests
FROM fact_cell AS c
JOIN dim_request_outcome AS o ON o.code = c.row_code AND o.is_leaf
JOIN dim_applicant AS p ON p.code = c.column_code AND p.is_leaf
ANTI JOIN split_group AS s ON s.report_id = c.report_id AND s.row_code = c.row_code AND s.column_code = c.column_code
WHERE c.table_code = 'request'
