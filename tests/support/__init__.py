"""What the stories are told with: a small clinic, its people, and the world outside."""
