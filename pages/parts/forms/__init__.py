"""Inputs and the address that keeps them."""
