-- The agencies and years of which the two sides do not say the same, whatever the order of their rows.
CREATE OR REPLACE TEMP TABLE differing AS
WITH old_sum AS (
    SELECT owner_id, owner_year, count(*) AS rows, sum(hash({told})::HUGEINT) AS says FROM old_row GROUP BY ALL
), new_sum AS (
    SELECT owner_id, owner_year, count(*) AS rows, sum(hash({told})::HUGEINT) AS says FROM new_row GROUP BY ALL
)
SELECT owner_id, owner_year FROM old_sum AS o FULL JOIN new_sum AS n USING (owner_id, owner_year)
WHERE o.rows IS DISTINCT FROM n.rows OR o.says IS DISTINCT FROM n.says
