-- Every report stands once in each region that it lies in, told apart by level: `region_level` keeps the three from adding up.
WITH placed AS (
    SELECT y.*, place.region_level, place.code AS place_code, place.name AS place_name
    FROM agency_year AS y,
        unnest([
            struct_pack(region_level := 'province', code := y.province_code, name := y.province_name),
            struct_pack(region_level := 'prefecture', code := y.prefecture_code, name := y.prefecture_name),
            struct_pack(region_level := 'county', code := y.county_code, name := y.county_name)
        ]) AS place_of(place)
    WHERE place.code IS NOT NULL
)
SELECT place_code AS region_code, region_level, any_value(place_name) AS region_name, year, admin_level, agency_type,
    count(*) AS report_count,
    count(*) FILTER (is_late) AS late_count, count(is_late) AS dated_count,
    count(*) FILTER (is_revised) AS revised_count, count(*) FILTER (is_complete) AS complete_count,
    count(unread_measures) AS unread_count,
    {measure_sums},
    {rate_sums},
    count(*) FILTER (is_late) / nullif(count(is_late), 0) AS late_rate
FROM placed
GROUP BY place_code, region_level, year, admin_level, agency_type
