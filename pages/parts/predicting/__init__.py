"""What a learner predicts of runs, and that prediction beside what came: for lessons."""
