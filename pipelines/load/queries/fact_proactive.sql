-- Nothing is no yuan, whatever its unit. A millionth of a yuan is far below what is printed and far above what a DOUBLE loses in the multiplication.
SELECT c.agency_id, c.year, c.row_code AS item_code, c.column_code AS measure_code, c.report_id,
    CASE WHEN m.value_kind = 'amount' THEN round(c.value * u.yuan, 6) ELSE c.value END AS value
FROM fact_cell AS c
JOIN dim_proactive_measure AS m ON m.item_code = c.row_code AND m.measure_code = c.column_code
LEFT JOIN known_unit AS u ON u.unit = coalesce(c.unit, CASE WHEN c.value = 0 THEN '元' END)
WHERE c.table_code = 'proactive'
