"""What can go wrong with a statement or its database, as one small tree.

Problem                 one line, a `code` for programs, a `hint` that says what to do
|- DatabaseProblem      the database cannot be opened or built
`- StatementProblem     a statement did not give rows
   |- StatementRefused  the guard did not let it run
   `- StatementFailed   the database refused it, or it took too long
"""


class Problem(Exception):
    """Base of all. `status` is the HTTP status where the error ends a request."""

    code = "internal"
    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "hint": self.hint}


class DatabaseProblem(Problem):
    code = "database_unavailable"
    status = 503


class StatementProblem(Problem):
    """`told` is the verb of the message that goes back to the model: refused or failed."""

    told = "failed"


class StatementRefused(StatementProblem):
    code = "statement_refused"
    told = "was refused"


class StatementFailed(StatementProblem):
    code = "statement_failed"
    told = "failed"
