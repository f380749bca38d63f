"""`python -m bench.ui`: see pages.py."""

from bench.ui.pages import run

if __name__ == "__main__":
    run()
