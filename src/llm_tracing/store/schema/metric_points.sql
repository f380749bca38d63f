-- One row a data point of any type; what a type lacks is null. Column order: model.MetricPointRow.
CREATE TABLE metric_points (
    metric_id UUID NOT NULL,
    time_unix_nano UBIGINT NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    attributes VARCHAR NOT NULL, -- JSON
    flags UINTEGER NOT NULL,
    value_int BIGINT,
    value_double DOUBLE,
    count UBIGINT,
    sum DOUBLE,
    min DOUBLE,
    max DOUBLE,
    bucket_counts VARCHAR, -- JSON
    explicit_bounds VARCHAR, -- JSON
    scale INTEGER,
    zero_count UBIGINT,
    zero_threshold DOUBLE,
    positive VARCHAR, -- JSON {offset, bucket_counts}
    negative VARCHAR, -- JSON {offset, bucket_counts}
    quantile_values VARCHAR, -- JSON
    exemplars VARCHAR -- JSON
);
