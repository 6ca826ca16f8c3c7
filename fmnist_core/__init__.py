"""The engine of FMNIST Lab: specs, data, networks, training, runs. It knows nothing of the screen."""
