-- Why: what became of the files of an agency's year, and what else the release was made from, where that alone may be the
-- cause. A year whose report is new or gone is told by that; a corrected file leaves open which rows another code changed.
CREATE TEMP TABLE change_reason AS
WITH pair AS (
    SELECT coalesce(n.file_id, o.file_id) AS file_id,
        CASE
            WHEN o.file_id IS NULL THEN 'new_file'
            WHEN n.file_id IS NULL THEN 'removed_file'
            WHEN o.sha256 IS DISTINCT FROM n.sha256 THEN 'corrected_file'
            WHEN o.status IS DISTINCT FROM n.status THEN 'other_version'
        END AS reason
    FROM old.source_file AS o FULL JOIN new.source_file AS n ON n.file_id = o.file_id
), owned AS (
    SELECT file_id, agency_id, year FROM old_report UNION SELECT file_id, agency_id, year FROM new_report
), of_files AS (
    SELECT coalesce(agency_id, 0) AS agency_id, coalesce(year, 0) AS year, reason
    FROM pair LEFT JOIN owned USING (file_id) WHERE reason IS NOT NULL
), of_agencies AS (
    SELECT agency_id, year, reason FROM of_files WHERE agency_id > 0
    UNION SELECT agency_id, 0, reason FROM of_files WHERE agency_id > 0
    UNION SELECT 0, 0, reason FROM of_files WHERE agency_id = 0
), of_release AS (
    SELECT unnest(list_filter([
        CASE WHEN o.forms_hash IS DISTINCT FROM n.forms_hash THEN 'changed_forms' END,
        CASE WHEN o.definitions_hash IS DISTINCT FROM n.definitions_hash
            AND o.forms_hash IS NOT DISTINCT FROM n.forms_hash THEN 'changed_definitions' END,
        CASE WHEN o.code_hash IS DISTINCT FROM n.code_hash THEN 'changed_code' END,
        CASE WHEN o.decisions_hash IS DISTINCT FROM n.decisions_hash THEN 'changed_decisions' END
    ], lambda reason: reason IS NOT NULL)) AS reason
    FROM (SELECT any_value(forms_hash) AS forms_hash, any_value(definitions_hash) AS definitions_hash,
            any_value(code_hash) AS code_hash, any_value(decisions_hash) AS decisions_hash
        FROM old.meta_release WHERE is_current) AS o,
        (SELECT any_value(forms_hash) AS forms_hash, any_value(definitions_hash) AS definitions_hash,
            any_value(code_hash) AS code_hash, any_value(decisions_hash) AS decisions_hash
        FROM new.meta_release WHERE is_current) AS n
), touched AS (
    SELECT DISTINCT agency_id, year FROM changed_row
), told AS (
    SELECT agency_id, year, 1 AS place, reason FROM of_agencies
    UNION ALL
    SELECT t.agency_id, t.year, 2, r.reason FROM touched AS t CROSS JOIN of_release AS r
    WHERE t.year = 0 OR NOT EXISTS (
        FROM of_agencies AS f WHERE f.agency_id = t.agency_id AND f.year = t.year AND f.reason IN ('new_file', 'removed_file')
    )
)
SELECT t.agency_id, t.year, coalesce(string_agg(w.reason, ', ' ORDER BY w.place, w.reason), 'other_reports') AS reasons
FROM touched AS t LEFT JOIN told AS w ON w.agency_id = t.agency_id AND w.year = t.year
GROUP BY t.agency_id, t.year;

CREATE TEMP VIEW change_summary AS
SELECT c.table_name, nullif(greatest(c.agency_id, 0), 0) AS agency_id, n.agency_name, nullif(c.year, 0) AS year,
    count(*) FILTER (change = 'added') AS added, count(*) FILTER (change = 'removed') AS removed,
    count(*) FILTER (change = 'changed') AS changed, any_value(r.reasons) AS reasons
FROM changed_row AS c
JOIN change_reason AS r ON r.agency_id = c.agency_id AND r.year = c.year
LEFT JOIN agency_named AS n ON n.agency_id = c.agency_id
GROUP BY c.table_name, c.agency_id, n.agency_name, c.year;

CREATE TEMP VIEW change_cell AS
SELECT table_name, change, nullif(greatest(c.agency_id, 0), 0) AS agency_id, n.agency_name, nullif(c.year, 0) AS year,
    row_key, cell.column_name, cell.old_value, cell.new_value, r.reasons
FROM (SELECT * EXCLUDE (cells), unnest(CASE WHEN len(cells) > 0 THEN cells
    ELSE [struct_pack(column_name := NULL::VARCHAR, old_value := NULL::VARCHAR, new_value := NULL::VARCHAR)] END) AS cell
    FROM changed_row) AS c
JOIN change_reason AS r ON r.agency_id = c.agency_id AND r.year = c.year
LEFT JOIN agency_named AS n ON n.agency_id = c.agency_id;
