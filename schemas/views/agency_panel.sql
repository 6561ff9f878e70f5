WITH measure AS (
    SELECT measure_code, form_code, min(position) AS position, min(name_zh) AS name_zh, min(name_en) AS name_en,
        min(unit) AS unit, min(comparability) AS comparability, min(reason_en) AS reason_en, min(reason_zh) AS reason_zh
    FROM form_bridge GROUP BY measure_code, form_code
), figure AS (
    SELECT report_id, measure_code, max(form_code) AS form_code, sum(value) AS value, count(*) AS cell_count
    FROM agency_panel_cell GROUP BY report_id, measure_code
), told AS (
    -- The form is that of the table which holds the figure, and the report's own where there is none.
    SELECT r.agency_id, r.year, r.report_id, w.measure_code, coalesce(f.form_code, r.form_code) AS form_code,
        CASE WHEN coalesce(f.form_code, r.form_code) = 'pre2019' THEN r.provincial_form END AS provincial_form,
        CASE WHEN s.unread_measures IS NULL OR NOT list_contains(string_split(s.unread_measures, ', '), w.measure_code)
            THEN f.value END AS value,
        coalesce(f.cell_count, 0) AS cell_count
    FROM dim_report AS r
    CROSS JOIN (SELECT code AS measure_code FROM dim_measure WHERE kind <> 'rate') AS w
    LEFT JOIN figure AS f ON f.report_id = r.report_id AND f.measure_code = w.measure_code
    LEFT JOIN report_summary AS s ON s.report_id = r.report_id
    WHERE r.is_current AND r.form_code IS NOT NULL
), placed AS (
    SELECT t.*, m.position, m.name_zh, m.name_en, m.unit, m.comparability, m.reason_en, m.reason_zh,
        concat_ws('/', t.form_code, t.provincial_form) AS definition,
        m.comparability IN ('same', 'sum_of') AS is_exact
    FROM told AS t JOIN measure AS m ON m.measure_code = t.measure_code AND m.form_code = t.form_code
)
SELECT p.agency_id, a.agency_name, p.year, p.measure_code, p.name_zh, p.name_en, p.value::DOUBLE AS value, p.unit,
    p.form_code, p.provincial_form, p.comparability, p.reason_zh, p.reason_en,
    lag(p.year) OVER series AS previous_year,
    coalesce(p.definition <> lag(p.definition) OVER series AND NOT (p.is_exact AND lag(p.is_exact) OVER series), false)
        AS is_break,
    p.cell_count, p.position, p.report_id
FROM placed AS p JOIN dim_agency AS a ON a.agency_id = p.agency_id
WINDOW series AS (PARTITION BY p.agency_id, p.measure_code ORDER BY p.year)
