-- One row a current report of the files in `portion_file`, added up from the temporary views *_figure: the facts, or their
-- reviewed twins. A measure one of whose cells is in `unread_cell` is null: a sum that lacks a part is another number.
-- Outcomes are added up over applicants before they are told apart: a hundred thousand reports have twelve million rows of them.
WITH flow AS (
    SELECT report_id, {flow}
    FROM flow_figure GROUP BY report_id
), outcome_row AS (
    SELECT report_id, outcome_code, sum(requests) AS requests FROM outcome_figure GROUP BY ALL
), outcome AS (
    SELECT report_id, {outcome}
    FROM outcome_row GROUP BY report_id
), challenge AS (
    SELECT report_id, {challenge}
    FROM challenge_figure GROUP BY report_id
), proactive AS (
    SELECT report_id, {proactive}
    FROM proactive_figure GROUP BY report_id
), unread AS (
    SELECT report_id, list(DISTINCT measure_code ORDER BY measure_code) AS codes
    FROM unread_cell JOIN measure_cell AS m USING (table_code, row_code, column_code)
    WHERE m.part = 'value' GROUP BY report_id
), checked AS (
    SELECT report_id, count(*) FILTER (status = 'fail') AS failed_checks, count(*) FILTER (is_open) AS open_checks
    FROM quality_result GROUP BY report_id
), version AS (
    -- What was published before the year was over is another document's date, or a page's that was there before.
    SELECT agency_id, year, min(published_date) FILTER (published_date >= make_date(year, 12, 1)) AS first_published_date,
        count(*) AS version_count
    FROM dim_report GROUP BY ALL
), form_section AS (
    SELECT unnest(['overview', 'proactive', 'request', 'challenge', 'problems', 'other_matters']) AS section_code,
        unnest(range(6)) AS position
), present AS (
    SELECT report_id, section_code FROM report_section
    UNION
    SELECT report_id, table_code FROM reported_cell WHERE table_code <> 'legacy'
), seen AS (
    SELECT p.report_id, count(*) AS section_count, list(section_code) AS codes
    FROM present AS p SEMI JOIN form_section AS f USING (section_code) GROUP BY p.report_id
), dated AS (
    SELECT r.report_id, r.year, r.year >= 2019 AS has_sections, v.version_count, v.first_published_date,
        make_date(r.year + 1, d.month, d.day) AS due_date
    FROM dim_report AS r
    JOIN version AS v ON v.agency_id = r.agency_id AND v.year = r.year
    JOIN dim_agency AS a ON a.agency_id = r.agency_id
    LEFT JOIN dim_deadline AS d ON d.agency_type = a.agency_type
        AND r.year BETWEEN d.from_year AND coalesce(d.to_year, 9999)
    SEMI JOIN portion_file AS p ON p.file_id = r.file_id
    WHERE r.is_current
)
SELECT r.report_id, {read_measures:u},
    array_to_string(u.codes, ', ') AS unread_measures,
    c.failed_checks, c.open_checks,
    r.first_published_date, r.due_date, (r.first_published_date - r.due_date)::INTEGER AS days_late,
    r.first_published_date > r.due_date AS is_late,
    r.version_count, r.version_count > 1 AS is_revised,
    CASE WHEN r.has_sections THEN coalesce(s.section_count, 0)::INTEGER END AS section_count,
    CASE WHEN r.has_sections THEN (
        SELECT string_agg(f.section_code, ', ' ORDER BY f.position) FROM form_section AS f
        WHERE NOT list_contains(coalesce(s.codes, []), f.section_code)
    ) END AS missing_sections,
    CASE WHEN r.has_sections THEN coalesce(s.section_count, 0) = 6 END AS is_complete
FROM dated AS r
LEFT JOIN flow USING (report_id)
LEFT JOIN outcome USING (report_id)
LEFT JOIN challenge USING (report_id)
LEFT JOIN proactive USING (report_id)
LEFT JOIN unread AS u ON u.report_id = r.report_id
LEFT JOIN checked AS c ON c.report_id = r.report_id
LEFT JOIN seen AS s ON s.report_id = r.report_id
