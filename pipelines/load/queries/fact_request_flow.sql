SELECT c.agency_id, c.year, c.column_code AS applicant_code, c.report_id,
    max(c.value) FILTER (c.row_code = 'new_received') AS new_received,
    max(c.value) FILTER (c.row_code = 'carried_in') AS carried_in,
    max(c.value) FILTER (c.row_code = 'handled_total') AS handled,
    max(c.value) FILTER (c.row_code = 'carried_forward') AS carried_forward
FROM fact_cell AS c
JOIN dim_applicant AS p ON p.code = c.column_code AND p.is_leaf
WHERE c.table_code = 'request' AND c.row_code IN ('new_received', 'carried_in', 'handled_total', 'carried_forward')
GROUP BY ALL
