-- Log records by bucket of time and severity.
SELECT time_unix_nano - time_unix_nano % ? AS bucket, severity_number, count(*)
FROM logs
WHERE {where}
GROUP BY ALL
ORDER BY bucket, severity_number
