"""Does `./run` explain itself?"""

import pytest

from runner.commands import COMMANDS, HELP, main
from runner.demo import alone, forget
from runner.demo_settings import DemoPorts, demo_secrets, demo_settings
from runner.test_steps import Outcome
from runner.testing import report
from runner.trouble import Trouble


def test_without_a_command_it_helps(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == HELP


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_command(command):
    assert f"./run {command}" in HELP


def test_an_unknown_command_is_refused_with_help(capsys):
    assert main(["dmo"]) == 2
    assert "There is no command “dmo”" in capsys.readouterr().err


def test_the_demo_keeps_its_secrets_to_itself(tmp_path):
    first = demo_secrets(tmp_path)

    assert demo_secrets(tmp_path) == first
    assert (tmp_path / "demo-secrets.json").stat().st_mode & 0o077 == 0


def test_the_demo_talks_to_its_own_sandbox_and_mail_catcher(tmp_path):
    settings = demo_settings(tmp_path, DemoPorts(web=1, sandbox=2, mail=3, smtp=4))

    assert settings["STRIPE_API_BASE"] == settings["STRIPE_CHECKOUT_HOST"] == "http://127.0.0.1:2"
    assert settings["BASE_URL"] == "http://127.0.0.1:1"
    assert settings["MAIL_PORT"] == "4"
    assert settings["STRIPE_SECRET_KEY"].startswith("sk_test_")


def test_two_demos_do_not_share_a_folder(tmp_path):
    with alone(tmp_path):
        (tmp_path / "demo.sqlite3").touch()
        with pytest.raises(Trouble, match="EFOY_DEMO_DIR"), alone(tmp_path):
            pass
        forget(tmp_path)
        with pytest.raises(Trouble), alone(tmp_path):
            pass

    with alone(tmp_path):
        assert not (tmp_path / "demo.sqlite3").exists()


def test_a_missing_server_fails_only_where_strictness_was_asked_for(capsys):
    passed = [Outcome(name="Tests", passed=True, seconds=1.0, closing="3 passed in 1.00s")]

    assert report(passed, ["PostgreSQL: none"], strict=False) == 0
    assert report(passed, ["PostgreSQL: none"], strict=True) == 1
    assert report(passed, [], strict=True) == 0
    assert "LEFT OUT" in capsys.readouterr().out


def test_one_failed_step_fails_all(capsys):
    outcomes = [
        Outcome(name="Types", passed=False, seconds=1.0),
        Outcome(name="Tests", passed=True, seconds=1.0, closing="5 passed, 2 skipped in 1.00s"),
    ]

    assert report(outcomes, [], strict=False) == 1
    assert outcomes[1].skipped == 2
    assert "FAILED" in capsys.readouterr().out
