"""Serves the API until it is told to end: `python -m apps.api --host 127.0.0.1 --port 8000`."""

from __future__ import annotations

import argparse

import uvicorn

from apps.api.webhooks import create_app
from apps.settings import AppSettings
from ledger.keys import Keyring
from ledger.store import Ledger


def main() -> None:
    """Open the ledger of this environment and serve."""
    parser = argparse.ArgumentParser(prog="python -m apps.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    wanted = parser.parse_args()
    settings = AppSettings()
    secret = settings.bank_webhook_secret
    is_dev = settings.profile == "dev"
    keys = Keyring.load(settings.ledger_keys)
    with Ledger.open(settings.ledger_address, keys=keys, upgrades=is_dev) as ledger:
        app = create_app(ledger, secret=None if secret is None else secret.get_secret_value())
        uvicorn.run(
            app, host=wanted.host, port=wanted.port, log_level="warning", server_header=False
        )


if __name__ == "__main__":
    main()
