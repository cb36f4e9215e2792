"""The C++ core: body, cameras, terms and solver. Arrays are copied in and out, never written to.

Metres, radians, pixels, seconds. V vertices, J joints, B betas, F faces, K keypoints. An array of a
wrong shape, NaN or a number out of range is a ValueError that names the argument, what was expected
and what came.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

# --- Body ---

class FrameLayout:
    """The layout of a frame's parameters in a vector."""

    @property
    def slices(self) -> list[tuple[str, int, int]]:
        """Name, first number and size, in order: global_orient, body_pose, transl, further ones."""
    @property
    def further(self) -> list[tuple[str, int]]:
        """Name and size of slices that not every body has."""
    @property
    def size(self) -> int:
        """All numbers of a frame."""
    def names(self, joint_names: Sequence[str]) -> list[str]:
        """Of all numbers, such as "left_knee x", "transl z" and "expression 0".

        Raises:
            ValueError: not as many names as joints.
        """

class BodyModel:
    """A body in SMPL's form.

    Source: Loper et al., SMPL: A Skinned Multi-Person Linear Model, 2015.
    """

    def __init__(
        self,
        *,
        v_template: ArrayLike,
        shapedirs: ArrayLike,
        posedirs: ArrayLike | tuple[ArrayLike, ArrayLike, ArrayLike],
        J_regressor: ArrayLike,
        lbs_weights: ArrayLike,
        parents: Sequence[int],
        faces: ArrayLike,
        frame_slices: Sequence[tuple[str, ArrayLike, float]] = ...,
    ) -> None:
        """
        Args:
            v_template: (V, 3) vertices of the mean shape at rest, metres.
            shapedirs: (V, 3, B) displacement per beta, metres.
            posedirs: (V, 3, 9(J-1)) displacement per element of R - I, row-major, joints 1 to J-1;
                or N pairs in ascending order: vertices (N,), joints (N,), directions (N, 3, 9).
            J_regressor: (J, V) weights that take vertices at rest to joints.
            lbs_weights: (V, J) skinning weights, rows sum to 1.
            parents: J numbers, parents[0] = -1 and 0 <= parents[j] < j.
            faces: (F, 3) vertex numbers.
            frame_slices: name, (V, 3, n) metres per coefficient, and the standard deviation of a
                coefficient's change over a second.

        Raises:
            ValueError: sizes that do not fit, NaN, a joint tree that is none.
        """

    @property
    def layout(self) -> FrameLayout: ...
    @property
    def num_vertices(self) -> int:
        """V."""
    @property
    def num_joints(self) -> int:
        """J."""
    @property
    def num_betas(self) -> int:
        """B."""
    @property
    def parents(self) -> list[int]:
        """J numbers, -1 at the root."""
    @property
    def faces(self) -> NDArray[np.int32]:
        """(F, 3) vertex numbers."""
    @property
    def v_template(self) -> NDArray[np.float64]:
        """(V, 3) metres."""
    @property
    def shapedirs(self) -> NDArray[np.float64]:
        """(V, 3, B) metres per beta."""
    @property
    def posedirs(self) -> NDArray[np.float64]:
        """(V, 3, 9(J-1)) metres."""
    @property
    def J_regressor(self) -> NDArray[np.float64]:
        """(J, V)."""
    @property
    def lbs_weights(self) -> NDArray[np.float64]:
        """(V, J)."""

    def pose(
        self,
        *,
        betas: ArrayLike,
        global_orient: ArrayLike,
        body_pose: ArrayLike,
        transl: ArrayLike,
        slices: Mapping[str, ArrayLike] = ...,
        single_precision: bool = False,
        threads: int = 1,
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Vertices (N, V, 3), float64 or float32, and joints (N, J, 3) of N bodies, metres; the
        same to the bit for every number of threads and however the bodies are parted into calls.

        Each argument has N rows, or one that all bodies share.

        Args:
            betas: (N, B) shape coefficients, standard deviations.
            global_orient: (N, 3) axis-angle of the root about the pelvis, radians.
            body_pose: (N, J-1, 3) axis-angles, radians.
            transl: (N, 3) metres, added to all.
            single_precision: compute and return the vertices as float32, from pose blend shapes
                rounded to 16 bits.
            threads: that bodies are posed on.

        Raises:
            ValueError: a wrong shape, NaN.
        """

    def joints(
        self,
        *,
        betas: ArrayLike,
        global_orient: ArrayLike,
        body_pose: ArrayLike,
        transl: ArrayLike,
        slices: Mapping[str, ArrayLike] = ...,
        threads: int = 1,
    ) -> NDArray[np.float64]:
        """Joints (N, J, 3) of N bodies, metres; arguments as `pose`."""

class SkinnedPoints:
    """Points on a body: joints, vertices, and weighted sums of both, with their derivatives."""

    def __init__(self, model: BodyModel) -> None:
        """No point yet. The methods take this same model again."""

    def __len__(self) -> int: ...
    def add(
        self,
        model: BodyModel,
        *,
        joints: Sequence[tuple[int, float]] = ...,
        vertices: Sequence[tuple[int, float]] = ...,
        offset: ArrayLike = ...,
    ) -> int:
        """Appends the point  sum w joint + sum w vertex  and returns its number.

        Args:
            model: the body that the points were made for.
            joints: (joint number, weight) pairs.
            vertices: (vertex number, weight) pairs; weights of a point usually sum to 1.
            offset: (3,) metres, added to the rest position of each of the vertices: a marker over
                the skin, at the same distance for all betas. Default (0, 0, 0).

        Raises:
            ValueError: another body, a number outside the body, a weight that is not finite, no
                pair at all, an offset of a point with joints.
        """

    @overload
    def evaluate(
        self,
        model: BodyModel,
        *,
        betas: ArrayLike,
        global_orient: ArrayLike,
        body_pose: ArrayLike,
        transl: ArrayLike,
        slices: Mapping[str, ArrayLike] = ...,
        jacobian: Literal[False] = False,
    ) -> NDArray[np.float64]:
        """(N, 3) metres, the N points in a pose.

        Args:
            model: the body that the points were made for.
            betas: (B,) shape coefficients, standard deviations.
            global_orient: (3,) axis-angle of the root about the pelvis, radians.
            body_pose: (J-1, 3) axis-angles, radians.
            transl: (3,) metres, added to all.
            jacobian: with their derivatives.

        Raises:
            ValueError: another body, a wrong number of values, NaN.
        """
    @overload
    def evaluate(
        self,
        model: BodyModel,
        *,
        betas: ArrayLike,
        global_orient: ArrayLike,
        body_pose: ArrayLike,
        transl: ArrayLike,
        slices: Mapping[str, ArrayLike] = ...,
        jacobian: Literal[True],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """(N, 3) points, (N, 3, 3J) their derivatives with respect to global_orient and body_pose,
        (N, 3, B + X) with respect to betas and to the X coefficients of further slices."""

# --- Collisions ---

class CollisionSpheres:
    """Limbs as capsules made of spheres, fitted to a body: N spheres.

    A limb is a joint with the surface that it moves, toes with the foot and fingers with the hand:
    20 limbs of SMPL. A sphere is carried rigidly by one joint; its centre at rest is
    centres + shapedirs betas, its radius radii + radius_shapedirs betas.

    Source: after Bogo et al. 2016, section 3.3.
    """

    def __init__(self, model: BodyModel) -> None:
        """Fitted on the first request and cached by the model.

        Raises:
            ValueError: a body without a surface to fit to.
        """

    def __len__(self) -> int: ...
    @property
    def joints(self) -> list[int]:
        """N joints that carry the spheres."""
    @property
    def limbs(self) -> list[int]:
        """N joints nearest to the root in the spheres' limbs."""
    @property
    def centres(self) -> NDArray[np.float64]:
        """(N, 3) metres, of the mean shape at rest."""
    @property
    def shapedirs(self) -> NDArray[np.float64]:
        """(N, 3, B) metres per beta."""
    @property
    def radii(self) -> NDArray[np.float64]:
        """(N,) metres, of the mean shape."""
    @property
    def radius_shapedirs(self) -> NDArray[np.float64]:
        """(N, B) metres per beta."""
    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Spheres that may not overlap: of limbs that neither follow each other nor touch by nature
        (SMPL's upper arms and chest), and clear of one another by a quarter of their radii in the
        mean shape at rest."""

class SurfacePatches:
    """The skin as P discs that know how thick the limb is below them, fitted to a body.

    A patch is the mean of a cell of a limb's vertices, carried rigidly by one joint.
    """

    def __init__(self, model: BodyModel) -> None:
        """Fitted on the first request and cached by the model.

        Raises:
            ValueError: a body without a surface to cut into patches.
        """

    def __len__(self) -> int: ...
    @property
    def joints(self) -> list[int]:
        """P joints that carry the patches."""
    @property
    def limbs(self) -> list[int]:
        """P joints nearest to the root in the patches' limbs."""
    @property
    def radii(self) -> list[float]:
        """P metres: those of discs of the cells' areas."""
    @property
    def points(self) -> NDArray[np.float64]:
        """(P, 2, 3) metres, of the mean shape at rest: the middle of the limb's slab below the
        patch, and the patch's centre on the skin, along the outward normal from there."""
    @property
    def shapedirs(self) -> NDArray[np.float64]:
        """(P, 2, 3, B) metres per beta."""
    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Patches that may not overlap: of limbs as for spheres, and clear of one another in the
        mean shape at rest."""

def penetration(model: BodyModel, vertices: ArrayLike) -> list[tuple[int, int, int, float]]:
    """Vertices inside another part of the mesh: (vertex, its joint, the other part's joint, depth).

    Args:
        model: the body.
        vertices: (V, 3) metres, posed.

    Returns:
        depth: metres to the surface of the other part. Parts of one joint, of a joint and its
            parent, and SMPL's upper arms with spine2 and spine3 are not tested, nor vertices within
            5 cm of the other part on the mean body at rest.

    Raises:
        ValueError: another shape, NaN.
    """

# --- Cameras ---

class Pinhole:
    """A pinhole camera with Brown-Conrady distortion, as OpenCV has it.

    Camera frame: x right, y down, z forward. Pixel centres at integers.
    """

    def __init__(
        self,
        *,
        fx: float,
        fy: float,
        cx: float,
        cy: float,
        distortion: ArrayLike,
        rotation: ArrayLike,
        translation: ArrayLike,
        focal_known: bool = True,
        log_focal_sigma: float = 0.5,
        pose_known: bool = True,
        rotation_sigma: float = 0.05,
        centre_sigma: float = 0.05,
    ) -> None:
        """
        Args:
            fx, fy: focal lengths, pixels, > 0.
            cx, cy: principal point, pixels.
            distortion: up to 8 numbers k1 k2 p1 p2 k3 k4 k5 k6; those left out are 0.
            rotation: (3, 3) R of cam_from_world, orthonormal to 1e-6.
            translation: (3,) t of cam_from_world, metres: a world point p is at R p + t.
            focal_known: if False, fx and fy are a guess, and a fit estimates the zoom on them.
            log_focal_sigma: standard deviation of the zoom's logarithm, > 0.
            pose_known: if False, rotation and translation are a guess, and a fit estimates the
                camera's motion: a rotation about its centre and a translation of the centre.
            rotation_sigma, centre_sigma: standard deviations of the motion on each axis, radians
                and metres, > 0.

        Raises:
            ValueError: a number out of range, a wrong shape, NaN, a matrix that is no rotation.
        """

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) pixels of (n, 3) world points; NaN for points less than 1 cm in front of it."""

    def normalise(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) X / Z and Y / Z in the camera's frame of (n, 2) pixels, distortion removed by
        fixed-point iteration (exact to 1e-8 for ordinary lenses)."""

class WeakPerspective:
    """A scaled orthographic camera: u = scale X + cx, v = scale Y + cy; depth has no effect."""

    def __init__(
        self,
        *,
        scale: float,
        scale_known: bool,
        cx: float,
        cy: float,
        rotation: ArrayLike,
        translation: ArrayLike,
    ) -> None:
        """
        Args:
            scale: pixels per metre, > 0.
            scale_known: False: a fit finds a zoom by which it multiplies the scale.
            cx, cy: pixels, the camera's axis.
            rotation, translation: as in `Pinhole`.

        Raises:
            ValueError: as `Pinhole`.
        """

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) pixels of (n, 3) world points, at zoom 1."""

def rasterise(
    camera: Pinhole | WeakPerspective,
    vertices: ArrayLike,
    faces: ArrayLike,
    *,
    left: float = 0.0,
    top: float = 0.0,
    pixel: float = 1.0,
    width: int,
    height: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """A mesh as a camera sees it, by a z-buffer.

    Args:
        vertices: (V, 3) metres, world.
        faces: (F, 3) numbers of vertices; those with a corner behind the camera are left out.
        left, top: the place in the image, pixels, of the first pixel's centre.
        pixel: the side of a pixel of the result, pixels of the image, > 0.
        width, height: of the result.

    Returns:
        (height, width) the nearest face at each pixel's centre, -1 where there is none, and its
        depth, metres before the camera; infinity where there is none.

    Raises:
        ValueError: wrong shapes, faces of vertices that there are not, an empty result.
    """

# --- Painting ---

def paint_mesh(
    image: NDArray[np.uint8],
    *,
    uv: ArrayLike,
    points: ArrayLike,
    faces: ArrayLike,
    colours: ArrayLike,
    perspective: bool,
    opacity: float,
) -> None:
    """Paints a shaded mesh over an image, in place, its edges smooth.

    Args:
        image: (height, width, 3), changed.
        uv: (V, 2) pixels of the vertices; NaN where not before the viewer.
        points: (V, 3) metres in the viewer's frame: x right, y down, z forward.
        faces: (F, 3) counter-clockwise from outside; those turned away are not seen.
        colours: (V, 3) 0 to 255.
        perspective: 1 / z is linear in the image; otherwise z is.
        opacity: 0 to 1.

    Raises:
        ValueError: wrong shapes, faces of vertices that do not exist, an image that may not be
            written.
        TypeError: an image of another type, or whose rows are not one after the other.
    """

def paint_strokes(
    image: NDArray[np.uint8],
    *,
    ends: ArrayLike,
    radii: ArrayLike,
    half_widths: ArrayLike,
    colours: ArrayLike,
) -> None:
    """Paints lines, dots and rings over an image, in place, in order.

    A stroke is what is within `half_widths` of the distance `radii` from a segment. Those with
    numbers that are not finite are left out.

    Args:
        image: (height, width, 3), changed.
        ends: (N, 4) of each x, y of one end and x, y of the other, pixels.
        radii, half_widths: (N,) pixels.
        colours: (N, 4) red, green, blue 0 to 255, opacity 0 to 1.

    Raises:
        ValueError, TypeError: as `paint_mesh`.
    """

# --- Pose priors ---

class GaussianPrior:
    """A Gaussian over the first D numbers of body_pose.

    E = weight / 2 (x - mean)^T covariance^-1 (x - mean)
    """

    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        """
        Args:
            mean: (D,) radians; D a multiple of 3.
            covariance: (D, D), positive definite.

        Raises:
            ValueError: sizes that do not fit, NaN, a covariance that is not positive definite.
        """

    @property
    def mean(self) -> NDArray[np.float64]:
        """(D,) radians."""

class MixturePrior:
    """The likeliest of the Gaussians of a mixture over the first D numbers of body_pose.

    E = weight min_k [ 1/2 (x - mean_k)^T covar_k^-1 (x - mean_k) - log w_k ],
    w_k = weights_k / ((2 pi)^(D/2) sqrt(det covar_k) / min_j sqrt(det covar_j))

    Source: Bogo et al., Keep it SMPL, 2016, equation 4.
    """

    def __init__(self, weights: ArrayLike, means: ArrayLike, covars: ArrayLike) -> None:
        """
        Args:
            weights: (N,) > 0, of any sum.
            means: (N, D) radians; D a multiple of 3.
            covars: (N, D, D), each positive definite.

        Raises:
            ValueError: sizes that do not fit, NaN, weights or covariances that are not positive.
        """

class JointLimits:
    """Ranges of the first N joints of body_pose: of each one's twist and swing."""

    def __init__(self, axes: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """
        Args:
            axes: (N, 3, 3) rows b, u, v per joint, orthonormal to 1e-6; b is the bone's axis.
            lower: (N, 3) least twist about b and swing about u and v, radians.
            upper: (N, 3) greatest ones, > lower.

        Raises:
            ValueError: sizes that do not fit, NaN, axes that are not orthonormal, an empty range.
        """

    def __len__(self) -> int:
        """N."""
    def angles(self, body_pose: ArrayLike) -> NDArray[np.float64]:
        """(N, 3) twist and swing of a pose (N, 3), radians; ValueError for another shape, NaN."""

# --- Stages ---

class ReprojectionOptions:
    """Keypoint reprojection.

    E = weight sum_k w_k^2 c_k^2 rho(|projected_k - observed_k|), w_k the weight of the keypoint's
    role, c_k its confidence.

    Source: Bogo et al. 2016, equation 2.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    robust: str
    """rho: "none" (e^2), "huber" or "geman_mcclure" (sigma^2 e^2 / (sigma^2 + e^2)); another name
    is a ValueError. Default 'geman_mcclure'."""
    sigma: float
    """Error from which rho bends, > 0, in units of the residual. Default 100.0."""
    per_point: bool
    """rho of the distance of each point; False: of each coordinate, as published. Default False."""
    pixels_per_metre: float
    """If > 0, residuals are in pixels of an image scaled so that a metre at the body's initial
    depth spans this many, which makes a fit independent of resolution; 0: pixels of the original
    image. Default 0.0."""
    shoulder_weight: float
    """Factor on residuals of shoulders; 0 leaves them out. If the five factors leave fewer than
    three keypoints, all are 1. Default 1.0."""
    neck_weight: float
    """Factor on residuals of the neck. Default 1.0."""
    hip_weight: float
    """Factor on residuals of hips and pelvis. Default 1.0."""
    head_weight: float
    """Factor on residuals of face, ears and top of the head. Default 1.0."""
    limb_weight: float
    """Factor on residuals of arms, legs and everything else. Default 1.0."""

class PosePriorOptions:
    """The pose is a likely one, by the fit's `GaussianPrior` or `MixturePrior`."""

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    from_zero: bool
    """A mixture's energy without the constant that it has at best; published with.
    Default False."""

class AnglePriorOptions:
    """Elbows and knees do not bend backwards: E = weight sum exp(+-angle)^2 over the four.

    Left out on bodies of fewer than 20 joints. Source: Bogo et al. 2016, equation 3.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class JointLimitOptions:
    """Joints stay within the fit's `JointLimits`: E = weight sum h(angle beyond its range)^2.

    h is 0 within; its slope rises from 0 to 1 over `softness`, and is 1 from there. Left out
    without limits.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    softness: float
    """Angle over which h bends, > 0, radians. Default 0.1."""

class ShapePriorOptions:
    """The body's shape is near the mean: E = weight |betas - mu|^2 / sigma^2.

    mu and sigma are 0 and 1, or the expected betas of a known person and their standard deviation.
    Source: Bogo et al. 2016, eq. 6.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class FocalPriorOptions:
    """An unknown focal length stays near its guess: E = weight (log zoom / sigma)^2, sigma the
    camera's log_focal_sigma."""

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class CameraPriorOptions:
    """A camera of unknown pose stays near its given pose:
    E = weight (|rotation|^2 / rotation_sigma^2 + |translation|^2 / centre_sigma^2)."""

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class DepthPriorOptions:
    """The body stays near its initial depth: E = weight (z - z_0)^2, metres in the camera's frame.

    Source: the camera stage of SMPLify's code.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out, except under weak perspective, where it is
    then 1, unless 3D measurements determine the depth. Default 0.0."""

class Points3dOptions:
    """Points of the body are where they were measured in 3D: joints, keypoints, markers.

    E = weight sum_k rho(|c_k L_k^T (point - measured)|), L_k L_k^T the inverse of the point's
    covariance, c_k its confidence. Left out if no such points are given.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    robust: str
    """rho of each point's distance, as in `ReprojectionOptions`. Default 'none'."""
    sigma: float
    """Error from which rho bends, > 0, in standard deviations. Default 3.0."""

class CloudOptions:
    """A measured point cloud lies on the body's surface.

    E = weight sum_i rho((c_i n_i . (x_i - p_i) / sigma)^2) over points x_i of confidence c_i, p_i
    the nearest visible vertex and n_i the body's normal there, both constant during a solve and
    recomputed in each of a stage's rounds. Left out if no clouds are given.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    robust: str
    """rho of each point's distance, as in `ReprojectionOptions`. Default 'geman_mcclure'."""
    width: float
    """Distance from which rho bends, metres, > 0; at least 3 standard deviations. Default 0.05."""
    gate: float
    """Maximum distance of a matched point from the body, metres, > 0. Default 0.1."""
    max_turn: float
    """Maximum angle between normals of cloud and body, if the cloud has any, radians, 0 to pi.
    Default 1.0."""
    max_points: int
    """Maximum number of matched points of a cloud, 1 to 1e6, spread evenly. Default 1000."""

class SilhouetteInsideOptions:
    """The projected body lies inside the person's mask.

    E = weight / N sum_k rho(|max(0, s(pixel of p_k))|), s the signed distance to the mask's outline
    in residual units, p_k N points of the surface: half on the body's outline when the term is
    assembled, half vertices spread over the surface. Left out for views without a mask.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    robust: str
    """rho of each point's distance, as in `ReprojectionOptions`. Default 'geman_mcclure'."""
    sigma: float
    """Distance from which rho bends, > 0, in residual units. Default 20.0."""
    points: int
    """N, 2 to 1e6. Default 300."""

class SilhouetteContourOptions:
    """The projected outline of the body coincides with the mask's outline.

    E = weight / C sum_i rho(|n_i . (pixel of p_i - c_i)|) over C points c_i spread evenly on the
    mask's outline, n_i its normals, p_i the nearest point of the body's outline, fixed to the
    surface during a solve and recomputed in each of a stage's rounds. Left out for views without a
    mask.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    robust: str
    """rho of each point's distance, as in `ReprojectionOptions`. Default 'geman_mcclure'."""
    sigma: float
    """Distance from which rho bends, > 0, in residual units; points of the mask without the body's
    outline within 3 sigma are left out. Default 20.0."""
    max_turn: float
    """Radians, 0 to pi, between the normals of mask and body. Default 0.8."""

class BodyLengthOptions:
    """The body at rest has the known height, or its limbs the known lengths: E = weight sum
    ((length - known) / sigma)^2. Left out if none are given or betas are known."""

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class GroundOptions:
    """The feet are on the ground or above it: E = weight sum (depth under it / sigma)^2.

    The sum is over the two feet and, with contact, the height of the lower foot. Left out if no
    ground is given.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""

class InterpenetrationOptions:
    """Limbs do not pass through one another: E = weight sum overlap^2 over pairs of spheres.

    overlap = exp(-d^2 / (2 s)), s = width^2 (r_i^2 + r_j^2), or max(0, inflate (r_i + r_j) - d); d
    the distance of the centres, r the radii of `CollisionSpheres`. Or over pairs of
    `SurfacePatches`: how deep they are in each other along their common normal, times a Gaussian of
    their distance across it (cpp/smplceres/terms/interpenetration.h). Left out on bodies without a
    surface. Sources: Bogo et al. 2016, equation 5; patches after Pavlakos et al. 2019, section 3.4.
    """

    def __init__(self) -> None: ...

    weight: float
    """Factor on the energy, >= 0; 0 leaves the term out. Default 0.0."""
    overlap: str
    """"gaussian", as published, without unit; "depth", metres, which lets go of limbs that do not
    touch; or "patches", metres, finer and slower. Another name is a ValueError.
    Default 'gaussian'."""
    width: float
    """Of Gaussians, in radii, from 0.001 to 10. Default 0.3."""
    inflate: float
    """Of depths: spheres are fitted inside limbs, and reach the skin by this factor on their radii,
    from 0.001 to 10. Patches stand off the skin by inflate - 1 of theirs. Default 1.25."""
    shape: bool
    """betas feel the term too; False, as published: a body does not get thin to avoid a collision.
    Default False."""

class AccelerationOptions:
    """Of the smoothness of joints' motion between frames; sequences alone have it."""

    def __init__(self) -> None: ...

    weight: float
    """Of the energy. Default 0."""
    sigma: float
    """By how much a joint's velocity changes in a second, metres / s^1.5. Default 3.2."""

class RotationWalkOptions:
    """Of the smoothness of body_pose between frames; sequences alone have it."""

    def __init__(self) -> None: ...

    weight: float
    """Of the energy. Default 0."""
    sigma: float
    """By how much a number changes in a second, radians / s^0.5. Default 1."""

class SolverOptions:
    """How a stage is solved; tolerances as Ceres defines them."""

    def __init__(self) -> None: ...

    minimizer: str
    """"lm" (Levenberg-Marquardt), "dogleg" or "lbfgs"; another name is a ValueError.
    Default 'lm'."""
    linear_solver: str
    """"auto" or one of Ceres' names. With Levenberg-Marquardt, "auto" selects NORMAL_EQUATIONS for
    one frame without bounds and NORMAL_EQUATIONS_SCHUR (on one thread) for frames that are coupled
    only by shared variables; otherwise DENSE_NORMAL_CHOLESKY for one frame and
    SPARSE_NORMAL_CHOLESKY for many. Ceres has
    DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY, DENSE_SCHUR, SPARSE_SCHUR,
    ITERATIVE_SCHUR, CGNR. Not used by lbfgs. A name that is unknown, or that Ceres
    refuses, is a ValueError of the fit. Default 'auto'."""
    jacobian: str
    """"fast", or "autodiff" (through the whole body; slow, the reference); another name is a
    ValueError. Default 'fast'."""
    num_threads: int
    """That evaluate; with 1 the same input has the same output, bit for bit. Default 1."""
    max_iterations: int
    """Steps tried, >= 0. Default 100."""
    function_tolerance: float
    """Converged at this relative change of the energy, >= 0. Default 1e-06."""
    gradient_tolerance: float
    """Converged at this largest element of the gradient, >= 0. Default 1e-10."""
    parameter_tolerance: float
    """Converged at steps of this length relative to the variables', >= 0. Default 1e-08."""
    initial_trust_region_radius: float
    """Of lm and dogleg, > 0. Default 10000.0."""

class Stage:
    """One stage of a fit: what is free, which terms weigh how much, and how it is solved."""

    def __init__(self) -> None: ...
    def __copy__(self) -> Stage:
        """A copy, including all options."""

    name: str
    """What reports call it. Default 'stage'."""
    free_global_orient: bool
    """The root turns. Default True."""
    free_body_pose: bool
    """The other joints turn. Default True."""
    free_transl: bool
    """The translation is free. Default True."""
    held_slices: list[str]
    """Names of further slices that are constant; others are free with body_pose. Default []."""
    free_betas: bool
    """Betas are free unless they are known. Default True."""
    free_focal: bool
    """Unknown focal lengths are free. Default True."""
    free_cameras: bool
    """Unknown poses of cameras are free. Default True."""
    reprojection: ReprojectionOptions
    pose_prior: PosePriorOptions
    angle_prior: AnglePriorOptions
    joint_limits: JointLimitOptions
    shape_prior: ShapePriorOptions
    depth_prior: DepthPriorOptions
    focal_prior: FocalPriorOptions
    camera_prior: CameraPriorOptions
    interpenetration: InterpenetrationOptions
    points3d: Points3dOptions
    cloud: CloudOptions
    silhouette_inside: SilhouetteInsideOptions
    silhouette_contour: SilhouetteContourOptions
    acceleration: AccelerationOptions
    rotation_walk: RotationWalkOptions
    height: BodyLengthOptions
    limb_lengths: BodyLengthOptions
    ground: GroundOptions
    rounds: int
    """Number of solves, 1 to 1000, reported as one. Terms are rebuilt before each, because
    visibility and matches of points are constant during a solve. Default 1."""
    reference_noise: float
    """Noise of keypoints for which the weights are tuned: standard deviation of a coordinate of
    confidence 1, in residual units. If > 0 in the last stage, the weights of terms that are not
    evidence from images are balanced for the noise; 0 keeps them. Default 0.0."""
    solver: SolverOptions

# --- Fit ---

class Points3d:
    """Points of one person measured in space."""

    def __init__(
        self,
        *,
        model: BodyModel,
        points: SkinnedPoints,
        point_of: Sequence[int],
        roles: Sequence[int],
        xyz: ArrayLike,
        covariance: ArrayLike,
        confidence: ArrayLike,
    ) -> None:
        """
        Args:
            model: the body.
            points: the points of it that were measured.
            point_of: N numbers into `points`; -1 where the body has no such point.
            roles: N numbers, as in `Observations`.
            xyz: (N, 3) metres in the world, within +-1e6 where seen.
            covariance: (N, 3, 3) metres^2 at confidence 1, positive definite where seen.
            confidence: (N,) from 0 to 1e6, factors on the residuals; 0: not seen.

        Raises:
            ValueError: sizes that do not fit, numbers out of range, NaN in a point seen, a
                covariance that is not positive definite.
        """

    @property
    def whitening(self) -> NDArray[np.float64]:
        """(N, 3, 3) confidence L^T, L L^T the inverse covariance, 1 / metres; 0 where not seen."""

class Cloud:
    """Points measured on the surface of a person."""

    def __init__(
        self,
        *,
        points: ArrayLike,
        normals: ArrayLike | None,
        confidence: ArrayLike,
        sensor: ArrayLike | None,
        sigma: float,
    ) -> None:
        """
        Args:
            points: (N, 3) metres, world.
            normals: (N, 3) outward unit vectors, world; None: not known.
            confidence: (N,) over 0.
            sensor: (3,) where they were seen from, world; None: from all around.
            sigma: standard deviation along the normal at confidence 1, metres, > 0.

        Raises:
            ValueError: sizes that do not fit, no points, numbers out of range, NaN.
        """

class BodyLengths:
    """Lengths of a person that were measured, as functions of betas: |a + S betas|."""

    def __init__(self, *, a: ArrayLike, S: ArrayLike, length: ArrayLike, sigma: ArrayLike) -> None:
        """
        Args:
            a: (N, 3) metres.
            S: (N, 3, B) metres per beta.
            length: (N,) as measured, metres, > 0.
            sigma: (N,) standard deviations, metres, > 0.

        Raises:
            ValueError: sizes that do not fit.
        """

    def __len__(self) -> int:
        """N."""

class KnownPerson:
    """What is known of a person."""

    def __init__(
        self,
        *,
        betas: ArrayLike,
        betas_known: bool,
        expected_betas: ArrayLike,
        betas_sigma: float,
        height: BodyLengths,
        limb_lengths: BodyLengths,
    ) -> None:
        """Checked when they become part of `Observations`.

        Args:
            betas: (B,) initial estimate.
            betas_known: whether betas are constant in all stages.
            expected_betas: (B,) mean of the shape prior.
            betas_sigma: its standard deviation, > 0.
            height: none or one.
            limb_lengths: any number.
        """

class Ground:
    """A plane that feet are on or above."""

    def __init__(
        self,
        *,
        soles: SkinnedPoints,
        normal: ArrayLike,
        offset: float,
        sigma: float,
        contact: bool,
    ) -> None:
        """Checked when it becomes part of `Observations`.

        Args:
            soles: eight points, four of the left foot, then four of the right.
            normal: (3,) upwards, of length 1.
            offset: metres along the normal.
            sigma: standard deviation of soles from the plane, metres, > 0.
            contact: the lower foot stands on the plane.

        Raises:
            ValueError: a normal of another size, NaN.
        """

class Mask:
    """The mask of a person in an image: a smooth signed distance to the outline, and its points."""

    def __init__(self, person: ArrayLike) -> None:
        """
        Args:
            person: (height, width), true on the person.

        Raises:
            ValueError: no pixel of a person.
        """

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def contour(self) -> NDArray[np.float64]:
        """(C, 2) pixels, spread evenly along the outline, at most 300, none on the border."""

    @property
    def normals(self) -> NDArray[np.float64]:
        """(C, 2) unit normals of the outline, away from the person."""

    def signed_distance(self, pixels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) pixels to the outline at (n, 2) pixels, > 0 outside, at least about -8, and (n, 2)
        derivatives; beyond the image's border, those of the nearest position inside."""

class View:
    """One camera's observations of a person."""

    def __init__(
        self,
        *,
        points: SkinnedPoints,
        point_of_keypoint: Sequence[int],
        roles: Sequence[int],
        keypoints: ArrayLike,
        confidence: ArrayLike,
        camera: Pinhole | WeakPerspective,
        mask: Mask | None = None,
    ) -> None:
        """
        Args:
            points: the points of the body that keypoints are on.
            point_of_keypoint: K numbers into `points`; -1 where the body has no such point.
            roles: K numbers: 0 shoulder, 1 hip or pelvis, 2 head, 3 anything else, 4 neck.
            keypoints: (K, 2) pixels, within +-1e7 where seen.
            confidence: (K,) from 0 to 1e6; 0 marks a keypoint that was not seen.
            camera: the camera of the image.
            mask: the mask of the person.

        Raises:
            ValueError: sizes that do not fit.
        """

class Observations:
    """What was observed of one person at one time."""

    def __init__(
        self,
        *,
        model: BodyModel,
        views: Sequence[View],
        points3d: Points3d | None = None,
        person: KnownPerson | None = None,
        ground: Ground | None = None,
        clouds: Sequence[Cloud] = ...,
    ) -> None:
        """
        Args:
            model: the body.
            views: any number of views.
            points3d: measured 3D points.
            person, ground: prior knowledge.
            clouds: measured point clouds.

        Raises:
            ValueError: points of another body, numbers out of range, NaN in a keypoint seen.
        """

class Variables:
    """What a fit moves."""

    def __init__(
        self,
        model: BodyModel,
        *,
        global_orient: ArrayLike,
        body_pose: ArrayLike,
        betas: ArrayLike,
        transl: ArrayLike,
        log_zoom: ArrayLike,
        camera_motion: ArrayLike | None = None,
        slices: Mapping[str, ArrayLike] = ...,
    ) -> None:
        """
        Args:
            model: the body.
            global_orient: (3,) axis-angle of the root, radians.
            body_pose: (J-1, 3) axis-angles, radians.
            betas: (B,) standard deviations.
            transl: (3,) metres.
            log_zoom: (views,) logarithms of the factors on the cameras' focal lengths or scales.
            camera_motion: (views, 6), a rotation about the camera's centre (camera axes, radians)
                and a translation of the centre (world axes, metres); None or (0, 6) if all poses
                are known.
            slices: further slices by name; those left out are zero.

        Raises:
            ValueError: a wrong number of values, NaN, a name that the body has no slice of.
        """

    @property
    def global_orient(self) -> NDArray[np.float64]:
        """(3,) radians, length <= pi."""
    @property
    def body_pose(self) -> NDArray[np.float64]:
        """(J-1, 3) radians."""
    @property
    def betas(self) -> NDArray[np.float64]:
        """(B,) standard deviations."""
    @property
    def transl(self) -> NDArray[np.float64]:
        """(3,) metres."""
    @property
    def slices(self) -> dict[str, NDArray[np.float64]]:
        """Further slices by name, (n,) coefficients each."""
    @property
    def log_zoom(self) -> NDArray[np.float64]:
        """0 for a camera whose scale is known."""
    @property
    def camera_motion(self) -> NDArray[np.float64]:
        """(views, 6), or (0, 6) if all cameras' poses are known."""

class Summary:
    """What the solver did in a stage. Costs are energies, sum |r|^2: twice what Ceres calls so."""

    @property
    def initial_cost(self) -> float:
        """Both costs are -1 if the initial estimate could not be evaluated."""
    @property
    def final_cost(self) -> float: ...
    @property
    def num_iterations(self) -> int:
        """Steps tried."""
    @property
    def num_residuals(self) -> int: ...
    @property
    def num_parameters(self) -> int:
        """Number of free parameters."""
    @property
    def termination_type(self) -> str:
        """CONVERGENCE, NO_CONVERGENCE (at a limit), FAILURE or USER_FAILURE (Ctrl-C)."""
    @property
    def message(self) -> str:
        """The reason for the termination."""
    @property
    def minimizer(self) -> str:
        """lm, dogleg or lbfgs."""
    @property
    def linear_solver(self) -> str:
        """The one used, by Ceres' name; empty for lbfgs."""
    @property
    def jacobian(self) -> str:
        """fast or autodiff."""
    @property
    def time(self) -> float:
        """Seconds."""
    @property
    def costs(self) -> list[list[float]]:
        """For each solve, the lowest cost so far, at its start and after every iteration."""

class StageSummary:
    """A stage that was run."""

    def __init__(
        self,
        *,
        name: str,
        num_iterations: int,
        initial_cost: float,
        final_cost: float,
        time: float,
        termination_type: str,
        message: str,
        minimizer: str,
        linear_solver: str,
        jacobian: str,
        num_residuals: int,
        num_parameters: int,
        costs: Sequence[Sequence[float]],
        initial_energies: Mapping[str, float],
        energies: Mapping[str, float],
    ) -> None:
        """Of a stage that was saved: without variables, the solver's numbers as of `Summary`."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> Summary: ...
    @property
    def initial_energies(self) -> dict[str, float]:
        """sum |r|^2 of each term at the start of the stage, with its weights."""
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term at the end of the stage."""
    @property
    def variables(self) -> Variables | None:
        """The variables at the end of the stage; None for several frames."""

class Hypothesis:
    """A solution, with its energies under the weights by which solutions are compared."""

    @property
    def variables(self) -> Variables: ...
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term."""
    @property
    def kept(self) -> bool:
        """Whether it is the fit's solution, before its weights were balanced."""

class Fit:
    """The solution of minimum cost."""

    @property
    def variables(self) -> Variables: ...
    @property
    def start(self) -> Variables:
        """The initial estimate of its first stage."""
    @property
    def stages(self) -> list[StageSummary]:
        """Those that were run, in order."""
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term at the end, with the weights of the last stage that ran."""
    @property
    def converged(self) -> bool:
        """The last stage did."""
    @property
    def message(self) -> str:
        """Why the last stage stopped."""
    @property
    def hypotheses(self) -> list[Hypothesis]:
        """All solutions including the fit's, by ascending energy."""
    @property
    def num_starts(self) -> int: ...
    @property
    def last_stage(self) -> Stage:
        """The last stage as it was solved, with balanced weights."""
    @property
    def sigma_px(self) -> float:
        """The noise used to balance the weights, pixels; 0: none."""
    @property
    def initial_transl(self) -> NDArray[np.float64]:
        """(3,) metres, the initial translation, to which the depth prior refers."""
    @property
    def pixels_per_metre(self) -> NDArray[np.float64]:
        """Per view, at the body's initial depth."""

def fit(
    observations: Observations,
    pose_prior: GaussianPrior | MixturePrior,
    stages: Sequence[Stage],
    *,
    start_pose: ArrayLike,
    starts: int,
    other_starts: bool,
    threads: int,
    sigma_px: float,
    max_time: float,
    initial: Variables | None,
    joint_limits: JointLimits | None,
) -> Fit:
    """Runs the stages from each start and keeps the cheapest; the GIL is released meanwhile.

    Args:
        observations: the keypoints, their points on the body, the camera.
        pose_prior: of the stages' pose_prior term; over at most 3(J-1) numbers.
        stages: at least one.
        start_pose: (3(J-1),) radians, the body_pose to start from.
        starts: facing directions to try, 1 to 1000.
        other_starts: try depth flips and other starts if a fit is doubtful.
        threads: >= 1, for starts and flips; results are identical for any number.
        sigma_px: noise of the keypoints, pixels > 0; 0: estimated if the last stage has a
            reference_noise.
        max_time: seconds > 0, or infinity.
        initial: the initial estimate; None: found from the observations.
        joint_limits: of the stages' joint_limits term, of at most J-1 joints; None: no such term.

    Raises:
        ValueError: options out of range, fewer than 3 keypoints seen, all at one place (where no
            three points3d off one line fix the place), `initial` behind the camera.
        KeyboardInterrupt: Ctrl-C.
    """

def match_cloud(
    model: BodyModel, cloud: Cloud, options: CloudOptions, variables: Variables
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Matches of points with vertices of a posed body: indices of points (M,), ascending, of
    vertices (M,), and the body's outward unit normals there (M, 3).

    Raises:
        ValueError: options out of range, variables of another body.
    """

def outline(
    model: BodyModel, camera: Pinhole | WeakPerspective, variables: Variables
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The outline of a posed body in an image: (n, 2) vertices of its edges and (n, 2) their
    outward unit normals, pixels. Empty unless the whole body is in front of the camera."""

def spread_points(
    model: BodyModel,
    camera: Pinhole | WeakPerspective,
    variables: Variables,
    *,
    count: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The points of `SilhouetteInsideOptions`: (n, 2) vertices and (n,) shares of the second."""

def match_contour(
    model: BodyModel,
    camera: Pinhole | WeakPerspective,
    variables: Variables,
    mask: Mask,
    options: SilhouetteContourOptions,
    *,
    unit: float,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The pairs of `SilhouetteContourOptions`: (n,) numbers of points of the mask's outline, (n, 2)
    vertices of an edge, and (n,) shares of the second.

    Raises:
        ValueError: options out of range.
    """

def depth_flips(observations: Observations, variables: Variables) -> list[tuple[str, Variables]]:
    """Bodies with parts mirrored in depth, which a single image can hardly distinguish from the
    given one, by the parts' names. None with several views, masks or 3D measurements."""

def other_starts(
    observations: Observations,
    pose_prior: GaussianPrior | MixturePrior,
    *,
    start_pose: ArrayLike,
) -> list[Variables]:
    """Initial estimates for a fit that is doubtful after its depth flips: two facing directions of
    each mean of a mixture, four of a body that is bent forward.

    Args:
        observations: the keypoints, their points on the body, the camera.
        pose_prior: over at most 3(J-1) numbers.
        start_pose: (3(J-1),) radians, the body_pose that the bent one is made of.

    Raises:
        ValueError: fewer than three visible keypoints at different places.
    """

def initialise(observations: Observations, *, start_pose: ArrayLike) -> Variables:
    """The start that a fit would take first: place, depth and facing direction from what is seen.

    Args:
        observations: the keypoints, their points on the body, the camera.
        start_pose: (3(J-1),) radians, the body_pose to start from.

    Raises:
        ValueError: fewer than 3 keypoints seen, all at one place.
    """

class _Evaluation(TypedDict):
    evaluated: bool
    rows: list[tuple[str, int]]
    residuals: NDArray[np.float64]
    jacobian: NDArray[np.float64]

# --- Tables ---

def joint_names(num_joints: int) -> list[str]:
    """Names of SMPL's 24 joints, SMPL-H's 52 or SMPL-X's 55; otherwise joint_0, joint_1 ..."""

def known_landmarks(num_vertices: int, num_joints: int) -> list[tuple[str, int]]:
    """(name, vertex) of landmarks on the meshes of SMPL, SMPL-H and SMPL-X; none on others."""

def keypoint_formats() -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """(name, aliases, [(keypoint, location)]) of each keypoint format."""

def keypoint_role(location: Sequence[str]) -> int:
    """The role, 0 to 4, of a keypoint at these joints or landmarks."""

def locate_points(
    model: BodyModel,
    *,
    body_name: str,
    joint_names: Sequence[str],
    landmarks: Sequence[tuple[str, Sequence[int], Sequence[float]]],
    format_name: str,
    locations: Sequence[Sequence[str]],
) -> tuple[SkinnedPoints, list[int]]:
    """The points that keypoints are on a body.

    Args:
        model: the body.
        body_name, format_name: for messages.
        joint_names: J names.
        landmarks: (name, vertices, weights) of points on the skin.
        locations: of each of K keypoints, names of the joints and landmarks whose mean it is.

    Returns:
        the points, and the number of each keypoint's point; -1 where the body has none.

    Raises:
        ValueError: a body without any of the points.
    """

def published_range(
    joint: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Axes (3, 3), lower and upper limits (3,) of a joint's twist and swing, radians."""

def estimate_noise(
    observations: Observations,
    pose_prior: GaussianPrior | MixturePrior,
    stage: Stage,
    variables: Variables,
    *,
    initial_transl: ArrayLike,
    pixels_per_metre: ArrayLike,
    joint_limits: JointLimits | None,
) -> float:
    """Estimates the noise of the keypoints from their residuals at a solution of a stage.

    Returns:
        Standard deviation of a coordinate of confidence 1, pixels; NaN if it cannot be estimated.
    """

def evaluate(
    observations: Observations,
    pose_prior: GaussianPrior | MixturePrior,
    stage: Stage,
    variables: Variables,
    *,
    initial_transl: ArrayLike,
    pixels_per_metre: ArrayLike,
    root_chart: ArrayLike,
    joint_limits: JointLimits | None,
) -> _Evaluation:
    """Residuals and derivatives of a stage's terms, for tests.

    Args:
        observations, pose_prior, stage: as in `fit`.
        variables: the state at which to evaluate.
        initial_transl: (3,) metres, transl at the start.
        pixels_per_metre: (views,) at the body's initial depth.
        root_chart: (3,) rotation vector w, radians: the root is at exp(w) exp(global_orient).
        joint_limits: as in `fit`.

    Returns:
        evaluated: False if a term has no value (a point behind the camera); residuals and
            derivatives not reached are then NaN or 0.
        rows: (term, number of residuals) in order.
        residuals: (R,).
        jacobian: (R, 3J + 3 + B + views); columns: root_chart, body_pose, transl, betas, log_zoom,
            and the views' camera_motion where the variables have it.

    Raises:
        ValueError: options out of range, a wrong number of values, NaN.
    """

class Objective:
    """A stage's terms as a function of x (N,) = [root, body_pose, transl, betas, log_zoom].

    N = 3J + 3 + B + the number of views. `root` is a rotation vector w in the world's axes,
    radians: the root is at exp(w) exp(global_orient), with the global_orient of the variables that
    it was made with.
    """

    def __init__(
        self,
        observations: Observations,
        pose_prior: GaussianPrior | MixturePrior,
        stage: Stage,
        variables: Variables,
        *,
        joint_limits: JointLimits | None,
        initial_transl: ArrayLike | None = None,
        pixels_per_metre: ArrayLike | None = None,
    ) -> None:
        """
        Args:
            observations, pose_prior, stage, joint_limits: as in `fit`.
            variables: the start; moved away from a camera that it is too near to.
            initial_transl: (3,) metres, and
            pixels_per_metre: as in `evaluate`; without both, those of the start, as in a fit.

        Raises:
            ValueError: options out of range, one of the last two alone, a pelvis behind the camera.
        """

    @property
    def num_parameters(self) -> int:
        """N."""
    @property
    def num_views(self) -> int: ...
    @property
    def num_residuals(self) -> int:
        """R."""
    @property
    def rows(self) -> list[tuple[str, int]]:
        """(term, number of residuals) in order; the reprojection's once for each view that sees."""
    @property
    def free(self) -> list[bool]:
        """N, which of x the stage lets move."""
    @property
    def start(self) -> NDArray[np.float64]:
        """(N,) x of the start."""
    def pack(self, variables: Variables) -> NDArray[np.float64]:
        """(N,) x of some variables."""
    def unpack(self, x: ArrayLike) -> Variables:
        """The variables at x; ValueError for another length, NaN."""
    def evaluate(
        self, x: ArrayLike, *, jacobian: bool = False
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None] | None:
        """(R,) residuals and, if requested, their (R, N) derivatives.

        None if a term has no value (a point behind the camera). ValueError for another length,
        NaN.
        """

class Posterior:
    """A Gaussian over N variables of the Hessian H = J^T diag(weights) J, which may lack rank."""

    def __init__(self, jacobian: ArrayLike, weights: ArrayLike) -> None:
        """
        Args:
            jacobian: (R, N) J.
            weights: (R,) >= 0.

        Raises:
            ValueError: sizes that do not fit, NaN, a negative weight.
        """

    def covariances(self, jacobians: ArrayLike) -> NDArray[np.float64]:
        """(M, d, d) covariances of M functions of d values, from their (M, d, N) Jacobians.

        An unconstrained value has infinite variance and covariances of 0. ValueError for
        another shape, NaN.
        """

# --- Sequences ---

class SequenceFit:
    """Frames that were fitted together."""

    @property
    def frames(self) -> list[Variables]:
        """Of the same betas, zooms and camera motions."""
    @property
    def stages(self) -> list[StageSummary]: ...
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term over all frames at the end, in the last stage's weights."""
    @property
    def converged(self) -> bool:
        """The last stage did."""
    @property
    def message(self) -> str:
        """Why the last stage stopped."""

def fit_sequence(
    frames: Sequence[Observations],
    times: Sequence[float],
    pose_prior: GaussianPrior | MixturePrior,
    stages: Sequence[Stage],
    initial: Sequence[Variables],
    *,
    held: int,
    shared: bool,
    max_time: float,
    joint_limits: JointLimits | None,
) -> SequenceFit:
    """All frames together, with one shape, one zoom (and pose) per camera and motion between
    frames.

    Args:
        frames: with equal bodies and numbers of views; frames without visible keypoints are
            constrained by their neighbours.
        times: seconds, ascending, one per frame.
        initial: one per frame; betas, zooms and camera motions are the first's.
        held: number of first frames that are constant.
        shared: whether betas, zooms and camera motions are free.
        max_time: seconds after which the best state so far is returned.

    Raises:
        ValueError: sizes that do not fit, times that do not ascend, a frame that starts
            behind a camera.
        KeyboardInterrupt: Ctrl-C.
    """

def evaluate_sequence(
    frames: Sequence[Observations],
    times: Sequence[float],
    pose_prior: GaussianPrior | MixturePrior,
    stage: Stage,
    variables: Sequence[Variables],
    *,
    joint_limits: JointLimits | None,
) -> dict[str, Any]:
    """Residuals and Jacobian of a stage on many frames, as Ceres has them in one problem.

    Returns:
        evaluated: False if a term has no value.
        energies: of each term.
        residuals: R numbers.
        jacobian: (begin of each row, columns, values); columns: (root chart 3, body_pose, transl)
            of each frame, one after the other, betas, log_zoom of each view, camera_motion of each
            where the variables have it.
    """

# --- Clips ---

# Frames that are solved together: the fewest that `fit_clip` takes, and how many it should.
MIN_WINDOW: int
DEFAULT_WINDOW: int

class ClipStep:
    """A finished step of a clip's fit, for checkpoints."""

    def __init__(
        self,
        arrays: Mapping[str, ArrayLike],
        *,
        stages: Sequence[StageSummary] = [],
        energies: Mapping[str, float] = {},
        converged: bool = False,
    ) -> None: ...
    @property
    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """By name; the first dimension counts bodies or frames."""
    @property
    def stages(self) -> list[StageSummary]:
        """Of frames that were solved together for the result; empty for other steps."""
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term at the end of those stages."""
    @property
    def converged(self) -> bool:
        """The last of those stages did."""

class ClipCallbacks:
    """What `fit_clip` calls between steps."""

    def __init__(
        self,
        *,
        progress: Callable[[str, int, int], None] | None = None,
        load: Callable[[str], ClipStep | None] | None = None,
        save: Callable[[str, ClipStep], None] | None = None,
    ) -> None:
        """
        Args:
            progress: gets what is being done, how many frames of it are done, and how many there
                are.
            load: gives the step of a name that was saved before; None: it is computed.
            save: gets every step that was computed, with its name.
        """

class ClipFit:
    """All frames of a clip."""

    @property
    def frames(self) -> list[Variables]:
        """Of the same betas, zooms and camera motions."""
    @property
    def stages(self) -> list[list[StageSummary]]:
        """Of each window."""
    @property
    def energies(self) -> dict[str, float]:
        """sum |r|^2 of each term at the end, over all windows."""
    @property
    def converged(self) -> bool:
        """The last stage of every window did."""

def fit_clip(
    frames: Iterable[Observations],
    times: Sequence[float],
    pose_prior: GaussianPrior | MixturePrior,
    stages: Sequence[Stage],
    *,
    start_pose: ArrayLike,
    window: int,
    threads: int,
    refined_cameras: Callable[[Variables], list[Pinhole | WeakPerspective]] | None,
    joint_limits: JointLimits | None,
    callbacks: ClipCallbacks,
) -> ClipFit:
    """Every frame alone, the cheapest path through the candidates, and all frames together.

    Args:
        frames: of the same body and as many views each.
        times: seconds, ascending, one per frame.
        stages: of all frames together; the shape prior's weight grows with their number. Every
            frame alone has the default stages.
        start_pose: (J - 1, 3) radians.
        window: frames that are solved together.
        refined_cameras: where cameras are refined: the cameras of the views, known, at the
            variables that were found.

    Raises:
        ValueError: sizes that do not fit, times that do not ascend, options out of
            range, no frame that can be fitted, steps of other frames.
        KeyboardInterrupt: Ctrl-C; what a callback raises.
    """

def cheapest_path(costs: Sequence[ArrayLike], steps: Sequence[ArrayLike]) -> list[int]:
    """One candidate of each frame, with the lowest sum of costs.

    Args:
        costs: F arrays (N_f,), of the candidates of each frame.
        steps: F - 1 arrays (N_f, N_{f-1}), of each candidate after each of the frame before.
    """

def interpolate_rotation(
    first: ArrayLike, second: ArrayLike, fraction: float
) -> NDArray[np.float64]:
    """(3,) axis-angle, a fraction of the shortest turn from the first rotation to the second."""

def nearest_axis_angle(rotation: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """(3,) the same rotation as the vector nearest to the reference."""

class Tracker:
    """The tracker of one person in a stream. Updates from several threads are serialised."""

    def __init__(
        self,
        *,
        model: BodyModel,
        pose_prior: GaussianPrior | MixturePrior,
        joint_limits: JointLimits | None,
        cold: Sequence[Stage],
        stage: Stage,
        start_pose: ArrayLike,
        budget: float,
        lag: int,
    ) -> None:
        """
        Args:
            model: the body.
            pose_prior, joint_limits: as of `fit`.
            cold: stages of a fit from scratch; at least one.
            stage: of an update; minimizer "lm", linear solver "auto".
            start_pose: (3(J-1),) radians.
            budget: seconds per update, > 0, or infinity.
            lag: number of smoothed frames before the newest, >= 1.

        Raises:
            ValueError: what is out of range.
        """

    def update(self, seen: Observations, time: float) -> str:
        """The person as seen; "lost", "starting", "tracked" or "predicted".

        Raises:
            ValueError: a time that is not later than the last; all stays as it was.
        """

    def predict(self, time: float) -> Variables: ...
    def reset(self) -> None: ...
    def state(self) -> Variables: ...
    def smoothed(self) -> list[tuple[float, Variables]]:
        """Timestamps and states of the window's frames, the oldest first."""

    def velocity(self) -> NDArray[np.float64]:
        """Of the frame block, a second."""

    def information(self) -> NDArray[np.float64]:
        """J^T J over [frame | betas], in the units of energies."""

    def energies(self) -> dict[str, float]: ...
    def iterations(self) -> int: ...

# --- Times, for benchmarks ---

def time_points(
    points: SkinnedPoints,
    model: BodyModel,
    *,
    betas: ArrayLike,
    global_orient: ArrayLike,
    body_pose: ArrayLike,
    transl: ArrayLike,
    jacobian: bool = False,
    samples: int = 100,
) -> list[float]:
    """Seconds that points take as a fit evaluates them, kinematics included, without Python:
    `samples` means of 20 calls each. Arguments as of `SkinnedPoints.evaluate`."""

def time_normal_equations(*, rows: int, columns: int, samples: int = 100) -> list[float]:
    """Seconds that J^T J, J^T r and a Cholesky solve take in Eigen for a dense J (rows, columns),
    rows and columns >= 1: the floor of a Levenberg-Marquardt iteration. As `time_points`."""

def build() -> dict[str, str | bool]:
    """What this core was made of: see `smplceres.build_info`."""
