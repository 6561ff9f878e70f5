WITH outcome AS (
    SELECT r.batch, count(*) FILTER (status <> 'not_assessable') AS assessed, count(*) FILTER (is_open) AS open
    FROM quality_result JOIN tallied_report AS r USING (report_id) WHERE r.is_current GROUP BY ALL
), cell AS (
    SELECT r.batch, count(*) AS located FROM suspected_cell JOIN tallied_report AS r USING (report_id)
    WHERE r.is_current AND is_open AND is_unique AND reported_value IS NOT NULL GROUP BY ALL
)
SELECT batch, coalesce(assessed, 0) AS assessed, coalesce(open, 0) AS open, coalesce(located, 0) AS located
FROM outcome FULL JOIN cell USING (batch)
