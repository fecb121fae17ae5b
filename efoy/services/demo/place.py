"""Which clinic does the demo show: place, doctors, services, hours? Plain values, no rows."""

from __future__ import annotations

from dataclasses import dataclass

from efoy.domain.policy import ApprovalMode
from efoy.services.demo.hours import DemoHours, weekly

ZONE = "America/New_York"
CURRENCY = "USD"
CLINIC = {
    "name": "Acacia Family Clinic",
    "address": "214 Juniper Street, Silver Spring, MD 20910",
    "directions": "Floor 2. There is a lift.",
    "phone": "(301) 555-0142",
    "phone_hours": "Monday to Friday, 8 am to 6 pm",
    "email": "desk@acacia.example",
    "emergency_number": "911",
    "zone": ZONE,
    "zone_label": "Eastern",
    "currency": CURRENCY,
    "country": "US",
    "statement_name": "ACACIA CLINIC",
    "tax_text": "Tax ID 00-0000000",
}
POLICIES = {ApprovalMode.APPROVAL: "Standard", ApprovalMode.AUTOMATIC: "Video visits"}
RUNGS = [[1440, 100], [120, 50]]
TAX_LABEL = "Tax (medical services, exempt)"
PLACE = "Juniper Street, floor 2"
LAKESIDE = "Lakeside branch, room 4"

SPECIALTIES = (
    (
        "general",
        "General practice",
        "General",
        "family doctor gp fever cough cold flu stomach headache back pain diabetes sugar blood"
        " pressure check-up vaccination tired",
    ),
    (
        "children",
        "Children (pediatrics)",
        "Children",
        "child baby kids pediatrician paediatrics fever rash vaccination growth ear school",
    ),
    (
        "women",
        "Women’s health (gynecology)",
        "Women’s health",
        "woman pregnancy pregnant period contraception pill smear menopause gynecologist",
    ),
    (
        "mind",
        "Mental health",
        "Mental health",
        "sad worry stress sleep anxiety depression panic talk therapy counselling psychiatry",
    ),
    (
        "skin",
        "Skin (dermatology)",
        "Skin",
        "rash acne pimples mole itching eczema hair nails dermatologist",
    ),
    (
        "heart",
        "Heart (cardiology)",
        "Heart",
        "heart chest pain heartbeat palpitations blood pressure breath cardiologist",
    ),
)


@dataclass(frozen=True, kw_only=True)
class DemoService:
    """One kind of visit; price in cents. ``automatic``: refunds of it need nobody's approval."""

    slug: str
    name: str
    detail: str
    minutes: int
    price: int
    buffer: int = 0
    mode: str = "clinic"
    automatic: bool = False


SERVICES = (
    DemoService(
        slug="see-the-doctor", name="See the doctor", detail="at the clinic", minutes=20, price=4500
    ),
    DemoService(
        slug="video-visit",
        name="Video visit",
        detail="on your phone",
        minutes=15,
        price=3500,
        mode="video",
        automatic=True,
    ),
    DemoService(
        slug="full-health-check",
        name="Full health check",
        detail="blood pressure and sugar included",
        minutes=40,
        price=8000,
        buffer=5,
    ),
    DemoService(
        slug="child-visit",
        name="Child visit",
        detail="at the clinic, with a parent",
        minutes=20,
        price=5500,
    ),
    DemoService(
        slug="women-visit", name="Women’s health", detail="at the clinic", minutes=30, price=7000
    ),
    DemoService(
        slug="talk",
        name="Talk with the doctor",
        detail="by video",
        minutes=45,
        price=9000,
        buffer=15,
        mode="video",
    ),
    DemoService(
        slug="skin-check", name="Skin check", detail="at the clinic", minutes=20, price=8000
    ),
    DemoService(
        slug="heart-check",
        name="Heart check",
        detail="with a heart trace (ECG)",
        minutes=30,
        price=12000,
        buffer=10,
    ),
)


@dataclass(frozen=True, kw_only=True)
class DemoDoctor:
    """One doctor. ``also``: services at a fee of their own, in cents, which people move to and
    from."""

    slug: str
    name: str
    specialty: str
    languages: str
    about: str
    services: tuple[str, ...]
    hours: tuple[DemoHours, ...]
    licence: str
    place: str = PLACE
    also: tuple[tuple[str, int], ...] = ()


