"""What screens show: frozen rows, no writes."""
