"""A game: the learner labels test garments, and is compared with a network and with a crowd."""
