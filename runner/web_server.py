"""How is the web server started?"""

from runner.places import PYTHON, WINDOWS


def web_command(bind: str, *, workers: int, threads: int) -> list[str]:
    """The command line of the web server: gunicorn, or on Windows Flask's own for looking around.

    Threads, because a request that waits for Stripe must not hold a process; no control socket,
    because gunicorn would open one in the home directory.
    """
    if WINDOWS:
        host, port = bind.rsplit(":", 1)
        return flask_command("run", "--host", host, "--port", port, "--with-threads")
    settings = ["--bind", bind, "--workers", str(workers), "--threads", str(threads)]
    return [
        *(str(PYTHON), "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread", *settings),
        *("--no-control-socket", "--timeout", "60", "--graceful-timeout", "10"),
        *("--config", "python:runner.gunicorn_hooks"),
    ]


def flask_command(*arguments: str) -> list[str]:
    """The command line of one of the application's own commands."""
    return [str(PYTHON), "-m", "flask", "--app", "wsgi", *arguments]
