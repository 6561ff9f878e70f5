-- Whose a report is, on either side; and every agency's name, the newest that is known.
CREATE TEMP TABLE old_report AS SELECT report_id, file_id, agency_id, year, is_current FROM old.dim_report;
CREATE TEMP TABLE new_report AS SELECT report_id, file_id, agency_id, year, is_current FROM new.dim_report;
CREATE TEMP TABLE agency_named AS
    SELECT agency_id, arg_max(agency_name, side) AS agency_name FROM (
        SELECT agency_id, agency_name, 1 AS side FROM old.coverage
        UNION ALL SELECT agency_id, agency_name, 2 FROM old.dim_agency
        UNION ALL SELECT agency_id, agency_name, 3 FROM new.coverage
        UNION ALL SELECT agency_id, agency_name, 4 FROM new.dim_agency
    ) GROUP BY agency_id;
CREATE TEMP TABLE changed_row (
    table_name VARCHAR, change VARCHAR, agency_id BIGINT, year INTEGER, row_key VARCHAR,
    cells STRUCT(column_name VARCHAR, old_value VARCHAR, new_value VARCHAR)[]
);
