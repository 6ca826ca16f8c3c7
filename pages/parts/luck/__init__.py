"""What a seed decides: two settings compared by few runs, and single runs to guess from."""
