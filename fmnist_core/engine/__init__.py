"""What learners can do with runs, and which run trains next on which worker. It never loads a network."""
