"""What a lecturer sets and learners hand in: the assignment, who has taken it, and what is still missing."""
