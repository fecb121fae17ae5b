"""How fast is the same, written plainly? Flask-SQLAlchemy, Flask-Login, Flask-WTF, stripe.

As their guides show it: entities, one form a page, the SDK as it comes. No claims on parts of an
hour, no history, no ledger, no mail. Its times are taken by one unique key.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import stripe
from flask import Flask, abort, redirect, render_template, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from sqlalchemy.exc import IntegrityError
from wtforms import EmailField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from tests.bench import floor

LAYOUT = """<!doctype html><html lang="en"><head><title>{{ title }}</title>
<link rel="stylesheet"
href="{{ url_for('static', filename='css/site.css') }}"></head><body><nav>
<a href="/">Doctors</a>{% if current_user.is_authenticated %}
<a href="/me">{{ current_user.name }}</a>
{% else %}<a href="/login">Sign in</a>{% endif %}</nav>{% block main %}{% endblock %}
</body></html>"""
PAGES = {
    "layout.html": LAYOUT,
    "week.html": """{% extends 'layout.html' %}{% block main %}<h1>{{ title }}</h1>
<form method="post" action="/book">{{ form.hidden_tag() }}{% for day, times in days %}<section>
<h2>{{ day }}</h2><ul>{% for at in times %}<li><label><input type="radio" name="starts_at"
value="{{ at }}">{{ at[11:16] }}</label></li>{% endfor %}</ul></section>{% endfor %}
<button>Continue</button></form>{% endblock %}""",
    "book.html": """{% extends 'layout.html' %}{% block main %}<h1>{{ title }}</h1>
<form method="post" action="/book">{{ form.hidden_tag() }}{% for field in (form.name, form.email) %}
<p>{{ field.label }} {{ field() }}{% for error in field.errors %}<b>{{ error }}</b>{% endfor %}</p>
{% endfor %}<button>Book for $45.00</button></form>{% endblock %}""",
    "gone.html": """{% extends 'layout.html' %}{% block main %}<h1>That time has just gone</h1>
<ul>{% for at in times %}<li>{{ at }}</li>{% endfor %}</ul>{% endblock %}""",
}

app = Flask(__name__)
app.jinja_loader = DictLoader(PAGES)
app.config.update(
    SECRET_KEY="stack",
    SQLALCHEMY_DATABASE_URI=os.environ.get("FLOOR_DATABASE", "sqlite://"),
    SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 16, "max_overflow": 16},
)
db = SQLAlchemy(app)
csrf = CSRFProtect(app)
login_manager = LoginManager(app)
client = stripe.StripeClient(
    "sk_test_stack", base_addresses={"api": os.environ.get("FLOOR_STRIPE", "http://127.0.0.1:9")}
)


class Doctor(db.Model):
    """Efoy's own table."""

    __tablename__ = "doctors"
    id = db.Column(db.Integer, primary_key=True)
    slug = db.Column(db.String)
    name = db.Column(db.String)
    hours = db.relationship("Hours")


class Hours(db.Model):
    """Efoy's own table."""

    __tablename__ = "opening_hours"
    id = db.Column(db.Integer, primary_key=True)
    doctor_id = db.Column(db.ForeignKey("doctors.id"))
    weekday = db.Column(db.Integer)
    from_minute = db.Column(db.Integer)
    to_minute = db.Column(db.Integer)


class Visit(db.Model):
    """Efoy's own table of bookings."""

    __tablename__ = "bookings"
    id = db.Column(db.String, primary_key=True)
    doctor_id = db.Column(db.Integer)
    starts_at = db.Column(db.DateTime(timezone=True))
    ends_at = db.Column(db.DateTime(timezone=True))
    status = db.Column(db.String)
    visitor_name = db.Column(db.String)


class Person(UserMixin, db.Model):
    """Efoy's own table of users."""

    __tablename__ = "users"
    id = db.Column(db.String, primary_key=True)
    email = db.Column(db.String)
    name = db.Column(db.String)


class Booking(db.Model):
    """Who has which time."""

    __tablename__ = "stack_bookings"
    __table_args__ = (db.UniqueConstraint("doctor_id", "starts_at"),)
    id = db.Column(db.Integer, primary_key=True)
    doctor_id = db.Column(db.Integer)
    user_id = db.Column(db.String)
    starts_at = db.Column(db.String)
    name = db.Column(db.String)
    email = db.Column(db.String)
    status = db.Column(db.String)
    payment = db.relationship("Payment", uselist=False, backref="booking")


class Payment(db.Model):
    """One checkout."""

    __tablename__ = "stack_payments"
    id = db.Column(db.Integer, primary_key=True)
    booking_id = db.Column(db.ForeignKey("stack_bookings.id"))
    amount = db.Column(db.Integer)
    status = db.Column(db.String)
    session_id = db.Column(db.String)


