"""Tools that need torch: downloads, half precision, torchvision."""
