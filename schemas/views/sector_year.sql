SELECT sector, year, admin_level, agency_type, count(*) AS report_count,
    count(*) FILTER (is_late) AS late_count, count(is_late) AS dated_count,
    count(*) FILTER (is_revised) AS revised_count, count(*) FILTER (is_complete) AS complete_count,
    count(unread_measures) AS unread_count,
    {measure_sums},
    {rate_sums},
    count(*) FILTER (is_late) / nullif(count(is_late), 0) AS late_rate
FROM agency_year
WHERE sector IS NOT NULL
GROUP BY sector, year, admin_level, agency_type
