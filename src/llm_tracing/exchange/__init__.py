"""What is stored as files, and files as requests: JSON lines, Parquet, OTLP JSON.

store ──walk──▶ rows ──fields──▶ plain values ──▶ JSON lines | Parquet | OTLP JSON
a file ──incoming──▶ lines ──sent──▶ the requests that a receiver takes
"""
