"""The peers as services, for `service.py`: zen-engine behind the library's own server, OpenFisca's web API."""

from __future__ import annotations

import json
from functools import cache
from typing import Any


@cache
def _zen() -> Any:
    import decide  # noqa: PLC0415 (each service imports what it needs)

    return decide.zen_engine()


def zen() -> Any:
    """Return the application that decides a JSON list of orders, prepared by the caller."""
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415
    from starlette.responses import Response  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    engine = _zen()

    def decided(body: bytes) -> str:
        found = [engine.evaluate("upw", one)["result"] for one in json.loads(body)]
        return json.dumps(found)

    async def check(request: Request) -> Response:
        body = await request.body()
        return Response(await run_in_threadpool(decided, body), media_type="application/json")

    async def health(_: Request) -> Response:
        return Response("ok")

    return Starlette(
        routes=[Route("/check", check, methods=["POST"]), Route("/health", health)],
    )


def openfisca_api() -> Any:
    """Return OpenFisca's web API over the variables of `openfisca.py`."""
    import openfisca  # noqa: PLC0415
    from openfisca_core.parameters import ParameterNode  # noqa: PLC0415
    from openfisca_web_api.app import create_app  # noqa: PLC0415

    # Its API shows one of the parameters as an example; these variables have constants and none.
    example = {"description": "An example", "values": {"2017-02-15": {"value": 12}}}
    openfisca.SYSTEM.parameters = ParameterNode("", data={"example": example})
    return create_app(openfisca.SYSTEM)
