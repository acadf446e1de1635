"""Structured logs: an event in the past tense and key-values, without secrets or names.

Logs help operators; the ledger is the evidence, and neither replaces the other. Everything goes
to ``var/logs/ifp.jsonl``; standard error shows what reaches the level of ``IFP_LOG_LEVEL``.
"""

from __future__ import annotations

import fcntl
import json
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
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


FILE = "ifp.jsonl"
"""The log file of a folder; five older ones are kept beside it as ``ifp.jsonl.1`` and so on."""

_MOST_BYTES = 10_000_000
_KEPT = 5


class SharedFile(logging.handlers.RotatingFileHandler):
    """A log file that several processes write and one of them at a time turns over.

    The handler of the standard library would have each process rename the file under the others,
    which then write on into an old one. Here every line is written under an operating-system lock,
    and a process that finds the file turned over opens the new one first.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
        )
        self._gate = path.with_name(f".{path.name}.lock")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        with self._gate.open("ab") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if self.stream is not None and self._was_turned_over():
                self.stream.close()
                self.stream = self._open()
            super().emit(record)

    def _was_turned_over(self) -> bool:
        try:
            return Path(self.baseFilename).stat().st_ino != os.fstat(self.stream.fileno()).st_ino
        except FileNotFoundError:
            return True


def lines(path: Path) -> Iterator[str]:
    """Give the lines of a log file and of the older ones beside it, the oldest first."""
    older = (path.with_name(f"{path.name}.{number}") for number in range(_KEPT, 0, -1))
    for one in (*older, path):
        if one.is_file():
            with one.open(encoding="utf-8", errors="replace") as file:
                yield from (line.rstrip("\n") for line in file)


def parsed(line: str) -> dict[str, Any]:
    """Read one line; one that is no JSON object is an event of its own words."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"event": line}


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
    file = SharedFile(folder / FILE)
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
