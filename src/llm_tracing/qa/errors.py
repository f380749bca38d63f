"""What can go wrong in the reference service, as one small tree.

QaError                 one line, a `code` for programs, a `hint` that says what to do
|- PortTaken            the address is in use
|- SettingsProblem      a setting cannot work as it is
|- DatabaseProblem      the database cannot be opened or built
|- StatementProblem     a statement did not give rows; told to the model once
|  |- StatementRefused  the guard did not let it run
|  `- StatementFailed   the database refused it, or it took too long
`- ModelProblem         the model's endpoint gave no answer
   `- ModelTimeout      ... in the time it had
"""


class QaError(Exception):
    """Base of all. `status` is the HTTP status where the error ends a request."""

    code = "internal"
    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "hint": self.hint}


class PortTaken(QaError):
    code = "port_taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use.",
            hint="Choose another one with --qa-port or LLM_TRACING_QA_PORT (0 picks a free one).",
        )


class SettingsProblem(QaError):
    code = "bad_setting"


class DatabaseProblem(QaError):
    code = "database_unavailable"
    status = 503


class StatementProblem(QaError):
    """`told` is the verb of the message that goes back to the model: refused or failed."""

    told = "failed"


class StatementRefused(StatementProblem):
    code = "statement_refused"
    told = "was refused"


class StatementFailed(StatementProblem):
    code = "statement_failed"
    told = "failed"


class ModelProblem(QaError):
    code = "model_failed"
    status = 502


class ModelTimeout(ModelProblem):
    code = "model_timeout"
    status = 504
