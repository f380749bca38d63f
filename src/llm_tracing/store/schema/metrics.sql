-- What the data points of a metric share. The id is a hash of the rest: a metric that arrives again adds no row.
-- Column order: model.MetricRow.
CREATE TABLE metrics (
    metric_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    type VARCHAR NOT NULL, -- gauge, sum, histogram, exponential_histogram, summary, empty
    aggregation_temporality UTINYINT NOT NULL, -- opentelemetry.proto.metrics.v1.AggregationTemporality
    is_monotonic BOOLEAN NOT NULL,
    metadata VARCHAR NOT NULL, -- JSON
    service VARCHAR NOT NULL,
    resource_id UUID NOT NULL,
    scope_id UUID NOT NULL
);
