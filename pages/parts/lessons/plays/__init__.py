"""What a lesson offers to play with after its explanation: one control, and what it changes."""
