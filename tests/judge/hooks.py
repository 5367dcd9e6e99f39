"""What schemathesis loads: every answer is noted, problems are checked, and the judge's own session stays alive."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import schemathesis
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response

from tests.judge.likely import make_likely
URL, NOTES = os.environ["JUDGE_URL"], Path(os.environ["JUDGE_NOTES"])
LOGIN = json.loads(os.environ["JUDGE_LOGIN"])
TOKEN = os.environ["JUDGE_TOKEN"]
OWN_SESSION = os.environ["JUDGE_SESSION"]
PROBLEM = "application/problem+json"
CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# They end the session they are asked with, so each time it is another one.
ENDS_ITS_SESSION = {"/api/v1/auth/logout", "/api/v1/auth/password", "/api/v1/auth/switch"}


def fresh_token() -> str:
    """Sign in once more."""
    asked = Request(  # noqa: S310 - the address of our own server
        f"{URL}/api/v1/auth/login", json.dumps(LOGIN).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(asked, timeout=30) as answer:  # noqa: S310
        token: str = json.load(answer)["access_token"]
        return token


@schemathesis.auth(refresh_interval=None)
class Token:
    """The judge's token, or another one for what ends the session that it is asked with."""

    def get(self, case: Case, _context: AuthContext) -> str:
        """Return the token for a request."""
        return fresh_token() if case.operation.path in ENDS_ITS_SESSION else TOKEN

    def set(self, case: Case, data: str, _context: AuthContext) -> None:
        """Write it into the request."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Keep the judge signed in, and let what fits the schema be about records that there are."""
    meta = case.meta
    if meta is not None and meta.generation.mode.is_positive and meta.phase.name.value in {"fuzzing", "stateful"}:
        make_likely(case, with_address=meta.phase.name.value == "fuzzing")
    if (case.path_parameters or {}).get("id") == OWN_SESSION:
        case.path_parameters["id"] = str(uuid4())


@schemathesis.hook
def after_call(_context: HookContext, case: Case, response: Response) -> None:
    """Note which operation answered what."""
    mode = case.meta.generation.mode.value if case.meta else "explicit"
    phase = case.meta.phase.name.value if case.meta else "explicit"
    with NOTES.open("a") as notes:
        notes.write(f"{case.operation.label}\t{mode}\t{phase}\t{response.status_code}\n")


@schemathesis.check
def every_refusal_is_a_problem(_context: CheckContext, response: Response, _case: Case) -> None:
    """Every answer of 400 and above is problem+json, with its own status and a correlation id."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    media_type = response.headers["content-type"][0]
    assert media_type.partition(";")[0] == PROBLEM, f"{response.status_code} is answered as {media_type}"
    problem = response.json()
    assert problem["status"] == response.status_code, "the problem tells another status"
    assert CORRELATION.fullmatch(problem["correlation_id"]), "the problem has no correlation id"
    assert response.headers["x-correlation-id"] == [problem["correlation_id"]], "header and body tell different ids"


@schemathesis.check
def what_the_schema_allows_is_understood(_context: CheckContext, response: Response, case: Case) -> None:
    """A rule may refuse a request that fits its schema; that a field is unknown or missing it may not say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    told = response.json().get("errors", ())
    missed = [each for each in told if each["code"] in {"unknown", "doubled"} or each["detail"] == "is required"]
    assert not missed, f"the schema does not say it: {missed}"
