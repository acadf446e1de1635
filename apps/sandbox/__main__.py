"""Runs the sandbox: `python -m apps.sandbox serve --port 8900 --state var/sandbox`."""

from apps.sandbox.cli import app

app()
