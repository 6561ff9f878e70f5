SELECT report_id, table_code, form_code, row_code, column_code, value, value_reviewed, value_status, left(raw_text, $width) AS raw_text,
    left(raw_label, $width) AS raw_label
FROM reported_cell WHERE list_contains($reports, report_id)
ORDER BY report_id, table_number, row_number, column_number
