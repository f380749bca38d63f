"""What runs inside every Python below `llm-tracing run`, before the program's own first line.

    path/sitecustomize.py   the folder on PYTHONPATH holds this one file, and no other name that a program could find
    start.py                configure() for all that is installed
    libraries.py            the table of libraries and of who can observe them
    ends.py                 how a process ends: exceptions, signals, forks; what was open is sent
    printed.py      which printed lines were sent as records, for the runner to record them once
    providers.py            a program that sets up OpenTelemetry itself

Nothing here may cost the program its start: what fails is noted for the runner, which says it.
"""
