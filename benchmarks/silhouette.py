"""What a mask brings to the shape of single-image fits of recorded poses.

    python benchmarks/silhouette.py poses.npz [--fits 300] [--noise 3] [--threads 2]
                                    [--wider 0] [--uneven 0]

Cases are those of benchmarks/accuracy.py: poses on bodies of random shape (standard normal betas),
any yaw, a pitch of some degrees, 3 to 6 m away, keypoints with noise, the camera known. The mask is
the true body, rasterised. Rows are fits with keypoints alone and with the mask as well. Errors in
mm, median and mean over the cases: vertices of fitted and true shape in the rest pose (T-pose), the
mean vertex in one place ("shape"); posed joints, pelvis in one place ("root"); and of the outlines,
the share of pixels that only one of mask and fitted body has, of those that either has ("1 - IoU",
per cent); CPU time of a fit.

--wider and --uneven (pixels) make masks such as detectors and clothes do: their outline outwards
by so much, and by noise of that standard deviation that is smooth over 12 px.

--schedule WEIGHT,SIGMA,ROUNDS ... replaces the default preset's stages with silhouettes, to choose
them.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.ndimage import gaussian_filter

import smplceres as sc
from accuracy import parse as accuracy_options
from cases.errors import root_aligned
from cases.pictures import Case, Floats, camera_of, make_cases
from person import shape_error
from smplceres._native import _core
from smplceres.body.motion_files import read_motions


def rendered(model: sc.BodyModel, camera: sc.Camera, vertices: Floats) -> Floats:
    """(height, width), true where the body is."""
    size = {"width": camera.width, "height": camera.height}
    face, _ = _core.rasterise(camera.core, vertices, model.faces, **size)
    return np.asarray(face >= 0)


def vertices_of(model: sc.BodyModel, case: Case) -> Floats:
    at_rest = model(betas=case.betas, body_pose=case.body_pose)
    return (at_rest.vertices - at_rest.joints[0]) @ case.rotation.T + case.joints[0]


def worse(mask: Floats, own: argparse.Namespace, rng: np.random.Generator) -> Floats:
    """(height, width), its outline moved outwards and made uneven."""
    if own.wider == own.uneven == 0.0:
        return mask
    rows, columns = np.indices(mask.shape)
    pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
    distance = _core.Mask(mask).signed_distance(pixels)[0].reshape(mask.shape)
    noise = gaussian_filter(rng.normal(size=mask.shape), 12)
    return np.asarray(distance < own.wider + own.uneven * noise / noise.std())


def own_options() -> tuple[argparse.Namespace, argparse.Namespace]:
    """Of this script, and of benchmarks/accuracy.py."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--schedule", nargs="+")
    parser.add_argument("--wider", type=float, default=0.0, help="px")
    parser.add_argument("--uneven", type=float, default=0.0, help="px, standard deviation")
    own, others = parser.parse_known_args()
    return own, accuracy_options(others)


def mask_stages(own: argparse.Namespace) -> list[sc.Stage]:
    stages = sc.default_stages(mask=True)
    if own.schedule is None:
        return stages
    silhouette = stages[-1]
    stages = sc.default_stages()
    for numbers in own.schedule:
        weight, sigma, rounds = numbers.split(",")
        stage = copy.copy(silhouette)
        for term in (stage.silhouette_inside, stage.silhouette_contour):
            term.weight, term.sigma = float(weight), float(sigma)
        stage.rounds = int(rounds)
        stages.append(stage)
    return stages


def main() -> None:
    if any(name in sys.argv[1:] for name in ("-h", "--help")):
        sys.exit(__doc__)
    own, arguments = own_options()
    model = sc.load_body_model(arguments.body)
    clips = [clip for path in arguments.poses for clip in read_motions(path)]
    cases = make_cases(model, clips, arguments)
    camera = camera_of(arguments)
    bodies = [rendered(model, camera, vertices_of(model, case)) for case in cases]
    rng = np.random.default_rng(arguments.seed)
    masks = [worse(body, own, rng) for body in bodies]
    stages = mask_stages(own)

    def errors_of(case: Case, mask: Floats, with_mask: bool) -> tuple[float, ...]:
        begin = time.thread_time()
        result = sc.fit(
            case.keypoints,
            camera,
            model=model,
            keypoint_format=arguments.format,
            mask=mask if with_mask else None,
            preset=stages if with_mask else "default",
            threads=1,
        )
        cpu = time.thread_time() - begin
        fitted = rendered(model, camera, result.vertices)
        return (
            shape_error(model, result.betas, case.betas),
            root_aligned(result.joints, case.joints),
            100 * float((mask ^ fitted).sum() / (mask | fitted).sum()),
            1e3 * cpu,
        )

    kinds = ("shape, mm", "root, mm", "1 - IoU, %", "CPU, ms")
    print(f"{len(cases)} cases")
    print(f"{'':12s}" + "".join(f"{kind:>18s}" for kind in kinds))
    print(f"{'fit to':12s}" + len(kinds) * f"{'median':>9s}{'mean':>9s}")
    medians, means = [], []
    for with_mask in (False, True):

        def one(pair: tuple[Case, Floats], with_mask: bool = with_mask) -> tuple[float, ...]:
            return errors_of(*pair, with_mask)

        with ThreadPoolExecutor(arguments.threads) as pool:
            errors = np.array(list(pool.map(one, zip(cases, masks, strict=True))))
        medians.append(np.median(errors, axis=0))
        means.append(errors.mean(axis=0))
        figures = np.column_stack([medians[-1], means[-1]]).ravel()
        name = "and mask" if with_mask else "keypoints"
        print(f"{name:12s}" + "".join(f"{figure:9.2f}" for figure in figures), flush=True)
    falls = [100 * (1 - both[1][0] / both[0][0]) for both in (medians, means)]
    print(f"shape error falls by {falls[0]:.0f} % (median), {falls[1]:.0f} % (mean)")


if __name__ == "__main__":
    main()
