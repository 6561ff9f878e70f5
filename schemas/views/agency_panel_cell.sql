SELECT b.measure_code, l.agency_id, l.year, l.report_id, b.form_code, b.comparability, l.table_code, l.row_code, l.column_code,
    max(l.fact_value) AS value, max(l.unit) AS unit, min(l.raw_text) AS raw_text, min(l.raw_label) AS raw_label,
    min(l.table_number) AS table_number, min(l.row_number) AS row_number, min(l.column_number) AS column_number,
    l.file_id, l.path
FROM form_bridge AS b
JOIN cell_lineage AS l ON l.table_code = b.table_code AND l.row_code = b.row_code AND l.form_code = b.form_code
    AND (b.column_code IS NULL OR l.column_code = b.column_code)
GROUP BY b.measure_code, l.agency_id, l.year, l.report_id, b.form_code, b.comparability, l.table_code, l.row_code,
    l.column_code, l.file_id, l.path
