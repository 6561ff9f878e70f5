SELECT report_id, table_code, row_code, column_code, reported_value, suggested_value, is_unique, explanation, explanation_zh
FROM suspected_cell WHERE is_open AND list_contains($reports, report_id)
ORDER BY report_id, is_unique DESC, table_code, row_code, column_code, suggested_value
