"""Priors on the pose and limits of the joints."""
