INSERT INTO changed_row BY NAME
WITH o AS (
    SELECT *, true AS is_there FROM old_row SEMI JOIN differing USING (owner_id, owner_year)
), n AS (
    SELECT *, true AS is_there FROM new_row SEMI JOIN differing USING (owner_id, owner_year)
)
SELECT {table_name} AS table_name,
    CASE WHEN o.is_there IS NULL THEN 'added' WHEN n.is_there IS NULL THEN 'removed' ELSE 'changed' END AS change,
    coalesce(n.owner_id, o.owner_id) AS agency_id, coalesce(n.owner_year, o.owner_year) AS year,
    to_json(struct_pack({row_key}))::VARCHAR AS row_key,
    list_filter([
        {cells}
    ], lambda cell: cell.old_value IS DISTINCT FROM cell.new_value) AS cells
FROM o FULL JOIN n ON {same_key}
WHERE o.is_there IS NULL OR n.is_there IS NULL OR len(cells) > 0
