"""What the project needs torch for now and then: downloads, half precision, torchvision."""
