-- Of the files in `portion_file`: the cells that print something which is in no reviewed fact.
SELECT report_id, table_code, row_code, column_code
FROM reported_cell SEMI JOIN portion_file USING (file_id)
WHERE value_status IN ('illegible', 'reported')
GROUP BY ALL
HAVING count(coalesce(value_reviewed, value)) = 0 OR min(coalesce(value_reviewed, value)) <> max(coalesce(value_reviewed, value))
    OR min(coalesce(unit, '')) <> max(coalesce(unit, ''))
