"""The same question asked with each client that people put around such a service, against one real server.

`approaches.py` lists the clients and how each is switched on; `question.py` is the program that asks, a process for
each client; `place.py` starts server and model and reads back what arrived.
"""
