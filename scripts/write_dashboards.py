"""Write deploy/grafana/dashboards and the rule file of prices: python -m scripts.write_dashboards [--check]."""

import json
import sys
from pathlib import Path

from scripts.dashboards import health, llm_overview, price_rules, reference_service

GRAFANA = Path(__file__).parent.parent / "deploy" / "grafana"


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    made = {
        GRAFANA / "dashboards" / f"{name}.json": json.dumps(module.build(), indent=2, ensure_ascii=False) + "\n"
        for name, module in (
            ("llm-overview", llm_overview),
            ("reference-service", reference_service),
            ("health", health),
        )
    }
    return {**made, GRAFANA / "rules" / "prices.yaml": price_rules.text()}


def main() -> int:
    stale = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run `python -m scripts.write_dashboards`.")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
