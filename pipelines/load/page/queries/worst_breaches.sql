-- What is open in the chosen reports; where the narrative differs from a table, with the sentence.
WITH said AS (
    SELECT report_id, split_part(message, ':', 1) AS rule_id, min(raw_text) AS sentence
    FROM finding
    WHERE reason_code = 'identity_broken' AND starts_with(message, 'TXT-') AND list_contains($reports, report_id)
    GROUP BY ALL
)
SELECT q.report_id, q.rule_id, q.scope, u.severity, q.left_value, q.right_value, q.delta, q.note,
    left(s.sentence, $width) AS sentence
FROM quality_result AS q JOIN quality_rule AS u USING (rule_id) LEFT JOIN said AS s USING (report_id, rule_id)
WHERE q.is_open AND u.severity <> 'info' AND list_contains($reports, q.report_id)
ORDER BY q.report_id, list_position(['error', 'warn'], u.severity), q.rule_id, q.scope
