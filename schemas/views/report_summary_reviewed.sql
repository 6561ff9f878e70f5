SELECT * REPLACE (open_checks AS failed_checks) FROM (
    FROM report_summary AS s ANTI JOIN report_summary_corrected AS c ON c.report_id = s.report_id
    UNION ALL BY NAME
    FROM report_summary_corrected
)
