"""`llm-tracing run -- COMMAND`: any program observed with no change of its code.

    command.py       puts the parts together: one command, from its start to its exit code
    place.py         where the telemetry goes: the server that answers, or one that is started
    lease.py         how several runs share a server that one of them started
    environment.py   what the command finds in its environment
    naming.py        its service name, from its command line
    child.py         its process: signals and exit code
    streams.py       its stdout and stderr, passed on
    lines.py         bytes of output -> lines of text
    severity.py      what a line says of itself: severity, trace and span
    tracebacks.py    the lines of a Python traceback -> one exception
    retold.py        printed lines that are there as records of `logging` too, dropped
    notes.py         what the Pythons below the command tell of themselves
    outbox.py        output -> OTLP log records, sent in batches
    sampling.py      CPU, memory and threads of its processes
    measures.py      samples -> OTLP metrics

What runs inside the command is `telemetry/bootstrap/`. The server is reached over HTTP only.
"""
