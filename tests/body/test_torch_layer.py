"""Tensors of PyTorch in and out, and the layer with gradients."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import smplceres as sc
from smplceres.base.rotations import rotation_matrix

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model(num_betas=3)


@pytest.fixture
def inputs(model):
    torch.manual_seed(0)
    sizes = (3,), (3,), (23, 3), (3,)
    return [(0.3 * torch.randn(2, *size, dtype=torch.float64)).requires_grad_() for size in sizes]


def test_the_package_does_not_import_torch() -> None:
    code = "import sys, smplceres; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_gradients_of_joints_and_vertices_are_right(model, inputs) -> None:
    layer = sc.torch_layer(model, vertices=[0, 500, 12213])
    assert torch.autograd.gradcheck(layer, inputs, eps=1e-6, atol=1e-5)
    assert torch.autograd.gradcheck(sc.torch_layer(model), inputs, eps=1e-6, atol=1e-5)


def test_a_layer_gives_what_the_body_does(model, inputs) -> None:
    vertices, joints = sc.torch_layer(model, range(model.num_vertices))(*inputs)
    betas, root, pose, transl = (value.detach().numpy() for value in inputs)
    posed = model(betas=betas, global_orient=root, body_pose=pose, transl=transl)
    np.testing.assert_allclose(vertices.detach(), posed.vertices, atol=1e-12)
    np.testing.assert_allclose(joints.detach(), posed.joints, atol=1e-12)


def test_one_shape_broadcasts_and_sums_its_gradient(model, inputs) -> None:
    betas = torch.zeros(1, 3, dtype=torch.float32, requires_grad=True)
    pose = inputs[2].detach().float().reshape(2, 69)
    joints = sc.torch_layer(model)(betas, body_pose=pose)
    assert joints.dtype == torch.float32
    joints.square().sum().backward()
    assert betas.grad.shape == (1, 3)
    assert betas.grad.abs().min() > 0


def test_a_step_down_the_gradient_fits_joints(model, inputs) -> None:
    layer = sc.torch_layer(model)
    target = layer(*(value.detach() for value in inputs))
    body_pose = torch.zeros(2, 23, 3, dtype=torch.float64, requires_grad=True)
    betas, root, _, transl = (value.detach() for value in inputs)
    optimizer = torch.optim.LBFGS([body_pose], max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = (layer(betas, root, body_pose, transl) - target).square().sum()
        value.backward()
        return value

    start = loss().item()
    optimizer.step(loss)
    assert loss().item() < 1e-3 * start


def test_tensors_go_in_and_come_out(model, inputs) -> None:
    betas, root, pose, transl = (value.detach().float() for value in inputs)
    posed = model(betas, global_orient=root, body_pose=pose, transl=transl)
    assert posed.joints.dtype == torch.float32
    expected = model(betas.numpy(), global_orient=root, body_pose=pose.numpy(), transl=transl)
    np.testing.assert_array_equal(posed.vertices, expected.vertices)
    matrices = torch.tensor(rotation_matrix(pose.numpy()))
    again = model(betas, body_pose=matrices, pose2rot=False)
    np.testing.assert_allclose(again.joints, model(betas, body_pose=pose).joints, atol=1e-5)


def test_a_tensor_that_requires_a_gradient_is_sent_to_the_layer(model, inputs) -> None:
    with pytest.raises(ValueError, match=r"betas: expected a tensor without gradient.*torch_layer"):
        model(inputs[0])


def test_bad_arguments_of_the_layer_are_one_clear_error(model, inputs) -> None:
    with pytest.raises(ValueError, match=r"vertices: expected numbers from 0 to 12213, got 20000"):
        sc.torch_layer(model, vertices=[20000])
    layer = sc.torch_layer(model)
    with pytest.raises(ValueError, match="expected a tensor, got none"):
        layer()
    with pytest.raises(ValueError, match=r"body_pose: expected shape \(N, 69\), got \(2, 22, 3\)"):
        layer(body_pose=inputs[2][:, 1:])
    with pytest.raises(ValueError, match=r"expected 1 or \d bodies, got \d"):
        layer(inputs[0], transl=torch.zeros(3, 3))
