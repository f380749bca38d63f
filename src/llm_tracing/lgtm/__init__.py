"""The LGTM store: Tempo, Loki and Prometheus are the truth, a DuckDB file is a read-through window over them.

reads   page ─▶ traceql, logql ─▶ tempo, loki, prometheus ─▶ incoming ─▶ window (DuckDB) ─▶ the window's own answer
"""
