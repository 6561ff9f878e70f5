SELECT a.agency_name AS "机关名称", f.year AS "年度", i.name_zh AS "事项", m.name_zh AS "指标", f.value AS "数值", m.unit AS "单位",
    f.agency_id AS "机关编号", f.report_id AS "报告编号"
FROM fact_proactive AS f
JOIN dim_agency AS a ON a.agency_id = f.agency_id
JOIN dim_proactive_item AS i ON i.code = f.item_code
JOIN dim_proactive_measure AS m ON m.item_code = f.item_code AND m.measure_code = f.measure_code
