SELECT agency_id, agency_name, year, report_id, measure.code AS measure_code, measure.value
FROM (
    SELECT y.agency_id, y.agency_name, y.year, y.report_id,
        unnest([
    {values:y}
        ]) AS measure
    FROM agency_year AS y
)
WHERE measure.value IS NOT NULL
