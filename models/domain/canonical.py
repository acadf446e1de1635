"""One byte form per value: RFC 8785 canonical JSON without floats, and its hash.

Floats, dates and decimals are refused rather than converted: whoever writes a value decides how it
reads (minor units, parts per million, ISO text), and two writers cannot decide differently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import rfc8785

from models.domain.errors import NotCanonical

_LARGEST = 2**53 - 1
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


def canonical_json(value: object) -> bytes:
    """Write a value as RFC 8785 canonical JSON.

    Args:
        value: Nested mappings with text keys, lists or tuples, text, integers within ±(2**53 - 1),
            booleans and ``None``.

    Raises:
        NotCanonical: The value holds anything else; the message names the place.
    """
    if _is_quick(value):
        try:
            return _encode_sorted(value)
        except UnicodeEncodeError:  # a lone surrogate: the careful way names its place
            pass
    plain, simple = _plain(value, "")
    if simple:  # sorting ASCII keys by code point is sorting them by UTF-16 unit
        return json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
    return bytes(rfc8785.dumps(plain))


def sha256_hex(data: bytes) -> str:
    """Give the lower-hex SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def _is_quick(value: object) -> bool:
    """Tell whether a value is made of exact built-in types and ASCII keys, as most are.

    Such a value has the same bytes from a fast encoder; the careful way below takes ten times as
    long and is there for the rest, and to name the place of what is refused.
    """
    kind = type(value)
    if kind is dict:
        for name in value:  # type: ignore[attr-defined]
            if type(name) is not str or not name.isascii():
                return False
        return _are_quick(value.values())  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return _are_quick(value)  # type: ignore[arg-type]
    return _are_quick((value,))


def _are_quick(values: Iterable[object]) -> bool:
    """Tell the same of several values; what holds no others is judged here, without a call."""
    for value in values:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            continue
        if kind is int:
            if not -_LARGEST <= value <= _LARGEST:  # type: ignore[operator]
                return False
        elif (kind is not dict and kind is not list and kind is not tuple) or not _is_quick(value):
            return False
    return True


def _plain(value: object, path: str) -> tuple[Any, bool]:
    kind = type(value)
    if value is None or kind is bool:
        return value, True
    if kind is str:
        return _text(str(value), path), True
    if kind is int:
        if not -_LARGEST <= value <= _LARGEST:  # type: ignore[operator]
            raise NotCanonical(path, f"integer {value} is beyond 2**53 - 1: write it as text")
        return value, True
    if isinstance(value, Mapping):
        return _mapping(value, path)
    if isinstance(value, (list, tuple)):
        pairs = [_plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
        return [item for item, _ in pairs], all(simple for _, simple in pairs)
    if isinstance(value, str):
        return _text(str.__str__(value), path), True
    raise NotCanonical(path, f"{kind.__name__} has no canonical form: write it as text or integer")


def _mapping(value: Mapping[Any, Any], path: str) -> tuple[dict[str, Any], bool]:
    plain: dict[str, Any] = {}
    simple = True
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonical(path, f"key {key!r} is no text")
        name = _text(str.__str__(key), path)
        plain[name], below = _plain(item, f"{path}.{name}" if path else name)
        simple = simple and below and name.isascii()
    return plain, simple


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotCanonical(path, "text holds a lone surrogate") from None
    return value
