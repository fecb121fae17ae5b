"""How is the API described to programs? In OpenAPI, made from the routes themselves."""

from __future__ import annotations

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask
from flask_smorest import Api

from efoy.web.access import Rule, rule_of
from efoy.web.api.blueprint import SCOPE, ApiBlueprint
from efoy.web.api.fields import Instant

TITLE, VERSION, OPENAPI = "Efoy", "1", "3.1.0"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "The broken rule as a stable word"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "reason": {"type": "string", "description": "Why a refund was refused, as a word"},
        "field": {"type": "string"},
        "error_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ALWAYS = {"400": "Not readable", "429": "Too many requests", "503": "A dependency is down"}
KNOWN = {"401": "Nobody known", "403": "Role or scope may not do this"}
NAMED = {"404": "Foreign or missing"}
SENT = {"409": "The world moved on", "413": "Too large", "415": "Not JSON"}
ASKED = {"422": "Fields that cannot be used"}
WEBHOOK = "/api/v1/payment/webhook"


class QuietApi(Api):
    """Describes, and leaves the handling of errors to the app's own table."""

    def _register_error_handlers(self) -> None:
        """None: HTML pages must not answer JSON."""


def describe(app: Flask, bp: ApiBlueprint) -> dict[str, Any]:
    """The document for the routes of ``bp``, which must be registered with ``app``."""
    given = {"title": TITLE, "version": VERSION, "openapi_version": OPENAPI}
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    api = QuietApi(app, spec_kwargs=given | {"marshmallow_plugin": plugin})
    app.cli.commands.pop("openapi", None)  # it would print the document without what follows
    api.register_field(Instant, "string", "date-time")
    bp.register_views_in_doc(api, app, api.spec, name=bp.name, parameters=None)
    document: dict[str, Any] = api.spec.to_dict()
    _secure(document, str(app.config["SESSION_COOKIE_NAME"]))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{bp.name}."):
            path = api.flask_plugin.flaskpath2openapi(rule.rule)
            method = "post" if "POST" in (rule.methods or ()) else "get"
            operation = document["paths"][path][method]
            _complete(operation, method, app, rule.endpoint, named="{" in path)
    document["paths"][WEBHOOK] = _webhook()
    return document


def _name(schema: Any) -> str:
    """A shape's name without the word for what it is."""
    return str(resolve_schema_cls(schema).__name__).removesuffix("Shape")  # type: ignore[union-attr]


def _secure(document: dict[str, Any], cookie: str) -> None:
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["schemas"].pop("PaginationMetadataSchema", None)
    for name, schema in parts["schemas"].items():
        if not name.endswith("Args") and name != "Problem":
            schema["required"] = list(schema.get("properties", {}))  # an answer leaves nothing out
    parts["responses"] = {
        status: {
            "description": words,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status, words in (ALWAYS | KNOWN | NAMED | SENT | ASKED).items()
    }
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        "stripe": {"type": "apiKey", "in": "header", "name": "Stripe-Signature"},
    }


def _complete(
    operation: dict[str, Any], method: str, app: Flask, endpoint: str, *, named: bool
) -> None:
    """Say who may come in, and which problems to expect."""
    rule = rule_of(app, endpoint) or Rule()
    needed = getattr(app.view_functions[endpoint], SCOPE, None)
    cookie: dict[str, list[str]] = {"session": []}
    if method == "post":
        cookie["csrf"] = []
    bearer = [{"bearer": [str(needed)]}] if needed else []
    operation["security"] = [] if rule.everyone else [*bearer, cookie]
    good = {word: told for word, told in operation["responses"].items() if word[0] == "2"}
    bad = _expected(operation, method)
    bad |= ({} if rule.everyone else KNOWN) | (NAMED if named or method == "post" else {})
    operation["responses"] = good | {
        s: {"$ref": f"#/components/responses/{s}"} for s in sorted(bad)
    }


def _expected(operation: dict[str, Any], method: str) -> dict[str, str]:
    places = {given.get("in") for given in operation.get("parameters", [])}
    asked = "query" in places or "requestBody" in operation
    return ALWAYS | (SENT if method == "post" else {}) | (ASKED if asked else {})


def _webhook() -> dict[str, Any]:
    """Stripe's door, which is read raw by its own view."""
    return {
        "post": {
            "summary": "Stripe's events, signed over the raw body",
            "tags": ["payment"],
            "security": [{"stripe": []}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "responses": {
                "204": {"description": "Stored"},
                "400": {"description": "Not signed by Stripe"},
                "413": {"$ref": "#/components/responses/413"},
                "503": {"$ref": "#/components/responses/503"},
            },
        }
    }
