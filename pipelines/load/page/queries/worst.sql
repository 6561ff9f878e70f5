-- The chosen reports as they are named, in any order.
SELECT r.report_id, r.year, r.title, a.agency_name
FROM dim_report AS r JOIN dim_agency AS a USING (agency_id) WHERE list_contains($reports, r.report_id)
