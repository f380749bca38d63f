"""Statements run read-only under limits: what the reference service and the server's lens share.

Imports nothing of either. Needs SQLAlchemy and sqlglot (extras `lens` and `demo`).
"""
