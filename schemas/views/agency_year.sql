WITH flow AS (
    SELECT report_id,
        sum(new_received) AS new_received, sum(carried_in) AS carried_in,
        sum(handled) AS handled, sum(carried_forward) AS carried_forward,
        sum(new_received) FILTER (applicant_code = 'natural_person') AS new_received_natural_person
    FROM fact_request_flow GROUP BY report_id
), outcome AS (
    SELECT f.report_id, sum(f.requests) AS outcomes,
        sum(f.requests) FILTER (f.outcome_code = 'granted') AS granted,
        sum(f.requests) FILTER (f.outcome_code = 'partly_granted') AS partly_granted,
        sum(f.requests) FILTER (coalesce(d.parent_code, d.code) = 'denied') AS denied,
        sum(f.requests) FILTER (coalesce(d.parent_code, d.code) = 'unavailable') AS unavailable,
        sum(f.requests) FILTER (coalesce(d.parent_code, d.code) = 'unprocessed') AS unprocessed,
        sum(f.requests) FILTER (coalesce(d.parent_code, d.code) = 'other') AS other
    FROM fact_request_outcome AS f JOIN dim_request_outcome AS d ON d.code = f.outcome_code
    GROUP BY f.report_id
), challenge AS (
    SELECT report_id,
        sum(cases) FILTER (channel_code = 'reconsideration') AS reconsiderations,
        sum(cases) FILTER (channel_code <> 'reconsideration') AS litigations,
        sum(cases) FILTER (result_code = 'upheld') AS challenges_upheld,
        sum(cases) FILTER (result_code = 'corrected') AS challenges_corrected,
        sum(cases) FILTER (result_code <> 'pending') AS challenges_decided
    FROM fact_challenge GROUP BY report_id
), proactive AS (
    SELECT report_id,
        max(value) FILTER (item_code = 'regulation' AND measure_code IN ('issued', 'made')) AS regulations_issued,
        max(value) FILTER (item_code = 'normative_document' AND measure_code IN ('issued', 'made')) AS normative_documents_issued,
        max(value) FILTER (item_code = 'normative_document' AND measure_code = 'in_force') AS normative_documents_in_force,
        max(value) FILTER (item_code = 'licensing' AND measure_code = 'decisions') AS licensing_decisions,
        max(value) FILTER (item_code = 'penalty' AND measure_code = 'decisions') AS penalty_decisions,
        max(value) FILTER (item_code = 'coercion' AND measure_code = 'decisions') AS coercion_decisions,
        max(value) FILTER (item_code = 'fee' AND measure_code = 'amount') AS fees_yuan
    FROM fact_proactive GROUP BY report_id
), quality AS (
    SELECT report_id, count(*) FILTER (status = 'fail') AS failed_checks
    FROM quality_result GROUP BY report_id
)
SELECT r.agency_id, a.agency_name, r.year, r.report_id, r.form_code, r.published_date, a.agency_type, a.sector,
    r.province_code, r.province_name, r.prefecture_code, r.prefecture_name, r.county_code, r.county_name,
    f.new_received::DOUBLE AS new_received, f.carried_in::DOUBLE AS carried_in,
    f.handled::DOUBLE AS handled, f.carried_forward::DOUBLE AS carried_forward,
    o.outcomes::DOUBLE AS outcomes, o.granted::DOUBLE AS granted, o.partly_granted::DOUBLE AS partly_granted,
    o.denied::DOUBLE AS denied, o.unavailable::DOUBLE AS unavailable, o.unprocessed::DOUBLE AS unprocessed,
    o.other::DOUBLE AS other,
    c.reconsiderations::DOUBLE AS reconsiderations, c.litigations::DOUBLE AS litigations,
    c.challenges_upheld::DOUBLE AS challenges_upheld, c.challenges_corrected::DOUBLE AS challenges_corrected,
    p.regulations_issued, p.normative_documents_issued, p.normative_documents_in_force,
    p.licensing_decisions, p.penalty_decisions, p.coercion_decisions, p.fees_yuan,
    (o.granted / nullif(o.outcomes, 0))::DOUBLE AS full_grant_rate,
    ((o.granted + coalesce(o.partly_granted, 0)) / nullif(o.outcomes, 0))::DOUBLE AS grant_rate,
    (o.denied / nullif(o.outcomes, 0))::DOUBLE AS denial_rate,
    (o.unavailable / nullif(o.outcomes, 0))::DOUBLE AS unavailable_rate,
    (o.unprocessed / nullif(o.outcomes, 0))::DOUBLE AS unprocessed_rate,
    (f.carried_forward / nullif(f.new_received + coalesce(f.carried_in, 0), 0))::DOUBLE AS carry_forward_rate,
    (f.new_received_natural_person / nullif(f.new_received, 0))::DOUBLE AS natural_person_share,
    ((coalesce(c.reconsiderations, 0) + coalesce(c.litigations, 0))
        / nullif(CASE WHEN c.report_id IS NOT NULL THEN o.outcomes END, 0))::DOUBLE AS challenge_rate,
    (c.challenges_corrected / nullif(c.challenges_decided, 0))::DOUBLE AS correction_rate,
    q.failed_checks
FROM dim_report AS r
JOIN dim_agency AS a ON a.agency_id = r.agency_id
LEFT JOIN flow AS f ON f.report_id = r.report_id
LEFT JOIN outcome AS o ON o.report_id = r.report_id
LEFT JOIN challenge AS c ON c.report_id = r.report_id
LEFT JOIN proactive AS p ON p.report_id = r.report_id
LEFT JOIN quality AS q ON q.report_id = r.report_id
WHERE r.is_current
