"""`llm-tracing doctor`: why nothing shows, or not what should. Talks to a server over HTTP and imports none of it.

`environment.py` and `target.py` read the environment, `wire.py` asks what speaks at an address, `delivery.py` sends a
trace and looks for it, `server.py` asks a server what it has of each sender, `watched.py` runs a program with `tap/`
in it, `show.py` prints. `doctor.py` puts them in order.
"""
