-- Of files that did not load too: who looks for a missing report looks here.
SELECT r.report_id, e.*
FROM staged_resolutions AS e LEFT JOIN dim_report AS r ON r.file_id = e.file_id
