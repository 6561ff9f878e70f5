SELECT c.agency_id, c.year, c.row_code AS channel_code, c.column_code AS result_code, c.report_id, c.value AS cases
FROM fact_cell AS c
JOIN dim_challenge_channel AS h ON h.code = c.row_code AND h.is_leaf
JOIN dim_challenge_result AS r ON r.code = c.column_code AND r.is_leaf
WHERE c.table_code = 'challenge'