DOCTORS = (
    DemoDoctor(
        slug="hana-tesfaye",
        name="Dr Hana Tesfaye",
        specialty="general",
        languages="Amharic, English",
        about="Family doctor for 14 years. Sees adults and children over 5 for fever, cough,"
        " stomach problems, diabetes, blood pressure and check-ups.",
        services=("see-the-doctor", "video-visit", "full-health-check"),
        hours=(
            weekly("0123", "8:40", "18:00", "12:00", "13:00"),
            weekly("4", "8:40", "12:00"),
            DemoHours(days="4", start="13:00", end="18:00", place=LAKESIDE),
            DemoHours(days="5", start="9:00", end="11:00", lasts=(None, 41)),
            DemoHours(
                days="5", start="9:00", end="13:00", services=("see-the-doctor",), lasts=(42, None)
            ),
        ),
        licence="Maryland medical licence D0071234, checked by the clinic",
    ),
    DemoDoctor(
        slug="samuel-mwangi",
        name="Dr Samuel Mwangi",
        specialty="children",
        languages="English, Kiswahili",
        about="Children’s doctor for 9 years. Sees newborns to 17-year-olds, ill or well. Brothers"
        " and sisters may come along.",
        services=("child-visit",),
        hours=(weekly("01234", "8:20", "17:00", "12:00", "13:00"), weekly("5", "9:00", "12:00")),
        licence="Maryland medical licence D0078210, checked by the clinic",
    ),
    DemoDoctor(
        slug="layla-haddad",
        name="Dr Layla Haddad",
        specialty="women",
        languages="Arabic, English, French",
        about="Looks after women of every age: periods, pregnancy, contraception, change of life."
        " You can bring someone with you.",
        services=("women-visit",),
        hours=(weekly("124", "9:00", "16:30", "12:30", "13:30"),),
        licence="Maryland medical licence D0069950, checked by the clinic",
        also=(("see-the-doctor", 5500),),
    ),
    DemoDoctor(
        slug="meron-alemu",
        name="Dr Meron Alemu",
        specialty="mind",
        languages="Amharic, English",
        about="Listens first. Helps with sleep, worry, low mood and hard times, by talking and,"
        " where it helps, with medicine.",
        services=("talk",),
        hours=(weekly("013", "13:00", "19:00", "15:00", "16:00"),),
        licence="Maryland medical licence D0081177, checked by the clinic",
        place="Video only",
    ),
    DemoDoctor(
        slug="tomas-rivera",
        name="Dr Tomás Rivera",
        specialty="skin",
        languages="English, Spanish",
        about="Skin, hair and nails, for adults and children. Small moles can be taken off in the"
        " same week.",
        services=("skin-check",),
        hours=(weekly("12", "9:00", "17:00", "12:00", "13:20"),),
        licence="Maryland medical licence D0075502, checked by the clinic",
    ),
    DemoDoctor(
        slug="yusuf-abdi",
        name="Dr Yusuf Abdi",
        specialty="heart",
        languages="Somali, Arabic, English",
        about="Heart doctor for 20 years: chest pain, heartbeat that races or stumbles, high blood"
        " pressure.",
        services=("heart-check",),
        hours=(weekly("02", "9:00", "13:00"),),
        licence="Maryland medical licence D0058816, checked by the clinic",
    ),
)
AWAY_FOR_WEEKS = "yusuf-abdi"
"""This doctor is away for the next four weeks: the board shows what a full calendar looks like."""

PATIENTS = (
    ("Daniel Kebede", "daniel@example.org", "(240) 555-0163"),
    ("Sara Lemma", "sara@example.org", "(240) 555-0120"),
    ("Ibrahim Saleh", "ibrahim@example.org", "(301) 555-0171"),
    ("Liya Haile", "liya@example.org", "(240) 555-0188"),
    ("Tigist Worku", "tigist@example.org", "(240) 555-0102"),
    ("Samrawit Desta", "samrawit@example.org", "(301) 555-0119"),
    ("Caleb Otieno", "caleb@example.org", "(301) 555-0145"),
    ("Nadia Osman", "nadia@example.org", "(240) 555-0134"),
    ("Amina Yusuf", "amina@example.org", "(240) 555-0156"),
    ("Marta Ruiz", "marta@example.org", "(301) 555-0108"),
    ("Yonas Girma", "yonas@example.org", "(240) 555-0199"),
    ("Grace Njeri", "grace@example.org", "(301) 555-0113"),
    ("Peter Collins", "peter@example.org", "(240) 555-0127"),
    ("Fatima Noor", "fatima@example.org", "(240) 555-0181"),
    ("Lucía Campos", "lucia@example.org", "(301) 555-0166"),
    ("Bethlehem Assefa", "betty@example.org", "(240) 555-0142"),
    ("Omar Hersi", "omar@example.org", "(301) 555-0190"),
    ("Joanna Reid", "joanna@example.org", "(240) 555-0175"),
    ("Mulugeta Tadesse", "mulugeta@example.org", "(301) 555-0150"),
    ("Wanjiru Kamau", "wanjiru@example.org", "(240) 555-0115"),
)
