"""Each dangerous thing has one home: read with ast, so that a slip fails the build."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = sorted((ROOT / "efoy").rglob("*.py"))


def calls(tree):
    """Every dotted name that is called, as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def imports(tree):
    """Every module that is imported, as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def reads_the_time(tree):
    for name, line in calls(tree):
        if name in {"time.time", "datetime.now", "datetime.utcnow", "date.today", "datetime.today"}:
            yield line


def reads_the_environment(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
            yield node.lineno


def commits(tree):
    for name, line in calls(tree):
        if name.endswith(".commit"):
            yield line


def assigns_status(tree):
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                stores = isinstance(getattr(part, "ctx", None), ast.Store)
                if isinstance(part, ast.Attribute) and stores and part.attr == "status":
                    yield part.lineno


def imports_stripe(tree):
    return [line for name, line in imports(tree) if name.split(".")[0] == "stripe"]


def imports_flask_mail(tree):
    return [line for name, line in imports(tree) if name.split(".")[0] == "flask_mail"]


HOMES = [
    (reads_the_time, "efoy/gateways/clock.py", "x = datetime.now()"),
    (reads_the_environment, "efoy/settings.py", "x = os.environ['A']"),
    (commits, "efoy/models/base.py", "session.commit()"),
    (assigns_status, "efoy/models/transition.py", "row.status = 1"),
    (imports_stripe, "efoy/gateways/stripe_gateway.py", "import stripe"),
    (imports_flask_mail, "efoy/gateways/mailer.py", "from flask_mail import Mail"),
]
NAMES = [rule.__name__ for rule, _, _ in HOMES]


@pytest.mark.parametrize(("rule", "home", "slip"), HOMES, ids=NAMES)
def test_it_happens_only_at_home(rule, home, slip):
    away = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in PRODUCT
        if path.relative_to(ROOT).as_posix() != home
        for line in rule(ast.parse(path.read_text()))
    ]

    assert away == []


@pytest.mark.parametrize(("rule", "home", "slip"), HOMES, ids=NAMES)
def test_a_planted_slip_is_seen(rule, home, slip):
    assert list(rule(ast.parse(slip)))


def test_money_knows_neither_floats_nor_division():
    tree = ast.parse((ROOT / "efoy/domain/money.py").read_text())

    floats = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "float"]
    floats += [n for n in ast.walk(tree) if isinstance(getattr(n, "value", None), float)]
    divisions = [n for n in ast.walk(tree) if isinstance(n, ast.Div)]

    assert floats == divisions == []


def test_the_domain_imports_the_standard_library_only():
    import sys

    for path in (ROOT / "efoy/domain").glob("*.py"):
        for name, _ in imports(ast.parse(path.read_text())):
            root = name.split(".")[0]
            assert name.startswith("efoy.domain") or root in sys.stdlib_module_names, (path, name)


def test_every_transaction_is_a_registered_failpoint():
    from efoy.failpoints import COMMITS

    used = set()
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "transaction":
                used.add(ast.literal_eval(node.args[0]))

    assert used <= set(COMMITS), used - set(COMMITS)


def test_nothing_is_patched_in_the_tests():
    words = ("unittest." + "mock", "monkey" + "patch", "mock" + "er")
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text()
        assert not [word for word in words if word in text], path
