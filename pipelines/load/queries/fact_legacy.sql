-- One row an indicator of the 统计表; money in yuan, null where its unit is not known (finding unknown_unit); nothing is no yuan, whatever its unit.
SELECT r.agency_id, r.year, max(c.row_code) AS indicator_code, r.report_id,
    max(c.value * c.factor) FILTER (c.column_code = 'year') AS value,
    max(c.value * c.factor) FILTER (c.column_code = 'cumulative') AS cumulative,
    max(CASE WHEN c.is_money THEN '元' ELSE c.unit END) AS unit,
    -- Where label and unit stand in one cell (主动公开信息数 条), the unit is no part of the label.
    max(CASE WHEN ends_with(c.raw_label, ' ' || c.unit) THEN rtrim(left(c.raw_label, -length(c.unit) - 1)) ELSE c.raw_label END)
        AS indicator_label, max(c.provincial_form) AS provincial_form,
    c.indicator_number, max(c.parent_number) AS parent_number
FROM (
    SELECT s.*, u.yuan IS NOT NULL AS is_money,
        CASE WHEN u.yuan IS NOT NULL THEN u.yuan WHEN i.value_kind = 'amount' AND (s.unit IS NOT NULL OR s.value <> 0) THEN NULL ELSE 1 END
            AS factor
    FROM reported_cell AS s
    LEFT JOIN known_unit AS u ON u.unit = s.unit
    LEFT JOIN dim_legacy_indicator AS i ON i.code = s.row_code
    WHERE s.table_code = 'legacy' AND s.value_status = 'reported' AND s.indicator_number IS NOT NULL
) AS c
JOIN dim_report AS r ON r.report_id = c.report_id AND r.is_current
WHERE c.column_code IN ('year', 'cumulative')
GROUP BY r.agency_id, r.year, r.report_id, c.indicator_number
