WITH base AS (
    SELECT r.agency_id, a.agency_name, r.year, r.report_id, r.form_code, r.published_date, a.agency_type, a.sector,
        a.admin_level, r.region_code,
        r.province_code, r.province_name, r.prefecture_code, r.prefecture_name, r.county_code, r.county_name,
        s.* EXCLUDE (report_id)
    FROM report_summary AS s
    JOIN dim_report AS r ON r.report_id = s.report_id
    JOIN dim_agency AS a ON a.agency_id = r.agency_id
)
SELECT base.*,
    {rates}
FROM base
