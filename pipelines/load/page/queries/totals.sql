SELECT
    (SELECT left(release_id, 12) FROM meta_release WHERE is_current) AS release,
    (SELECT count(*) FROM dim_report WHERE is_current) AS reports,
    (SELECT count(*) FROM dim_agency) AS agencies,
    (SELECT count(*) FROM source_file) AS files,
    (SELECT count(*) FROM source_file WHERE status = 'rejected') AS not_loaded,
    (SELECT coalesce(sum(reported_count), 0)::BIGINT FROM dim_report WHERE is_current) AS figures,
    $assessed AS assessed, $open AS open, $located AS located,
    (SELECT count(*) FROM coverage WHERE is_passed) AS clean
