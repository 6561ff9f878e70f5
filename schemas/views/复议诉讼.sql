SELECT a.agency_name AS "机关名称", f.year AS "年度", c.name_zh AS "途径", r.name_zh AS "结果", f.cases AS "件数",
    f.agency_id AS "机关编号", f.report_id AS "报告编号"
FROM fact_challenge AS f
JOIN dim_agency AS a ON a.agency_id = f.agency_id
JOIN dim_challenge_channel AS c ON c.code = f.channel_code
JOIN dim_challenge_result AS r ON r.code = f.result_code
