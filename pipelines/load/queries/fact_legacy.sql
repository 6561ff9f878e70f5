SELECT c.agency_id, c.year, c.row_code AS indicator_code, c.report_id,
    max(c.value) FILTER (c.column_code = 'year') AS value,
    max(c.value) FILTER (c.column_code = 'cumulative') AS cumulative,
    max(c.unit) AS unit
FROM fact_cell AS c
JOIN dim_legacy_indicator AS i ON i.code = c.row_code
WHERE c.table_code = 'legacy' AND c.column_code IN ('year', 'cumulative')
GROUP BY ALL
