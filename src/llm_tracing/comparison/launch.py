"""python -m llm_tracing.comparison.launch FILE ARGUMENTS: runs `llm-tracing ARGUMENTS`.

FILE gets the files of all modules that were loaded, a line each, when the process ends.
"""

import atexit
import sys
from pathlib import Path


def note_modules(target: Path) -> None:
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    target.write_text("\n".join(sorted(file for file in files if file)), encoding="utf-8")


if __name__ == "__main__":
    atexit.register(note_modules, Path(sys.argv.pop(1)))
    from llm_tracing.cli import main

    main()
