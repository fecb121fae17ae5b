"""Where does the demo's mail go? An SMTP server on this machine that delivers to a page, not on."""
