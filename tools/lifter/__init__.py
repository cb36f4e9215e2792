"""The parts of tools/train_lifter.py: bodies, their images, and the network."""
