WITH ranked AS (
    SELECT agency_id, agency_name, year, admin_level, sector, measure.code AS measure_code, measure.value
    FROM (
        SELECT y.agency_id, y.agency_name, y.year, y.admin_level, y.sector,
            unnest([
    {peer_values:y}
            ]) AS measure
        FROM agency_year AS y
        WHERE y.admin_level IS NOT NULL AND y.sector IS NOT NULL
    )
    WHERE measure.value IS NOT NULL
)
SELECT agency_id, agency_name, year, admin_level, sector, measure_code, value,
    rank() OVER (peers ORDER BY value DESC) AS rank,
    count(*) OVER peers AS peer_count,
    CASE WHEN count(*) OVER peers > 1 THEN percent_rank() OVER (peers ORDER BY value) END AS percentile,
    median(value) OVER peers AS peer_median
FROM ranked
WINDOW peers AS (PARTITION BY admin_level, sector, year, measure_code)
