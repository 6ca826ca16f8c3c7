"""Claims that learners state before their runs, and what becomes of them."""
