-- How the cells of the current reports were printed.
WITH counted AS (
    -- Counted by report before years are looked up: there are two hundred cells to one report.
    SELECT report_id, value_status, count(*) AS cells FROM reported_cell GROUP BY ALL
)
SELECT r.batch, r.year, coalesce(sum(c.cells) FILTER (c.value_status = 'reported'), 0)::BIGINT AS printed,
    coalesce(sum(c.cells) FILTER (c.value_status IN ('blank', 'not_applicable')), 0)::BIGINT AS blank,
    coalesce(sum(c.cells) FILTER (c.value_status = 'illegible'), 0)::BIGINT AS illegible
FROM counted AS c JOIN tallied_report AS r USING (report_id) WHERE r.is_current GROUP BY ALL
