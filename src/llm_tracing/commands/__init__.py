"""The command line's parts: a module for each command or two, and beside it what the command does."""
