SELECT r.report_id, s.section_number, s.section_code, s.heading, s.text
FROM staged_sections AS s JOIN dim_report AS r ON r.file_id = s.file_id
