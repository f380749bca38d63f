"""A server put together: the stack of one project, all projects of a process, and who gets what arrives."""
