"""What does `./run` do? One module a command; standard library only: nothing else is there yet."""
