"""Bends the body of an answer: malformed, a field renamed, records doubled or turned round."""

from __future__ import annotations

import msgspec

from apps.sandbox.control.faults import Fault

_USUAL_FIELDS = {
    "xero": ("Total", "Amount", "Name"),
    "dnb": ("paydexScore", "duns"),
    "bank": ("amount_minor", "status", "iban"),
    "webhook": ("stored",),
}


def bend(fault: Fault, body: bytes) -> bytes:
    """Return the body as the fault would have it; `truncated` is left to the sender."""
    if fault.fault == "malformed":
        return body[: len(body) * 2 // 3] + b',"' + body[-20:]
    if fault.fault == "renamed_field":
        return _renamed(fault, body)
    if fault.fault in {"duplicate", "out_of_order"}:
        return _rearranged(fault.fault, body)
    return body


def _renamed(fault: Fault, body: bytes) -> bytes:
    names = (fault.field,) if fault.field else _USUAL_FIELDS[fault.counterpart]
    for name in names:
        old = f'"{name}":'.encode()
        for spelling in (old, old + b" "):
            if spelling in body:
                return body.replace(old, f'"{name}Renamed":'.encode())
    return body


def _rearranged(kind: str, body: bytes) -> bytes:
    """Double the first record of the answer's list, or turn the list round."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return body
    for name, raw in fields.items():
        if bytes(raw)[:2] not in {b"[{", b"[ "}:
            continue
        records = msgspec.json.decode(raw, type=list[msgspec.Raw])
        if kind == "duplicate":
            records.append(records[0])
        else:
            records.reverse()
        joined = b"[" + b",".join(bytes(record) for record in records) + b"]"
        fields[name] = msgspec.Raw(joined)
        return msgspec.json.encode(fields)
    return body
