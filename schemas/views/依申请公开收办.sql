SELECT a.agency_name AS "机关名称", f.year AS "年度", p.name_zh AS "申请人类别",
    f.new_received AS "本年新收", f.carried_in AS "上年结转", f.handled AS "本年办理", f.carried_forward AS "结转下年",
    f.agency_id AS "机关编号", f.report_id AS "报告编号"
FROM fact_request_flow AS f
JOIN dim_agency AS a ON a.agency_id = f.agency_id
JOIN dim_applicant AS p ON p.code = f.applicant_code
