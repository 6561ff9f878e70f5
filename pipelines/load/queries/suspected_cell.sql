SELECT r.report_id, s.table_code, s.row_code, s.column_code, s.reported_value, s.suggested_value, s.is_unique,
    s.explanation_en AS explanation, s.explanation_zh, v.verdict, coalesce(o.is_open, true) AS is_open
FROM staged_suspicions AS s JOIN dim_report AS r ON r.file_id = s.file_id
LEFT JOIN reviewed_cell AS v ON v.file_id = s.file_id AND v.table_code = s.table_code AND v.row_code = s.row_code
    AND v.column_code = s.column_code
LEFT JOIN reviewed_suspicion AS o ON o.file_id = s.file_id AND o.table_code = s.table_code AND o.row_code = s.row_code
    AND o.column_code = s.column_code
