SELECT a.agency_name AS "机关名称", f.year AS "年度", coalesce(i.name_zh, f.indicator_label) AS "指标", f.value AS "本年度", f.cumulative AS "历年累计", f.unit AS "单位",
    f.agency_id AS "机关编号", f.report_id AS "报告编号"
FROM fact_legacy AS f
JOIN dim_agency AS a ON a.agency_id = f.agency_id
LEFT JOIN dim_legacy_indicator AS i ON i.code = f.indicator_code
