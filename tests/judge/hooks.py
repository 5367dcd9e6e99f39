"""What schemathesis loads: every answer is noted, problems are checked, and the judge's own session stays alive."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import schemathesis
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response
from tests.judge.likely import ROOT, TOKEN, URL, get, make_likely

NOTES = Path(os.environ["JUDGE_NOTES"])
PROBLEM = "application/problem+json"
CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
AUTH = f"{ROOT}/auth/"
GIVEN_AWAY = (AUTH, f"{ROOT}/members/{{user_id}}/ownership")  # else the judge could judge no more
PASSWORD = "seventeen quiet lanterns"  # that of the examples, so that they work


class Spare:
    """Somebody who may be signed out, lose their password or set up a second factor: then the next one comes."""

    token = ""
    count = 0

    def now(self) -> str:
        """Return the token of the present one."""
        if not get(f"{AUTH}me", self.token)[0]:
            self.count += 1
            who = {"email": f"spare-{os.getpid()}-{self.count}@example.org", "password": PASSWORD, "name": "Spare"}
            asked = Request(  # noqa: S310 - the address of our own server
                f"{URL}{AUTH}register", json.dumps(who).encode(), {"Content-Type": "application/json"}
            )
            with urlopen(asked, timeout=300) as answer:  # noqa: S310 - our own server
                self.token = json.load(answer)["access_token"]
        return self.token


SPARE = Spare()


@schemathesis.auth(refresh_interval=None)
class Token:
    """The judge's token; what is about one's own sign-in is asked by somebody else, as the judge must stay."""

    def get(self, case: Case, _context: AuthContext) -> str:
        """Return the token for a request."""
        return SPARE.now() if case.operation.path.startswith(GIVEN_AWAY) else TOKEN

    def set(self, case: Case, data: str, _context: AuthContext) -> None:
        """Write it into the request."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Let what fits the schema be about records that there are."""
    meta = case.meta
    if meta is not None and meta.phase.name.value == "stateful" and isinstance(case.query, dict):
        case.query.pop("include_removed", None)  # who asks for what was removed gets it, and the judge would wonder
    if (
        meta is not None
        and meta.generation.mode.is_positive
        and meta.phase.name.value in {"examples", "fuzzing", "stateful"}
    ):
        make_likely(case, with_address=meta.phase.name.value != "stateful")


@schemathesis.hook
def after_call(_context: HookContext, case: Case, response: Response) -> None:
    """Note which operation answered what."""
    mode = case.meta.generation.mode.value if case.meta else "explicit"
    phase = case.meta.phase.name.value if case.meta else "explicit"
    with NOTES.open("a") as notes:
        notes.write(f"{case.operation.label}\t{mode}\t{phase}\t{response.status_code}\t{response.request.path_url}\n")


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
