"""Convolution, pooling and transposed convolution, computed before the learner's eyes."""
