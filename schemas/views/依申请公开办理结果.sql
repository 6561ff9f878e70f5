SELECT a.agency_name AS "机关名称", f.year AS "年度", coalesce(g.name_zh, o.name_zh) AS "结果类别",
    o.name_zh AS "办理结果", p.name_zh AS "申请人类别", f.requests AS "件数",
    f.agency_id AS "机关编号", f.report_id AS "报告编号"
FROM fact_request_outcome AS f
JOIN dim_agency AS a ON a.agency_id = f.agency_id
JOIN dim_request_outcome AS o ON o.code = f.outcome_code
LEFT JOIN dim_request_outcome AS g ON g.code = o.parent_code
JOIN dim_applicant AS p ON p.code = f.applicant_code
