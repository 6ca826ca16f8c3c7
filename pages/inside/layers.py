"""Inside › Layers: what each layer of a trained network makes of a garment, down to the single product."""

from pages.parts.inside.layer_page import layer_page

layer_page()
