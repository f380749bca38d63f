import pytest

from llm_tracing.runner.naming import service_name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python app.py --port 1", "app"),
        ("/usr/bin/python3.12 -X dev -W error -u jobs/nightly.py", "nightly"),
        ("python -m shop", "shop"),
        ("python -m shop.main serve", "shop"),
        ("python -m http.server 8000", "http.server"),
        ("python -m uvicorn shop.main:app --reload", "shop"),
        ("python -c print(1)", "python"),
        ("python -", "python"),
        ("python", "python"),
        ("python shop/__main__.py", "shop"),
        ("uvicorn main:app", "main"),
        ("uvicorn --port 80 shop.api:create_app --factory", "shop"),
        ("gunicorn -w 4 shop.wsgi", "gunicorn"),
        ("gunicorn -w 4 shop.wsgi:application", "shop"),
        ("gunicorn -b 127.0.0.1:80 -w 4 shop.wsgi:make(1)", "shop"),
        ("flask --app shop.web run", "shop.web"),
        ("fastapi dev shop/main.py", "shop"),
        ("celery -A shop.tasks worker", "shop.tasks"),
        ("uv run app.py", "app"),
        ("uv run python app.py", "app"),
        ("poetry run python -m shop", "shop"),
        ("env A=1 B=2 python app.py", "app"),
        ("bash ./run.sh x", "run"),
        ("sh -c echo", "sh"),
        ("./run.sh", "run"),
        ("pytest -q", "pytest"),
        ("/opt/bin/my-tool", "my-tool"),
        ("env", "env"),
    ],
)
def test_a_command_is_named_as_its_author_would(command: str, name: str) -> None:
    assert service_name(command.split()) == name
