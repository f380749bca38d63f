"""From a decoded request to the store: normalized, written and answered by one thread; see thread.py."""
