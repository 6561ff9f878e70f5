SELECT c.agency_id, c.agency_full_name AS agency_name, c.year, m.measure_code, m.part, c.fact_table, c.table_code, c.row_code, c.column_code,
    c.fact_value, c.reported_value, c.unit, c.raw_label, c.raw_text, c.table_number, c.row_number, c.column_number,
    c.path, c.sha256, c.url, c.findings, c.suggested_value, c.report_id
FROM measure_cell AS m
JOIN cell_lineage AS c ON c.table_code = m.table_code AND c.row_code = m.row_code AND c.column_code = m.column_code
