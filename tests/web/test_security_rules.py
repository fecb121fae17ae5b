"""Does an endpoint that says nothing about who may come in ever get to answer?"""

import pytest
from flask import Flask
from flask.views import MethodView

from efoy.domain.errors import Forbidden
from efoy.domain.role import Action
from efoy.web.access import UnruledEndpoints, public, register_access, requires, rule_of, signed_in


def house(view, name="page"):
    """An app with one endpoint."""
    app = Flask("house")
    app.add_url_rule("/page", name, view)
    return app


def test_an_endpoint_without_a_rule_keeps_the_app_from_starting():
    app = house(lambda: "open to all by mistake", "forgotten")

    with pytest.raises(UnruledEndpoints, match="forgotten"):
        register_access(app)


def test_an_endpoint_added_afterwards_is_refused_on_every_request():
    app = house(public(lambda: "fine"))
    register_access(app)
    app.add_url_rule("/late", "late", lambda: "open to all by mistake")
    app.testing = True

    with pytest.raises(Forbidden):
        app.test_client().get("/late")
    assert app.test_client().get("/page").text == "fine"


def test_a_class_of_views_needs_a_rule_for_each_of_its_methods():
    class Half(MethodView):
        @public
        def get(self):
            return "fine"

        def post(self):
            return "open to all by mistake"

    with pytest.raises(UnruledEndpoints):
        register_access(house(Half.as_view("half")))


def test_each_method_of_a_class_has_its_own_rule():
    class Both(MethodView):
        @public
        def get(self):
            return "fine"

        @requires(Action.REFUND)
        def post(self):
            return "done"

    app = house(Both.as_view("both"))
    app.add_url_rule("/page", "both", methods=["POST"])
    register_access(app)

    with app.test_request_context("/page"):
        assert rule_of(app, "page").everyone
    with app.test_request_context("/page", method="POST"):
        assert rule_of(app, "page").action is Action.REFUND


def test_the_rules_are_three():
    app = house(signed_in(lambda: ""))
    app.add_url_rule("/a", "a", public(lambda: ""))
    app.add_url_rule("/b", "b", requires(Action.CANCEL)(lambda: ""))

    assert not rule_of(app, "page").everyone
    assert rule_of(app, "page").action is None
    assert rule_of(app, "a").everyone
    assert rule_of(app, "b").action is Action.CANCEL
