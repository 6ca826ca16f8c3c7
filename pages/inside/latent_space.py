"""Inside › Latent space: where a network puts the test garments, and what it draws from any place there."""

from pages.parts.latent_space.latent_page import latent_page

latent_page()
