WITH measure AS (
    SELECT measure_code, form_code, min(position) AS position, min(name_zh) AS name_zh, min(name_en) AS name_en,
        min(unit) AS unit, min(comparability) AS comparability, min(reason_en) AS reason_en, min(reason_zh) AS reason_zh
    FROM form_bridge GROUP BY measure_code, form_code
), fact AS (
    SELECT agency_id, year, report_id, 'request' AS table_code, row_code, applicant_code AS column_code, value
    FROM (
        SELECT agency_id, year, report_id, applicant_code, new_received, carried_in, handled AS handled_total, carried_forward
        FROM fact_request_flow
    ) UNPIVOT (value FOR row_code IN (new_received, carried_in, handled_total, carried_forward))
    UNION ALL
    SELECT agency_id, year, report_id, 'request', outcome_code, applicant_code, requests FROM fact_request_outcome
    UNION ALL
    SELECT agency_id, year, report_id, 'challenge', channel_code, result_code, cases FROM fact_challenge
    UNION ALL
    SELECT agency_id, year, report_id, 'proactive', item_code, measure_code, value FROM fact_proactive
    UNION ALL
    SELECT f.agency_id, f.year, f.report_id, 'legacy', c.row_code, c.column_code,
        max(CASE c.column_code WHEN 'year' THEN f.value ELSE f.cumulative END)
    FROM fact_legacy AS f
    JOIN reported_cell AS c ON c.report_id = f.report_id AND c.indicator_number = f.indicator_number
        AND c.column_code IN ('year', 'cumulative') AND c.value_status = 'reported'
    GROUP BY f.agency_id, f.year, f.report_id, c.row_code, c.column_code
), printed AS (
    -- The edition of a row is that of the table, or the clause of 表二, in which it stands.
    SELECT report_id, table_code, row_code, min(form_code) AS form_code
    FROM reported_cell WHERE value_status = 'reported' GROUP BY report_id, table_code, row_code
), figure AS (
    -- What agency_panel_cell lists, added up: whole panels are asked for, and cells with all their evidence are many.
    SELECT f.agency_id, f.year, f.report_id, b.measure_code, max(b.form_code) AS form_code, sum(f.value) AS value,
        count(*) AS cell_count
    FROM fact AS f
    JOIN printed AS p ON p.report_id = f.report_id AND p.table_code = f.table_code AND p.row_code = f.row_code
    JOIN form_bridge AS b ON b.table_code = f.table_code AND b.row_code = f.row_code AND b.form_code = p.form_code
        AND (b.column_code IS NULL OR b.column_code = f.column_code)
    GROUP BY f.agency_id, f.year, f.report_id, b.measure_code
), told AS (
    -- The form is that of the table which holds the figure, and the report's own where there is none.
    SELECT r.agency_id, r.year, r.report_id, w.measure_code, coalesce(f.form_code, r.form_code) AS form_code,
        CASE WHEN coalesce(f.form_code, r.form_code) = 'pre2019' THEN r.provincial_form END AS provincial_form,
        CASE WHEN s.unread_measures IS NULL OR NOT list_contains(string_split(s.unread_measures, ', '), w.measure_code)
            THEN f.value END AS value,
        coalesce(f.cell_count, 0) AS cell_count
    FROM dim_report AS r
    CROSS JOIN (SELECT code AS measure_code FROM dim_measure WHERE kind <> 'rate') AS w
    -- By the agency and year too, so that who asks for one of them does not wait for all.
    LEFT JOIN figure AS f ON f.agency_id = r.agency_id AND f.year = r.year AND f.report_id = r.report_id
        AND f.measure_code = w.measure_code
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
