"""A claim told: the board of them all, one on its own, its pictures, its rule and its borders."""
