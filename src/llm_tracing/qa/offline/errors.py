"""The one error of the engine."""


class CannotPlanError(Exception):
    """The question cannot be mapped to the schema; the message says why, in a sentence for the person who asked."""
