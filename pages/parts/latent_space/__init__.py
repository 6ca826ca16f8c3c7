"""Where a network puts the test garments among its latent numbers, and what it draws from any of them."""
