"""Routes of papers: insurance, registration, inspections, warranties, leases, licences."""

from __future__ import annotations

import attrs

from fleetserver.web.routing import Route, act, create, read, resource

__all__ = ["ROUTES"]


def _of_kind(path: str, kind: str) -> tuple[Route, ...]:
    return (
        read(path, "documents.list", kind=kind),
        create(path, "documents.add", record="document", kind=kind),
        *(
            attrs.evolve(route, fixed={"kind": kind})
            for route in resource(
                path, get="documents.get", edit="documents.edit", delete="documents.delete", record="document"
            )
        ),
    )


ROUTES: tuple[Route, ...] = (
    *_of_kind("/insurance", "insurance"),
    *_of_kind("/registration", "registration"),
    act("/documents/run-premiums", "documents.run_premiums"),
    *resource(
        "/documents",
        add="documents.add",
        get="documents.get",
        list_="documents.list",
        edit="documents.edit",
        delete="documents.delete",
        restore="documents.restore",
        record="document",
    ),
    act("/documents/{id}/renew", "documents.renew", getter="documents.get", record="document"),
    act("/documents/{id}/cancel", "documents.cancel", getter="documents.get"),
    read("/documents/{id}/payments", "documents.payments"),
    read("/documents/{id}/lease-forecast", "documents.lease_forecast"),
)
