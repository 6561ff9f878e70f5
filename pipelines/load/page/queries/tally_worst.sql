-- Of each batch the reports with the most consequential open breaches, and how many have any: weight of each breach times
-- the share of its error in the largest figure of its table (between 0.01 and 1), added up. $rules and $tables name the
-- table of each rule, '' where it speaks of none.
WITH breach AS (
    SELECT q.report_id, q.delta, m.table_code,
        CASE u.severity WHEN 'error' THEN 100.0 WHEN 'warn' THEN 10.0 ELSE 0.0 END AS weight
    FROM quality_result AS q
    JOIN tallied_report AS r USING (report_id)
    JOIN quality_rule AS u USING (rule_id)
    JOIN (SELECT unnest($rules) AS rule_id, unnest($tables) AS table_code) AS m ON m.rule_id = q.rule_id
    WHERE q.is_open AND r.is_current AND u.severity <> 'info'
), size AS (
    -- A table of zeros alone has no size, and most figures are zero.
    SELECT report_id, table_code, max(abs(value)) AS size FROM reported_cell
    WHERE value <> 0 AND report_id IN (SELECT report_id FROM breach) GROUP BY ALL
), ranked AS (
    SELECT b.report_id, round(sum(b.weight * least(1.0, greatest(0.01, coalesce(abs(b.delta) / nullif(s.size, 0), 0.01)))), 2)
            AS consequence
    FROM breach AS b LEFT JOIN size AS s USING (report_id, table_code) GROUP BY b.report_id
)
SELECT r.batch, k.report_id, k.consequence, f.path, count(*) OVER (PARTITION BY r.batch) AS total
FROM ranked AS k JOIN tallied_report AS r USING (report_id) JOIN source_file AS f ON f.file_id = r.file_id
QUALIFY row_number() OVER (PARTITION BY r.batch ORDER BY k.consequence DESC, f.path) <= $limit
