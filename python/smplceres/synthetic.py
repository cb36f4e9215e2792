"""A body without a licence, made of tubes, in the layout of SMPL."""

from .body.synthetic import make_body_model, make_body_model_arrays

__all__ = ["make_body_model", "make_body_model_arrays"]
