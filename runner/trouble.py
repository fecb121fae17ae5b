"""How does a command say what is wrong?"""


class Trouble(Exception):
    """Something a person can put right: its text is one plain sentence and the cure."""
