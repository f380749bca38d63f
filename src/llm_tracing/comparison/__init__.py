"""`llm-tracing compare`: one question under every approach, captured for real, and a table computed from it.

    launch.py           the reference service in a process of its own, which notes at its end what it had loaded
    service.py          that process: started, asked, its lines and its CPU read, ended
    model_endpoint.py   the offline model, which refuses once with 429 and writes a bad statement when told to
    traffic.py          a proxy before the server that counts what each service sends
    captured.py         what was captured of a question
    place.py            all of these together; reads back what the server shows
    find.py             texts in what was captured, as evidence
    seen.py trouble.py  the columns of what was seen
    cost.py             the columns of what it cost
    footprint.py        packages and megabytes
    table.py            from captures to the shapes of the API
    show.py             the table in a terminal
    keep.py             to the server that runs, or into its data folder

No cell is written down anywhere: what must be found is taken from the service's own answer and from what the model
was sent.
"""
