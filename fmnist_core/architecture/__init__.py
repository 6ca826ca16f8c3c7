"""The networks as data: which layers, in which order, with which shapes. Needs no torch."""
