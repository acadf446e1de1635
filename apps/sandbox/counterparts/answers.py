"""HTTP answers of the counterparts: ready-made JSON text, and each vendor's own error shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

_TITLES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    415: "UnsupportedMediaType",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
}


def json_text(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON that is already written."""
    return Response(
        text, status, headers=dict(headers or {}), media_type="application/json; charset=utf-8"
    )


def json_value(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON."""
    return json_text(json.dumps(value, ensure_ascii=False), status, headers)


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object a request carries; anything else counts as an empty one."""
    try:
        value = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def vendor_error(
    counterpart: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error in the shape of the vendor that answers."""
    if counterpart == "dnb":
        body: dict[str, Any] = {
            "transactionDetail": {"transactionID": str(uuid4())},
            "error": {"errorCode": f"{status:05d}", "errorMessage": detail, "errorDetails": []},
        }
    elif counterpart == "bank":
        code = "invalid_token" if status == 401 else _TITLES[status].lower()
        body = {"error": {"code": code, "message": detail, "request_id": str(uuid4())}}
    elif counterpart == "xero":
        body = _xero_error(status, detail)
    else:
        body = {"error": detail}
    return json_value(body, status, headers)


def xero_validation(message: str, kind: str = "ValidationException", number: int = 10) -> Response:
    """Return the ledger software's answer to a request that cannot be understood."""
    return json_value(
        {
            "ErrorNumber": number,
            "Type": kind,
            "Message": message,
            "Elements": [{"ValidationErrors": [{"Message": message}]}],
        },
        400,
    )


def xml_of(name: str, value: object) -> str:
    """Write a JSON value as XML, for clients that forget to ask for JSON."""
    if isinstance(value, dict):
        return f"<{name}>{''.join(xml_of(key, part) for key, part in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(xml_of('Item', part) for part in value)}</{name}>"
    return f"<{name}>{escape('' if value is None else str(value))}</{name}>"


def _xero_error(status: int, detail: str) -> dict[str, Any]:
    fields = {
        "Title": _TITLES[status],
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid4()),
    }
    return {key.lower(): value for key, value in fields.items()} if status == 403 else fields
