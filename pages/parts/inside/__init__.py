"""What a network does with one garment: which network, at which moment, and what comes out of each layer."""
