"""fleetcore inside a Flask application: the operations as JSON, errors as problem details.

``flask --app flask_view run`` after ``pip install flask``. One core serves all threads. Who asks comes from your
own login; here a header names the user, which is no login at all.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, request

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, FleetError, Forbidden, NotFound, Rejected, Unavailable
from fleetcore.kernel.wire import to_json

STATUS = {Rejected: 422, NotFound: 404, Conflict: 409, Forbidden: 403, Unavailable: 503}


def make_app(url: str) -> Flask:
    """Make the application over the database at *url*."""
    app = Flask(__name__)
    core = fleetcore.open(url)

    @app.get("/vehicles")
    def list_vehicles() -> Response:
        return answer(core.perform(who(core), "vehicles.list", {}))

    @app.post("/fills")
    def record_fill() -> Response:
        key = request.headers.get("Idempotency-Key")
        fill = core.perform(who(core), "fuel.record_fill", body(), idempotency_key=key)
        return answer(fill, 201)

    @app.get("/economy")
    def economy() -> Response:
        return answer(core.perform(who(core), "reports.economy", {}))

    @app.errorhandler(FleetError)
    def refuse(error: FleetError) -> Response:
        status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        problems = error.problems if isinstance(error, Rejected) else ()
        details = {"title": type(error).__name__, "status": status, "detail": str(error), "problems": problems}
        return answer(details, status, "application/problem+json")

    return app


def who(core: Core) -> Actor:
    """Return who asks, and in which fleet."""
    return core.actor(request.headers.get("X-User"))


def body() -> dict[str, Any]:
    """Return the JSON object that was sent."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Rejected.because("", "the body must be a JSON object")
    return sent


def answer(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    """Write facts as JSON: quantities metric with the unit in the name, money as text."""
    return Response(to_json(value), status, content_type=kind)


def create_app() -> Flask:
    """Make the application for ``flask run``, over FLEET_DATABASE."""
    return make_app(os.environ.get("FLEET_DATABASE", "sqlite:///garage.db"))
