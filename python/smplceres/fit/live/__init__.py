"""Following people in a stream of images."""
