-- One row a report year: what was due, what came, and how the cells of the current reports were printed, which is given.
WITH due AS (
    SELECT year, count(*) FILTER (is_expected) AS expected, count(*) FILTER (is_found) AS found,
        count(*) FILTER (is_loaded) AS loaded, count(*) FILTER (is_passed) AS passed,
        count(*) FILTER (is_found AND NOT is_loaded) AS unloaded, count(*) FILTER (NOT is_found) AS missing
    FROM coverage GROUP BY year
), file AS (
    SELECT coalesce(report_year, folder_year) AS year, count(*) AS files,
        count(*) FILTER (status = 'rejected') AS rejected
    FROM source_file GROUP BY ALL
), cell AS (
    SELECT unnest($years::INTEGER[]) AS year, unnest($printed::BIGINT[]) AS printed, unnest($blank::BIGINT[]) AS blank,
        unnest($illegible::BIGINT[]) AS illegible
)
SELECT year, coalesce(expected, 0) AS expected, coalesce(found, 0) AS found, coalesce(loaded, 0) AS loaded,
    coalesce(passed, 0) AS passed, coalesce(loaded - passed, 0) AS breached, coalesce(unloaded, 0) AS unloaded,
    coalesce(missing, 0) AS missing, coalesce(files, 0) AS files, coalesce(rejected, 0) AS rejected,
    coalesce(printed, 0) AS printed, coalesce(blank, 0) AS blank, coalesce(illegible, 0) AS illegible
FROM due FULL JOIN file USING (year) FULL JOIN cell USING (year)
ORDER BY year NULLS LAST
