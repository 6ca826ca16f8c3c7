"""Fashion-MNIST: where it comes from, its files, its pixels, the sample that ships with the lab."""
