"""Structured logs: an event in the past tense and key-values, without secrets or names.

Logs help operators; the ledger is the evidence, and neither replaces the other. Everything goes
to ``var/logs/ifp.jsonl``; standard error shows what reaches the level of ``IFP_LOG_LEVEL``.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import structlog

REDACTED = "[redacted]"

_SECRET_KEY = re.compile(
    r"secret|token|password|passphrase|authorization|credential|api_?key|signature|cookie",
    re.IGNORECASE,
)
_PERSONAL_KEY = re.compile(
    r"^(name|.*_name|email.*|phone.*|iban|.*_iban|address.*|tax_id|.*_tax_id)$", re.IGNORECASE
)
_NEUTRAL_KEYS = frozenset({"table_name", "event_name", "step_name", "asset_name", "file_name"})
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]+):[^/\s@]+@")


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank secrets and personal data, by key and by form, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: object) -> object:
    if key in _NEUTRAL_KEYS or key in {"event", "level", "timestamp", "logger"}:
        return _mask(value) if isinstance(value, str) else value
    if _SECRET_KEY.search(key) or _PERSONAL_KEY.match(key):
        return REDACTED
    if isinstance(value, str):
        return _mask(value)
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), item) for inner, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_clean(key, item) for item in value]
    return value


def _mask(text: str) -> str:
    text = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
    return _IBAN.sub(REDACTED, _BEARER.sub(rf"\1 {REDACTED}", text))


def configure(folder: Path, *, level: str = "WARNING", form: str = "auto") -> None:
    """Send every library's records through one chain to the log file and standard error.

    Args:
        folder: Where ``ifp.jsonl`` lies; it is turned over at 10 MB.
        level: Lowest level shown on standard error; the file takes ``INFO`` and above.
        form: ``json``, ``console``, or ``auto`` for console on a terminal.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(
        folder / "ifp.jsonl", maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True
    )
    file.setFormatter(_formatter(shared, structlog.processors.JSONRenderer()))
    file.setLevel(logging.INFO)
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(_formatter(shared, _renderer(form)))
    screen.setLevel(level)
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    root.addHandler(file)
    root.addHandler(screen)
    root.setLevel(min(logging.INFO, logging.getLevelNamesMapping()[level]))
    for noisy in ("httpx", "httpcore", "dlt", "great_expectations", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _renderer(form: str) -> structlog.typing.Processor:
    if form == "json" or (form == "auto" and not sys.stderr.isatty()):
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer()


def _formatter(
    shared: list[structlog.typing.Processor], renderer: structlog.typing.Processor
) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger that writes through the configured chain."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