class Event(db.Model):
    """One message from Stripe."""

    __tablename__ = "stack_events"
    id = db.Column(db.String, primary_key=True)
    type = db.Column(db.String)
    payload = db.Column(db.JSON)
    received_at = db.Column(db.DateTime)


class BookForm(FlaskForm):
    """Who is coming."""

    doctor = HiddenField(validators=[DataRequired()])
    starts_at = HiddenField(validators=[DataRequired()])
    name = StringField("Name", validators=[DataRequired(), Length(max=120)])
    email = EmailField("Email", validators=[DataRequired(), Length(max=254)])


def make_tables() -> None:
    """Once, before the servers start."""
    own = [each.__table__ for each in (Booking, Payment, Event)]
    with app.app_context():
        db.metadata.create_all(db.engine, tables=own)


@login_manager.user_loader
def load(key: str) -> Person | None:
    """One query a request."""
    return db.session.get(Person, key)


@app.get("/healthz")
def healthz() -> str:
    """Up."""
    return "ok"


@app.get("/as/<int:number>")
def sign_in_as(number: int) -> str:
    """No password work: that is not measured."""
    login_user(db.session.get(Person, f"loadu{number:021d}"))
    return "ok"


def free(doctor: Doctor) -> list[tuple[str, list[str]]]:
    """The free times of fourteen days."""
    local = ZoneInfo("America/New_York")
    first = datetime.now(local).date() + timedelta(days=1)
    begin = datetime(first.year, first.month, first.day, tzinfo=local).astimezone(UTC)
    end = begin + timedelta(days=floor.DAYS)
    taken = Visit.query.filter(
        Visit.doctor_id == doctor.id,
        Visit.starts_at >= begin,
        Visit.starts_at < end,
        Visit.status.in_(["held", "confirmed"]),
    ).all()
    gone = {f"{visit.starts_at:%Y-%m-%d %H:%M}" for visit in taken}
    hours = [(each.weekday, each.from_minute, each.to_minute) for each in doctor.hours]
    days = floor.days_from(first)
    return [(str(day), floor.times_of(day, hours, local, gone)) for day in days]


@app.get("/doctors/<slug>")
def week(slug: str) -> str:
    """W1."""
    doctor = Doctor.query.filter_by(slug=slug).first_or_404()
    return render_template(
        "week.html", title=doctor.name, days=free(doctor), form=BookForm(doctor=slug)
    )


@app.get("/book")
@login_required
def form() -> str:
    """W2: the form."""
    doctor = Doctor.query.filter_by(slug=request.args["doctor"]).first_or_404()
    known = {"name": current_user.name, "email": current_user.email}
    filled = BookForm(doctor=doctor.slug, starts_at=request.args["starts_at"], **known)
    return render_template("book.html", title=doctor.name, form=filled)


@app.post("/book")
@login_required
def hold() -> Any:
    """W2, W3: the time is held, or gone."""
    asked = BookForm()
    if not asked.validate_on_submit():
        return render_template("book.html", title="Book", form=asked), 400
    doctor = Doctor.query.filter_by(slug=asked.doctor.data).first_or_404()
    booking = Booking(
        doctor_id=doctor.id,
        user_id=current_user.id,
        starts_at=asked.starts_at.data,
        name=asked.name.data,
        email=asked.email.data,
        status="held",
    )
    db.session.add(booking)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        times = [each for _, some in free(doctor) for each in some][:3]
        return render_template("gone.html", title="Gone", times=times), 409
    return redirect(f"/bookings/{booking.id}/review", 303)


@app.post("/bookings/<int:key>/pay")
@login_required
def pay(key: int) -> Any:
    """W2: to Stripe's page."""
    booking = Booking.query.filter_by(id=key, user_id=current_user.id).first_or_404()
    payment = Payment(booking=booking, amount=4500, status="creating")
    db.session.add(payment)
    db.session.commit()
    price = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "Appointment"}}
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],  # type: ignore[typeddict-item]
            "client_reference_id": str(payment.id),
            "customer_email": booking.email,
            "success_url": "http://127.0.0.1/ok",
            "cancel_url": "http://127.0.0.1/back",
        }
    )
    payment.status, payment.session_id = "open", session.id
    db.session.commit()
    return redirect(session.url or "", 303)


@app.post("/webhook")
@csrf.exempt
def webhook() -> Any:
    """W4: proved by the SDK, stored once."""
    try:
        event = stripe.Webhook.construct_event(
            request.data, request.headers["Stripe-Signature"], os.environ["FLOOR_SECRET"]
        )
    except (ValueError, stripe.SignatureVerificationError):
        abort(400)
    if db.session.get(Event, event.id) is None:
        now = datetime.now(UTC).replace(tzinfo=None)
        payload = event.to_dict()
        db.session.add(Event(id=event.id, type=event.type, payload=payload, received_at=now))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
    return "", 204
