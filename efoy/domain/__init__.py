"""The rules of the clinic as pure functions of values and a time: standard library only."""
