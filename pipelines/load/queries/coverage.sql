-- Who should have reported when, and what came of it. `expected_by` keeps every ground apart, so that who trusts one only
-- can ask for it.
WITH file AS (
    SELECT s.agency_id, s.year, s.agency_name, f.path, f.status, f.stage, f.reason_code, f.reason
    FROM seen_report AS s JOIN source_file AS f ON f.file_id = s.file_id
    WHERE f.reason_code IS DISTINCT FROM 'year_out_of_range'
), found AS (
    SELECT agency_id, year, min(agency_name) AS agency_name, count(*) AS file_count,
        bool_or(status <> 'rejected' OR stage NOT IN ('ingest', 'read', 'normalize')) AS is_parsed,
        bool_or(status = 'loaded') AS is_loaded,
        min_by(reason_code, path) FILTER (reason_code IS NOT NULL) AS reason_code,
        min_by(path || ': ' || reason, path) FILTER (reason_code IS NOT NULL) AS reason
    FROM file GROUP BY agency_id, year
), current_report AS (
    SELECT report_id, agency_id, year FROM dim_report WHERE is_current
), due AS (
    -- The last year for which an agency owes a report: its region stands, and none has taken over from it.
    SELECT a.agency_id, least(s.year, a.ended_year, n.first_year - 1) AS last_due
    FROM last_season AS s, dim_agency AS a LEFT JOIN dim_agency AS n ON n.agency_id = a.successor_agency_id
), own_year AS (
    SELECT r.agency_id, unnest(range(min(r.year), greatest(max(r.year), max(d.last_due)) + 1)) AS year
    FROM current_report AS r JOIN due AS d ON d.agency_id = r.agency_id GROUP BY r.agency_id
), member AS (
    SELECT agency_id, agency_type, parent_agency_id, count(*) OVER (PARTITION BY agency_type, parent_agency_id) AS members
    FROM dim_agency WHERE agency_type IS NOT NULL AND parent_agency_id IS NOT NULL
), reporting AS (
    SELECT m.agency_type, m.parent_agency_id, r.year, count(*) AS reports
    FROM member AS m JOIN current_report AS r USING (agency_id) GROUP BY ALL
), sibling_year AS (
    SELECT m.agency_id, p.year
    FROM member AS m
    JOIN due AS d ON d.agency_id = m.agency_id
    JOIN reporting AS p USING (agency_type, parent_agency_id)
    LEFT JOIN current_report AS own ON own.agency_id = m.agency_id AND own.year = p.year
    WHERE m.members > 2 AND p.year <= d.last_due
        AND 2 * (p.reports - CASE WHEN own.report_id IS NULL THEN 0 ELSE 1 END) > m.members - 1
), listed_year AS (
    SELECT w.agency_id, unnest(range(w.from_year, least(coalesce(w.to_year, s.year), s.year) + 1)) AS year
    FROM wanted_agency AS w, last_season AS s
), expected AS (
    SELECT agency_id, year, string_agg(ground, ', ' ORDER BY ground) AS expected_by
    FROM (
        SELECT agency_id, year, 'own_years' AS ground FROM own_year
        UNION ALL SELECT agency_id, year, 'siblings' FROM sibling_year
        UNION ALL SELECT agency_id, year, 'list' FROM listed_year
    ) GROUP BY agency_id, year
), checked AS (
    SELECT r.agency_id, r.year, c.assessed, c.failed_checks
    FROM current_report AS r JOIN checked_report AS c ON c.report_id = r.report_id
), joined AS (
    SELECT coalesce(e.agency_id, f.agency_id) AS agency_id, coalesce(e.year, f.year)::INTEGER AS year,
        e.expected_by, coalesce(f.file_count, 0) AS file_count, coalesce(f.is_parsed, false) AS is_parsed,
        coalesce(f.is_loaded, false) AS is_loaded, f.agency_name, f.reason_code, f.reason
    FROM expected AS e FULL JOIN found AS f ON f.agency_id = e.agency_id AND f.year = e.year
), judged AS (
    SELECT j.*, CASE WHEN j.is_loaded THEN coalesce(c.failed_checks, 0) END AS failed_checks,
        coalesce(j.is_loaded AND c.assessed > 0 AND c.failed_checks = 0, false) AS is_passed
    FROM joined AS j LEFT JOIN checked AS c ON c.agency_id = j.agency_id AND c.year = j.year
)
SELECT j.agency_id, coalesce(a.agency_name, w.agency_name, j.agency_name) AS agency_name, j.year,
    j.expected_by IS NOT NULL AS is_expected, j.expected_by, j.file_count > 0 AS is_found, j.is_parsed, j.is_loaded,
    j.is_passed, j.file_count, j.failed_checks,
    CASE WHEN j.file_count = 0 THEN 'missing_report' WHEN NOT j.is_loaded THEN j.reason_code
        WHEN j.failed_checks > 0 THEN 'identity_broken' END AS reason_code,
    CASE WHEN j.file_count = 0 THEN 'no file of this agency and year under the raw folder; expected by ' || j.expected_by
        WHEN NOT j.is_loaded THEN j.reason
        WHEN j.failed_checks > 0 THEN j.failed_checks || ' rules fail; see quality_result'
        WHEN NOT j.is_passed THEN 'no rule could be assessed' END AS reason
FROM judged AS j
LEFT JOIN dim_agency AS a ON a.agency_id = j.agency_id
LEFT JOIN wanted_agency AS w ON w.agency_id = j.agency_id
