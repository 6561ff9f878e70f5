-- One row a region and year with what was due and what was loaded. Provinces; where all agencies stand in one province,
-- its prefectures. An agency without any loaded report stands in no region.
WITH place AS (
    SELECT agency_id, province_name, prefecture_name,
        (SELECT count(DISTINCT province_name) > 1 FROM dim_agency) AS is_national
    FROM dim_agency
)
SELECT CASE WHEN is_national THEN province_name ELSE coalesce(prefecture_name, province_name) END AS region, c.year,
    count(*) FILTER (c.is_expected OR c.is_found) AS expected, count(*) FILTER (c.is_loaded) AS loaded
FROM coverage AS c LEFT JOIN place AS p ON p.agency_id = c.agency_id
GROUP BY ALL ORDER BY region NULLS LAST, c.year
