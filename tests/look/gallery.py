"""How does a page look? Drawn with sample values by an application with nothing behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, render_template
from flask_babel import Babel
from jinja2 import StrictUndefined

from efoy.web.filters import register_filters
from efoy.web.icons import register_icons
from tests.look import samples

ROOT = Path(__file__).parents[2]


def gallery() -> Flask:
    """The bare application: strict templates, the clinic of the samples, no routes."""
    app = Flask(
        "gallery", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.secret_key = "only for drawing samples"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = lambda: "c" * 91
    Babel(app)
    register_icons(app)
    register_filters(app, lambda: samples.CLINIC)
    return app


def draw(app: Flask, template: str, values: dict[str, Any]) -> str:
    """The page as a browser gets it; every value a page needs must be among ``values``."""
    role = samples.ADMIN if template.startswith("admin/") else samples.PATIENT
    shared = {
        "clinic": samples.CLINIC,
        "viewer": role,
        "sandbox_mode": True,
        "lang": "en",
        "text_dir": "ltr",
        "theme": None,
        "staff_counts": lambda: samples.Row(needs_you=3, refunds=2),
    }
    with app.test_request_context("/"):
        return render_template(template, **{**shared, **values})
