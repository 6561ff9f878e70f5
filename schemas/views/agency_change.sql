-- A join of two years and no window: a question about one agency touches that agency's rows only. Unnesting in the SELECT list
-- carries along what is shown and not two hundred columns.
WITH told AS (
    SELECT DISTINCT measure_code, form_code, comparability IN ('same', 'sum_of') AS is_exact FROM form_bridge
)
SELECT c.agency_id, c.agency_name, c.year, c.measure.code AS measure_code, c.measure.value_before, c.measure.value,
    c.measure.value - c.measure.value_before AS change,
    (c.measure.value - c.measure.value_before) / nullif(abs(c.measure.value_before), 0) AS change_rate,
    c.form_code IS DISTINCT FROM c.form_before
        AND NOT (coalesce(now.is_exact, false) AND coalesce(before.is_exact, false)) AS is_break
FROM (
    SELECT n.agency_id, n.agency_name, n.year, n.form_code, b.form_code AS form_before,
        unnest([
    {values_of_two_years}
        ]) AS measure
    FROM agency_year AS n
    JOIN agency_year AS b ON b.agency_id = n.agency_id AND b.year = n.year - 1
) AS c
LEFT JOIN told AS now ON now.measure_code = c.measure.code AND now.form_code = c.form_code
LEFT JOIN told AS before ON before.measure_code = c.measure.code AND before.form_code = c.form_before
WHERE c.measure.value IS NOT NULL AND c.measure.value_before IS NOT NULL
