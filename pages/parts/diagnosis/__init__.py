"""What the diagnosis says of runs."""
