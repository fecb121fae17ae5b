"""Does the sandbox stand on its own: a port, real connections, retries, a clean end?"""

import http.client
import http.server
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import stripe

from tests.sandbox.steps import SECRET

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20  # seconds


class Endpoint:
    """A webhook address that answers as told and keeps what came."""

    def __init__(self):
        self.came, self.answers = queue.Queue(), queue.Queue()
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.came.put((self.headers["Stripe-Signature"], body))
                status = 200 if endpoint.answers.empty() else endpoint.answers.get()
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def endpoint():
    found = Endpoint()
    yield found
    found.close()


@pytest.fixture
def process(endpoint, tmp_path):
    """`python -m sandbox` on a free port: (port, clock file, process)."""
    clock_file = tmp_path / "clock"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--webhook-url", endpoint.url]
    command += ["--webhook-secret", SECRET, "--key", "sk_test_p", "--clock-file", str(clock_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        port = int(running.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        yield port, clock_file, running
        running.terminate()
        running.wait(PATIENCE)


@pytest.fixture
def client(process):
    http_client = stripe.RequestsClient(timeout=5)
    yield stripe.StripeClient(
        "sk_test_p",
        stripe_version="2026-10-28.endive",
        http_client=http_client,
        base_addresses={"api": f"http://127.0.0.1:{process[0]}"},
    )
    http_client.close()


def control(port, path, payload=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    if payload is None:
        connection.request("GET", f"/_control/{path}")
    else:
        connection.request("POST", f"/_control/{path}", json.dumps(payload))
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    assert answer.status == 200, found
    return found


def paid_on(port):
    (session,) = control(port, "sessions", {})
    control(port, "pay", {"session": session})
    return session


def test_a_payment_is_told_by_signed_webhooks_and_retried_until_taken(process, endpoint):
    port, clock_file, _ = process
    endpoint.answers.put(500)

    paid_on(port)
    first = [endpoint.came.get(timeout=PATIENCE) for _ in range(4)]
    clock_file.write_text("30", encoding="utf-8")
    rest = [endpoint.came.get(timeout=PATIENCE) for _ in range(2)]

    for header, body in first:
        assert stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, tolerance=60)
    types = [json.loads(body)["type"] for _, body in first + rest]
    assert len(types) - len(set(types)) == 1
    assert "charge.updated" in types


def test_the_clock_file_moves_sandbox_and_stamp_alike(process, client, endpoint):
    port, clock_file, _ = process
    clock_file.write_text("100000", encoding="utf-8")

    session = paid_on(port)
    header, _ = endpoint.came.get(timeout=PATIENCE)

    made = client.v1.checkout.sessions.retrieve(session).created
    assert abs(made - time.time() - 100000) < PATIENCE
    assert abs(int(header.split(",")[0][2:]) - made) < PATIENCE


def test_a_checkout_expires_without_anyone_asking(process, endpoint):
    port, clock_file, _ = process
    control(port, "sessions", {})

    clock_file.write_text("3000", encoding="utf-8")

    _, body = endpoint.came.get(timeout=PATIENCE)
    assert json.loads(body)["type"] == "checkout.session.expired"


@pytest.mark.parametrize("action", ["reset_half_body", "garbage_200"])
def test_a_broken_answer_breaks_the_call_but_not_the_deed(process, client, action):
    fault = {"method": "POST", "path": "/v1/customers", "action": action}
    control(process[0], "faults", [fault])

    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        client.v1.customers.create({"email": "p@example.com"})

    assert len(client.v1.customers.list().data) == 1


def test_a_call_without_an_answer_can_be_let_go(process):
    port = process[0]
    fault = {"method": "GET", "path": "/v1/balance", "action": "timeout_before"}
    control(port, "faults", [fault])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    connection.request("GET", "/v1/balance", headers={"Authorization": "Bearer sk_test_p"})

    with pytest.raises(TimeoutError):
        connection.getresponse()

    connection.close()
    assert control(port, "reset", {}) == {"reset": True}


def test_the_same_key_in_flight_is_a_conflict(process, client):
    fault = {"method": "POST", "path": "/v1/customers", "action": "slow=30"}
    control(process[0], "faults", [fault])
    made = queue.Queue()

    def create():
        made.put(client.v1.customers.create({}, {"idempotency_key": "one"}).id)

    slow = threading.Thread(target=create)
    slow.start()
    while control(process[0], "faults")[0]["seen"] == 0:
        pass
    with pytest.raises(stripe.APIError) as caught:
        client.v1.customers.create({}, {"idempotency_key": "one"})
    control(process[0], "wake", {})
    slow.join(PATIENCE)

    assert (caught.value.http_status, caught.value.error.code) == (409, "idempotency_key_in_use")
    assert client.v1.customers.create({}, {"idempotency_key": "one"}).id == made.get(timeout=1)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_it_ends_cleanly_when_asked(process):
    process[2].send_signal(signal.SIGTERM)

    assert process[2].wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "wrong", [["--key", "sk_live_x"], ["--webhook-secret", "secret"], ["--port", "many"]]
)
def test_a_wrong_option_ends_it_at_once_with_a_sentence(wrong):
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", *wrong],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert ended.returncode != 0
    assert wrong[0] in ended.stderr


def test_a_taken_port_is_said_in_one_sentence(process):
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", str(process[0])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert ended.returncode == 1
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr
