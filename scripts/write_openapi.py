"""Write frontend/openapi.json from the server's own routes: python scripts/write_openapi.py [--check]."""

import json
import sys
from pathlib import Path

from llm_tracing.serving.app import openapi_document

TARGET = Path(__file__).parent.parent / "frontend" / "openapi.json"


def main() -> int:
    text = json.dumps(openapi_document(), indent=2, sort_keys=True) + "\n"
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is stale: run `make openapi` and `npm --prefix frontend run types`.")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
