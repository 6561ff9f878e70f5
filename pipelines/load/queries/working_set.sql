-- Of one portion: `reported_cell` is here the temporary table of its rows. Numbers of current versions whose row and column
-- are known; blanks and "/" end here and give no fact.
CREATE OR REPLACE TEMP TABLE current_cell AS
SELECT r.agency_id, r.year, c.report_id, c.file_id, c.table_code, c.row_code, c.column_code, c.value, c.unit, c.raw_text,
    c.table_number, c.row_number, c.column_number
FROM reported_cell AS c JOIN dim_report AS r ON r.report_id = c.report_id AND r.is_current
WHERE c.value_status = 'reported' AND c.row_code IS NOT NULL AND c.column_code IS NOT NULL;

-- Places of the form that stand more than once in a report: the same figure counts once, different figures not at all.
-- They are few, so they are found first and looked at then.
CREATE OR REPLACE TEMP TABLE repeated_cell AS
WITH place AS (
    SELECT report_id, table_code, row_code, column_code FROM current_cell GROUP BY ALL HAVING count(*) > 1
)
SELECT report_id, table_code, row_code, column_code,
    min(value) <> max(value) OR min(coalesce(unit, '')) <> max(coalesce(unit, '')) AS is_conflict,
    min(table_number * 1000000000000 + row_number * 1000000 + column_number) AS first_place
FROM current_cell SEMI JOIN place USING (report_id, table_code, row_code, column_code) GROUP BY ALL;

CREATE OR REPLACE TEMP VIEW fact_cell AS
SELECT c.*
FROM current_cell AS c LEFT JOIN repeated_cell AS d USING (report_id, table_code, row_code, column_code)
WHERE d.report_id IS NULL OR (NOT d.is_conflict
    AND d.first_place = c.table_number * 1000000000000 + c.row_number * 1000000 + c.column_number);

-- Cells that print something which is in no fact: it is no number for sure, or two places of one cell say two numbers.
CREATE OR REPLACE TEMP TABLE unread_cell AS
SELECT DISTINCT c.report_id, c.table_code, c.row_code, c.column_code
FROM reported_cell AS c ANTI JOIN current_cell AS n USING (report_id, table_code, row_code, column_code)
WHERE c.value_status = 'illegible'
UNION ALL
SELECT report_id, table_code, row_code, column_code FROM repeated_cell WHERE is_conflict;

-- Every cell that an edition of the form has.
CREATE OR REPLACE TEMP TABLE form_cell AS
SELECT 'request' AS table_code, o.code AS row_code, p.code AS column_code FROM dim_request_outcome AS o, dim_applicant AS p
UNION ALL SELECT 'challenge', h.code, r.code FROM dim_challenge_channel AS h, dim_challenge_result AS r
UNION ALL SELECT 'proactive', item_code, measure_code FROM dim_proactive_measure
UNION ALL SELECT 'legacy', i.code, c.code FROM dim_legacy_indicator AS i, (VALUES ('year'), ('cumulative')) AS c(code);
