"""Is the API described as it is? The document against the routes, and the words for refusals."""

import re

import pytest

from efoy.domain import errors
from efoy.domain.scope import Scope
from efoy.web.errors import _slug, status_of
from efoy.web.problems import DETAILS, detail_of
from tests.support.program import API, problem


@pytest.fixture
def document(client):
    """What programs read."""
    answer = client.get(f"{API}/openapi.json")
    assert answer.mimetype == "application/json"
    return answer.get_json()


def operations(document):
    """Every (method, path, operation)."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method, path, operation


def references(value):
    """Every reference to a part of the document."""
    if isinstance(value, dict):
        yield from (value["$ref"],) if isinstance(value.get("$ref"), str) else ()
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_document_equals_the_routes(app, document):
    routes = {
        (method.lower(), re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _ in operations(document)} == routes
    assert ("post", "/api/v1/payment/webhook") in routes


def test_every_refusal_is_declared_as_a_problem(document):
    for method, path, operation in operations(document):
        for status in set(operation["responses"]) - {"200", "201", "202", "204"}:
            if path.endswith("/webhook") and status == "400":
                continue  # an empty answer: nothing is told to whoever forged it
            name = operation["responses"][status]["$ref"].rsplit("/", 1)[1]
            content = document["components"]["responses"][name]["content"]
            assert set(content) == {"application/problem+json"}, (method, path)


def test_every_call_says_how_to_come_in(document):
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}
    for method, path, operation in operations(document):
        for way in operation["security"]:
            assert set(way) <= set(schemes), path
            assert set(way.get("bearer", [])) <= set(Scope)
            assert ("csrf" in way) == (method == "post" and "session" in way)
        if operation["security"] and not path.endswith("/webhook"):
            assert {"401", "403"} <= set(operation["responses"]), path


def test_every_path_parameter_is_described_and_may_be_missing(document):
    for _, path, operation in operations(document):
        named = set(re.findall(r"{(\w+)}", path))
        described = document["paths"][path].get("parameters", []) + operation.get("parameters", [])
        assert {one["name"] for one in described if one["in"] == "path"} == named
        assert not named or "404" in operation["responses"], path


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_amounts_are_whole_numbers_beside_a_currency(document):
    for name, shape in document["components"]["schemas"].items():
        fields = shape.get("properties", {})
        if "amount" in fields and not name.endswith("Args"):
            assert fields["amount"]["type"] == "integer", name
            assert "currency" in fields, name
            assert set(shape["required"]) == set(fields), name
        for field, told in fields.items():
            assert "_" not in field or name == "Problem", (name, field)
            assert told.get("type") != "number", (name, field)


def test_an_unknown_address_or_method_is_a_problem_too(client):
    nothing, wrong = client.get(f"{API}/nothing"), client.delete(f"{API}/doctors")

    assert (nothing.status_code, problem(nothing)["code"]) == (404, "not-found")
    assert "spelling" not in nothing.text
    assert (wrong.status_code, set(wrong.headers["Allow"].split(", "))) == (
        405,
        {"GET", "HEAD", "OPTIONS"},
    )


def test_pages_still_answer_with_pages(client):
    assert client.get("/nothing").mimetype == "text/html"
    assert client.get("/api").mimetype == "text/html"


def test_every_rule_has_a_sentence_for_programs():
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.EfoyError)
    } - {errors.EfoyError, errors.InvalidValue}

    for kind in kinds:
        assert _slug(kind.__name__) in DETAILS, kind
    for word, sentence in DETAILS.items():
        assert detail_of(word, 400) == sentence
    assert status_of(errors.NotFound()) == 404
