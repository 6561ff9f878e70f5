SELECT r.report_id, f.*, v.value_reviewed
FROM staged_figures AS f JOIN dim_report AS r ON r.file_id = f.file_id
LEFT JOIN reviewed_cell AS v ON v.file_id = f.file_id AND v.table_code = f.table_code AND v.row_code = f.row_code
    AND v.column_code = f.column_code
