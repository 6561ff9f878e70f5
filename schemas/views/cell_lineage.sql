WITH fact AS (
    SELECT 'fact_request_flow' AS fact_table, agency_id, year, report_id, 'request' AS table_code, row_code,
        applicant_code AS column_code, value AS fact_value
    FROM (
        SELECT agency_id, year, report_id, applicant_code, 'new_received' AS row_code, new_received AS value FROM fact_request_flow
        UNION ALL SELECT agency_id, year, report_id, applicant_code, 'carried_in', carried_in FROM fact_request_flow
        UNION ALL SELECT agency_id, year, report_id, applicant_code, 'handled_total', handled FROM fact_request_flow
        UNION ALL SELECT agency_id, year, report_id, applicant_code, 'carried_forward', carried_forward FROM fact_request_flow
    ) WHERE value IS NOT NULL
    UNION ALL
    SELECT 'fact_request_outcome', agency_id, year, report_id, 'request', outcome_code, applicant_code, requests FROM fact_request_outcome
    UNION ALL
    SELECT 'fact_challenge', agency_id, year, report_id, 'challenge', channel_code, result_code, cases FROM fact_challenge
    UNION ALL
    SELECT 'fact_proactive', agency_id, year, report_id, 'proactive', item_code, measure_code, value FROM fact_proactive
), printed AS (
    -- The agency's name stands here so that who asks by name reads its facts only.
    SELECT f.fact_table, f.agency_id, a.agency_name AS agency_full_name, f.year, f.fact_value, c.*
    FROM fact AS f
    JOIN dim_agency AS a ON a.agency_id = f.agency_id
    JOIN reported_cell AS c ON c.report_id = f.report_id AND c.table_code = f.table_code
        AND c.row_code = f.row_code AND c.column_code = f.column_code AND c.value_status = 'reported'
    UNION ALL
    -- An indicator that no form knows has no code, so its cells are found by its number in the document.
    SELECT 'fact_legacy', f.agency_id, a.agency_name AS agency_full_name, f.year, CASE c.column_code WHEN 'year' THEN f.value ELSE f.cumulative END, c.*
    FROM fact_legacy AS f
    JOIN dim_agency AS a ON a.agency_id = f.agency_id
    JOIN reported_cell AS c ON c.report_id = f.report_id AND c.indicator_number = f.indicator_number
        AND c.column_code IN ('year', 'cumulative') AND c.value_status = 'reported'
)
SELECT c.fact_table, c.agency_id, c.agency_full_name, c.year, c.report_id, c.table_code, c.row_code, c.column_code, c.fact_value,
    c.value AS reported_value, c.unit, c.raw_text, c.raw_label, c.form_code, c.table_number, c.row_number, c.column_number,
    s.file_id, s.path, s.sha256, s.url,
    -- Asked cell by cell: who asks for one agency does not wait for the findings of all.
    (
        SELECT string_agg(DISTINCT f.reason_code, ', ' ORDER BY f.reason_code) FROM finding AS f
        WHERE f.file_id = c.file_id AND f.table_number = c.table_number AND f.row_number = c.row_number
            AND f.column_number = c.column_number
    ) AS findings,
    (
        SELECT CASE WHEN count(*) = 1 THEN min(x.suggested_value) END FROM suspected_cell AS x
        WHERE x.is_unique AND x.report_id = c.report_id AND x.table_code = c.table_code AND x.row_code = c.row_code
            AND x.column_code = c.column_code
    ) AS suggested_value
FROM printed AS c
JOIN source_file AS s ON s.file_id = c.file_id
