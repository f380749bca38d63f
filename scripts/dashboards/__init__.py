"""Grafana's dashboards, as code: `python -m scripts.write_dashboards` writes them to deploy/grafana/dashboards."""
