"""A folder for PYTHONPATH: Python imports its `sitecustomize` before a watched program begins."""
