"""Charts, mosaics, tables: what draws, whatever it is of."""
