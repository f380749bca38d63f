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

from llm_tracing.readonly.errors import DatabaseProblem as DatabaseProblem
from llm_tracing.readonly.errors import Problem
from llm_tracing.readonly.errors import StatementFailed as StatementFailed
from llm_tracing.readonly.errors import StatementProblem as StatementProblem
from llm_tracing.readonly.errors import StatementRefused as StatementRefused

QaError = Problem


class PortTaken(QaError):
    code = "port_taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use.",
            hint="Choose another one with --qa-port or LLM_TRACING_QA_PORT (0 picks a free one).",
        )


class SettingsProblem(QaError):
    code = "bad_setting"


class ModelProblem(QaError):
    code = "model_failed"
    status = 502


class ModelTimeout(ModelProblem):
    code = "model_timeout"
    status = 504
