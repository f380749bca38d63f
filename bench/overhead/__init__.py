"""What observing a service costs the service: CPU, memory and bytes, each client in a process of its own.

__main__.py  the rounds and the tables: `python -m bench.overhead`, or `make bench-overhead`
clients.py   the clients, a line each, and how each is switched on
loads.py     the work: a call of the `openai` client, and a FastAPI request with two LangChain calls and a query
measure.py   one measurement, in the process that it measures
places.py    the model and the sink, each a process of its own
endpoint.py  the small HTTP server under both
"""
