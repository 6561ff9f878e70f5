-- Findings of files that did not load stay: they tell why.
SELECT r.report_id, f.*
FROM staged_findings AS f LEFT JOIN dim_report AS r ON r.file_id = f.file_id
