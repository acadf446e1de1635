"""Does a thing once per Idempotency-Key: the first answer is kept and given again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.sandbox.counterparts.answers import json_text, vendor_error
from apps.sandbox.storage.world import World


async def once(
    world: World,
    request: Request,
    wanted: tuple[str, ...],
    act: Callable[[dict[str, Any]], dict[str, Any]],
) -> Response:
    """Act on a request unless its key was used: then answer as before, or 409 for another body.

    Act and remembered answer are one transaction, so a kill in between leaves neither.
    """
    key, source = request.headers.get("idempotency-key", ""), await request.body()
    try:
        body = json.loads(source)
    except ValueError:
        return vendor_error("bank", 400, "the body is not JSON")
    missing = [name for name in wanted if body.get(name) in (None, "")]
    if not key or missing:
        what = ", ".join(missing) or "the Idempotency-Key header"
        return vendor_error("bank", 422, f"missing: {what}")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    scoped = f"{request.url.path} {key}"
    known = world.row("select body_sha256, answer from idempotency where key = ?", (scoped,))
    if known and known[0] != digest:
        return vendor_error("bank", 409, "this Idempotency-Key was used with another body")
    if known:
        return json_text(known[1], 200)
    world.write("begin immediate")
    try:
        answer = json.dumps(act(body), ensure_ascii=False)
        world.write("insert into idempotency values (?, ?, 201, ?)", (scoped, digest, answer))
    except (KeyError, TypeError, ValueError) as error:
        world.write("rollback")
        return vendor_error("bank", 422, f"the body cannot be used: {error}")
    world.write("commit")
    return json_text(answer, 201)
