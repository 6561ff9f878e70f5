-- A join of two years and no window: a question about one agency touches that agency's rows only. Unnesting in the SELECT list
-- carries along what is shown and not two hundred columns.
SELECT agency_id, agency_name, year, measure.code AS measure_code, measure.value_before, measure.value,
    measure.value - measure.value_before AS change,
    (measure.value - measure.value_before) / nullif(abs(measure.value_before), 0) AS change_rate, is_break
FROM (
    SELECT n.agency_id, n.agency_name, n.year, n.form_code IS DISTINCT FROM b.form_code AS is_break,
        unnest([
    {values_of_two_years}
        ]) AS measure
    FROM agency_year AS n
    JOIN agency_year AS b ON b.agency_id = n.agency_id AND b.year = n.year - 1
)
WHERE measure.value IS NOT NULL AND measure.value_before IS NOT NULL
