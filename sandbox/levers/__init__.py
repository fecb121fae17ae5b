"""What can a person or a program do to the sandbox?  Typed JSON in, JSON out, or Refusal."""
