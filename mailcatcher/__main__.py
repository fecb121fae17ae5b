"""How is the mail catcher started? `python -m mailcatcher --smtp-port 9025 --web-port 8025`."""

import argparse
import logging
import signal
from types import FrameType

from werkzeug.serving import make_server

from mailcatcher.messages import Mailbox
from mailcatcher.pages import create_app
from mailcatcher.smtp import smtp_server


def main() -> None:
    """Listen for mail and show it, until a signal."""
    parser = argparse.ArgumentParser(prog="python -m mailcatcher", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=9025, help="where mail is sent to")
    parser.add_argument("--web-port", type=int, default=8025, help="where it is read")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, stop)
    serve(options.smtp_port, options.web_port)


def serve(smtp_port: int, web_port: int) -> None:
    """Run both servers over one box."""
    mailbox = Mailbox()
    smtp = smtp_server(mailbox, smtp_port)
    smtp.start()
    print(f"Mail to 127.0.0.1:{smtp_port} is shown at http://127.0.0.1:{web_port}", flush=True)
    try:
        make_server("127.0.0.1", web_port, create_app(mailbox), threaded=True).serve_forever()
    except KeyboardInterrupt:
        pass  # asked to stop
    finally:
        smtp.stop()


def stop(number: int, frame: FrameType | None) -> None:
    """SIGTERM does what Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
