"""Plots of results."""

from .look.plots import (
    plot_costs,
    plot_energies,
    plot_frames,
    plot_joint_angles,
    plot_residuals,
    plot_shape,
    plot_terms,
    plot_uncertainty,
)

__all__ = [
    "plot_costs",
    "plot_energies",
    "plot_frames",
    "plot_joint_angles",
    "plot_residuals",
    "plot_shape",
    "plot_terms",
    "plot_uncertainty",
]
