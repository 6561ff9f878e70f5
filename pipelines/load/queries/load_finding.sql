-- What the load itself could not take into the facts; the cells stay in reported_cell.
SELECT r.report_id, f.*
FROM version_finding AS f SEMI JOIN portion_file AS p ON p.file_id = f.file_id
LEFT JOIN dim_report AS r ON r.file_id = f.file_id
UNION ALL BY NAME
SELECT c.report_id, c.file_id, 'load' AS stage, 'unknown_unit' AS reason_code, 'warn' AS severity,
    c.table_number, c.row_number, c.column_number, c.raw_text,
    'the unit ' || coalesce('"' || c.unit || '" is not known', 'is printed nowhere')
        || '; fact_proactive holds null; add the unit to schemas/units.toml or see the report' AS message
FROM fact_cell AS c
JOIN dim_proactive_measure AS m ON m.item_code = c.row_code AND m.measure_code = c.column_code AND m.value_kind = 'amount'
ANTI JOIN known_unit AS u ON u.unit = coalesce(c.unit, CASE WHEN c.value = 0 THEN '元' END)
WHERE c.table_code = 'proactive'
UNION ALL BY NAME
SELECT c.report_id, c.file_id, 'load' AS stage, 'unknown_unit' AS reason_code, 'warn' AS severity,
    c.table_number, c.row_number, c.column_number, c.raw_text,
    'the unit ' || coalesce('"' || c.unit || '" is not known', 'is printed nowhere')
        || '; fact_legacy holds null; add the unit to schemas/units.toml or see the report' AS message
FROM fact_cell AS c
JOIN dim_legacy_indicator AS i ON i.code = c.row_code AND i.value_kind = 'amount'
ANTI JOIN known_unit AS u ON u.unit = coalesce(c.unit, CASE WHEN c.value = 0 THEN '元' END)
WHERE c.table_code = 'legacy'
UNION ALL BY NAME
SELECT c.report_id, c.file_id, 'load' AS stage, 'duplicate_row' AS reason_code, 'error' AS severity,
    c.table_number, c.row_number, c.column_number, c.raw_text,
    c.table_code || '.' || c.row_code || '.' || c.column_code
        || ' stands more than once with different figures; none enters a fact; see reported_cell' AS message
FROM current_cell AS c
JOIN repeated_cell AS d USING (report_id, table_code, row_code, column_code)
WHERE d.is_conflict
UNION ALL BY NAME
SELECT c.report_id, c.file_id, 'load' AS stage, 'unmapped_column' AS reason_code, 'warn' AS severity,
    c.table_number, c.row_number, c.column_number, c.raw_text,
    'no edition of the form has ' || c.table_code || '.' || c.row_code || '.' || c.column_code
        || '; the cell enters no fact; see schemas/forms' AS message
FROM fact_cell AS c
ANTI JOIN form_cell AS f USING (table_code, row_code, column_code)
UNION ALL BY NAME
SELECT r.report_id, r.file_id, 'load' AS stage, 'implausible_date' AS reason_code, 'warn' AS severity,
    r.published_date::VARCHAR AS raw_text,
    'the report of ' || r.year || ' states a publication of ' || r.published_date
        || '; agency_year counts it as neither late nor in time' AS message
FROM dim_report AS r SEMI JOIN portion_file AS p ON p.file_id = r.file_id
WHERE r.published_date < make_date(r.year, 12, 1)
