"""A garment drawn, sent or photographed, cut down to 28 × 28 pixels and shown to trained networks."""
