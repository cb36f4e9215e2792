"""The pictures of a fit: what is drawn where, in which order, and what is left out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy.spatial import Delaunay, cKDTree

import smplceres
from smplceres import (
    Camera,
    FitResult,
    FittedView,
    Keypoints,
    WeakPerspectiveCamera,
    fit,
    load_body_model,
)
from smplceres.look.overlay import MESH_OPACITY, SIDE_VIEW_SIZE, paint_insets
from smplceres.overlay import draw_overlay, draw_side_view, draw_top_view, uncertainty_colours

WIDTH, HEIGHT = 320, 400
PINHOLE = Camera.guess(WIDTH, HEIGHT)
ORTHOGRAPHIC = WeakPerspectiveCamera(
    scale=160.0, cx=(WIDTH - 1) / 2, cy=(HEIGHT - 1) / 2, width=WIDTH, height=HEIGHT
)
# cam_from_world of a camera that lies on its side and looks along the world's x.
TURNED = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
BOTH_SIDES = np.array([[0, 1, 2], [0, 2, 1]])  # of one triangle


def result_of(vertices, faces, camera, *, xy=None, confidence=None, fitted=None, pelvis=(0, 0, 2)):
    """A result with this mesh; keypoints lsp14, none seen unless given."""
    xy = np.zeros((14, 2)) if xy is None else xy
    confidence = np.zeros(14) if confidence is None else confidence
    return FitResult(
        global_orient=np.zeros(3),
        body_pose=np.zeros((23, 3)),
        betas=np.zeros(10),
        transl=np.zeros(3),
        joints=np.tile(np.array(pelvis, dtype=float), (24, 1)),
        views=(
            FittedView(
                Keypoints(xy, confidence, "lsp14", (camera.width, camera.height)),
                camera,
                np.full((14, 2), np.nan) if fitted is None else fitted,
            ),
        ),
        stages=(),
        energies={},
        converged=True,
        message="",
        solve_time=0.0,
        num_starts=1,
        model_name="triangles",
        _mesh=[np.array(vertices, dtype=float), np.array(faces, dtype=np.int32)],
    )


def square(depth, half, *, centre=(0.0, 0.0), facing=True):
    """Vertices and faces of a square across the view; from its front counter-clockwise."""
    x, y = centre
    corners = [
        (x - half, y - half),
        (x - half, y + half),
        (x + half, y + half),
        (x + half, y - half),
    ]
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return np.array([(*corner, depth) for corner in corners]), faces if facing else faces[:, ::-1]


def joined(*meshes):
    """Several meshes as one."""
    offsets = np.cumsum([0] + [len(vertices) for vertices, _ in meshes[:-1]])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate(
            [faces + offset for (_, faces), offset in zip(meshes, offsets, strict=True)]
        ),
    )


def posed(camera, *, transl):
    """A result whose body stands upright before the camera, with its own keypoints, OpenPose's."""
    model = smplceres.load_body_model()
    body = model(global_orient=[np.pi, 0, 0], transl=transl)
    to_world = camera.rotation
    world = (body.vertices - camera.translation) @ to_world
    result = result_of(world, model.faces, camera)
    keypoint_format = smplceres.FORMATS["openpose_body25"]
    points, _, _ = model.keypoint_points(keypoint_format)
    parameters = model.parameters(None, [np.pi, 0, 0], None, transl)
    pixels = camera.project(
        (points.evaluate(model._core, **parameters) - camera.translation) @ to_world
    )
    keypoints = Keypoints(pixels, np.ones(25), keypoint_format, (WIDTH, HEIGHT))
    return replace(result, views=(FittedView(keypoints, camera, pixels),))


def canvas(level=255, size=(WIDTH, HEIGHT)):
    return np.full((size[1], size[0], 3), level, dtype=np.uint8)


def pixels_of(image):
    return np.asarray(image).astype(int)


def without_caption(array):
    return array[:-20]


@pytest.fixture
def cameras():
    return {
        "pinhole": PINHOLE,
        "weak perspective": ORTHOGRAPHIC,
        "pinhole elsewhere": Camera(
            fx=512, fy=512, cx=160, cy=200, width=WIDTH, height=HEIGHT, rotation=TURNED,
            translation=[0.1, 0.2, 0.3],
        ),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["pinhole", "weak perspective", "pinhole elsewhere"])
def test_the_body_is_drawn_where_the_camera_sees_it(kind, cameras):
    camera = cameras[kind]
    depth = 0.0 if kind == "weak perspective" else 3.2
    result = posed(camera, transl=[0.05, -0.15, depth])
    changed = (pixels_of(draw_overlay(canvas(), result)) != 255).any(axis=2)

    seen = np.round(camera.project(result.vertices)).astype(int)
    # At the outline a vertex's pixel may be covered by less than a quarter: within a pixel, then.
    near = [changed[seen[:, 1] + j, seen[:, 0] + i] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert np.any(near, axis=0).all()

    # Nothing is farther from the vertices than a ring's radius and a pixel, but inside their hull.
    rows, columns = np.nonzero(without_caption(changed))
    places = np.stack([columns, rows], axis=1)
    inside = Delaunay(camera.project(result.vertices)).find_simplex(places) >= 0
    distance, _ = cKDTree(camera.project(result.vertices)).query(places)
    assert (inside | (distance < 5)).all()


def test_the_mesh_is_drawn_to_a_quarter_of_a_pixel():
    """By how much of each pixel it covers: four samples a pixel are half a pixel apart."""
    drawn = pixels_of(draw_overlay(canvas(), result_of(*square(2.0, 0.2), PINHOLE)))[..., 0]
    middle = np.s_[HEIGHT // 2, WIDTH // 2]
    covered = (255 - drawn) / (255 - drawn[middle])
    half = 0.2 * PINHOLE.fx / 2.0
    covered = without_caption(covered)
    for line, centre in ((covered[HEIGHT // 2], PINHOLE.cx), (covered[:, WIDTH // 2], PINHOLE.cy)):
        assert line.sum() == pytest.approx(2 * half, abs=0.51)
        assert line @ np.arange(len(line)) / line.sum() == pytest.approx(centre, abs=0.26)


def test_the_image_shows_through_the_mesh_by_a_quarter():
    result = result_of(*square(2.0, 0.2), PINHOLE)
    black, white = (pixels_of(draw_overlay(canvas(level), result)) for level in (0, 255))
    middle = np.s_[HEIGHT // 2, WIDTH // 2]
    assert white[middle] - black[middle] == pytest.approx((1 - MESH_OPACITY) * 255, abs=2)
    assert (white[0, 0] - black[0, 0] == 255).all()


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_nearer_covers_what_is_farther(order):
    # Tilted squares differ in shade, so one can tell which of them is seen.
    near, far = square(2.0, 0.1), square(3.0, 0.4)
    near[0][:2, 2] += 0.15
    alone = pixels_of(draw_overlay(canvas(), result_of(*near, PINHOLE)))
    both = pixels_of(draw_overlay(canvas(), result_of(*joined(*[near, far][::order]), PINHOLE)))
    middle = np.s_[HEIGHT // 2, WIDTH // 2]
    assert (both[middle] == alone[middle]).all()
    beside = np.s_[HEIGHT // 2, WIDTH // 2 + 60]
    assert (alone[beside] == 255).all()
    assert (both[beside] != alone[middle]).any()


@pytest.mark.parametrize(
    "mesh",
    [
        square(2.0, 0.2, facing=False),
        square(-2.0, 0.2),  # behind the camera
        square(-2.0, 0.2, facing=False),
        square(2.0, 0.2, centre=(5.0, 0.0)),  # beside the picture
        (np.array([(-0.2, 0, 2.0), (0, 0.2, 2.0), (0.2, 0, -1.0)]), BOTH_SIDES),
        (np.array([(-0.2, 0, 2.0), (0, 0.2, 2.0), (0.2, 0, 2e-3)]), BOTH_SIDES),
    ],
    ids=["back", "behind", "behind and back", "outside", "through the camera", "at the camera"],
)
def test_triangles_that_the_camera_cannot_see_are_left_out(mesh):
    camera = Camera(
        fx=512, fy=512, cx=159.5, cy=199.5, width=WIDTH, height=HEIGHT, distortion=[0, 0, 0, 0, 1]
    )  # that distortion takes the point beside the camera beyond the numbers that Pillow knows
    drawn = pixels_of(draw_overlay(canvas(), result_of(*mesh, camera)))
    assert (without_caption(drawn) == 255).all()


def test_a_body_partly_outside_the_image_is_cut_off():
    result = posed(PINHOLE, transl=[0.0, 0.9, 2.0])
    image = draw_overlay(canvas(), result)
    assert image.size == (WIDTH, HEIGHT)
    assert (without_caption(pixels_of(image))[-1] != 255).any()


def test_shade_follows_the_normals():
    """Upper left is lit; neighbours that share vertices have nearly one shade."""
    result = posed(PINHOLE, transl=[0.0, -0.15, 3.2])
    image = pixels_of(draw_side_view(result)).sum(axis=2)
    body = image[image < 3 * 250]
    assert np.ptp(np.percentile(body, [5, 95])) > 60

    tilted = {}
    for name, change in (("to the light", 0.3), ("away from it", -0.3)):
        vertices, faces = square(2.0, 0.2)
        vertices[[0, 3], 2] += change  # the upper edge, farther away: the face looks up
        tilted[name] = pixels_of(draw_overlay(canvas(), result_of(vertices, faces, PINHOLE)))
    middle = np.s_[HEIGHT // 2, WIDTH // 2]
    assert tilted["to the light"][middle].sum() > tilted["away from it"][middle].sum() + 30


def test_keypoints_are_dots_by_confidence_and_the_fitted_are_rings_joined_to_them():
    xy, confidence = np.zeros((14, 2)), np.zeros(14)
    fitted = np.full((14, 2), np.nan)
    xy[[0, 12]], confidence[[0, 12]] = [(60, 60), (200, 60)], [1.0, 0.1]  # no line between them
    fitted[0] = (60, 120)
    result = result_of(*square(-2.0, 0.1), PINHOLE, xy=xy, confidence=confidence, fitted=fitted)
    changed = (pixels_of(draw_overlay(canvas(), result)) != 255).any(axis=2)
    assert changed[60, 60] and changed[60, 200]
    assert changed[55:66, 55:66].sum() > 2 * changed[55:66, 195:206].sum()  # by confidence
    assert changed[90, 60]  # the line from detected to fitted
    assert changed[120, 56] and changed[120, 64] and not changed[121, 61]  # the ring, hollow
    assert not changed[:, 210:310][:-20].any()


def test_the_stick_figure_joins_keypoints_that_are_seen():
    names = smplceres.FORMATS["lsp14"].names
    ankle, knee, hip = (names.index(f"right_{joint}") for joint in ("ankle", "knee", "hip"))
    xy, confidence = np.zeros((14, 2)), np.zeros(14)
    xy[[ankle, knee, hip]] = [(100, 200), (100, 150), (100, 100)]
    confidence[[ankle, knee]] = 1
    result = result_of(*square(-2.0, 0.1), PINHOLE, xy=xy, confidence=confidence)
    changed = (pixels_of(draw_overlay(canvas(), result)) != 255).any(axis=2)
    assert changed[150:201, 100].all()
    assert not changed[:140].any()


def test_keypoints_at_nonsense_places_are_not_drawn():
    xy, fitted = np.full((14, 2), 1e12), np.full((14, 2), 1e12)
    xy[1], xy[4], fitted[4] = -1e12, (100, 100), -1e12
    result = result_of(*square(-2.0, 0.1), PINHOLE, xy=xy, confidence=np.ones(14), fitted=fitted)
    drawn = without_caption(pixels_of(draw_overlay(canvas(), result)))
    drawn[95:106, 95:106] = 255  # the one dot
    assert (drawn == 255).all()


@pytest.mark.parametrize(
    "image",
    [
        np.full((HEIGHT, WIDTH), 200, dtype=np.uint8),
        np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8),
        np.dstack([canvas(200), np.zeros((HEIGHT, WIDTH), dtype=np.uint8)]),
        Image.new("L", (WIDTH, HEIGHT), 200),
        Image.new("RGB", (WIDTH, HEIGHT), (200, 200, 200)),
    ],
    ids=["grey", "rgb", "rgba, transparent", "pillow grey", "pillow rgb"],
)
def test_takes_every_kind_of_picture_and_leaves_it_as_it_was(image):
    before = np.array(image)
    drawn = draw_overlay(image, result_of(*square(2.0, 0.1), PINHOLE))
    assert drawn.mode == "RGB" and drawn.size == (WIDTH, HEIGHT)
    assert drawn.getpixel((5, 5)) == (200, 200, 200)
    assert (np.array(image) == before).all()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((HEIGHT, WIDTH, 3)), r"image: expected .* uint8, got \(400, 320, 3\) float64"),
        (np.zeros((HEIGHT, WIDTH, 2), dtype=np.uint8), r"image: expected .*, got \(400, 320, 2\)"),
        (np.zeros((WIDTH, HEIGHT, 3), dtype=np.uint8), "320 x 400 pixels, got 400 x 320"),
    ],
)
def test_a_wrong_image_is_an_error_that_says_what_was_expected(image, message):
    with pytest.raises(ValueError, match=message):
        draw_overlay(image, result_of(*square(2.0, 0.1), PINHOLE))


def occupied(image):
    """Columns and rows of the body in a side view, without bar, pelvis line and caption."""
    array = pixels_of(image)
    blue = array[..., 2] - array[..., 0] > 25
    rows, columns = np.nonzero(without_caption(blue))
    return columns, rows


@pytest.mark.parametrize("kind", ["pinhole", "weak perspective", "pinhole elsewhere"])
def test_the_side_view_shows_depth_with_the_camera_to_the_left(kind, cameras):
    camera = cameras[kind]
    # A wall 0.2 m high and 1 m deep that the side view sees from its front; its near end is higher.
    points = [(0.0, -0.1, 2.0), (0.0, 0.1, 2.0), (0.0, 0.1, 3.0), (0.0, 0.0, 3.0)]
    world = (np.array(points) - camera.translation) @ camera.rotation
    faces = [[0, 1, 2], [0, 2, 3]]
    image = draw_side_view(result_of(world, faces, camera, pelvis=world[0]))
    columns, rows = occupied(image)
    assert image.size == SIDE_VIEW_SIZE
    assert np.ptp(columns) == pytest.approx(0.85 * 512, abs=3)
    assert np.ptp(rows) == pytest.approx(0.2 * 0.85 * 512, abs=3)
    left, right = columns < 256, columns > 256
    assert np.ptp(rows[left]) > 1.2 * np.ptp(rows[right])


def test_the_side_view_of_someone_who_faces_the_camera_is_a_profile():
    result = posed(PINHOLE, transl=[0.0, -0.15, 3.2])
    columns, rows = occupied(draw_side_view(result))
    assert np.ptp(columns) < 0.35 * np.ptp(rows)  # arms are spread, across the view
    toes = columns[rows > rows.max() - 5]
    head = columns[rows < rows.min() + 40]
    assert toes.min() < head.min()  # feet point to the camera, to the left


@pytest.mark.parametrize("kind", ["pinhole", "weak perspective", "pinhole elsewhere"])
def test_the_top_view_shows_depth_with_the_camera_below(kind, cameras):
    camera = cameras[kind]
    # A floor 0.4 m wide at its near end, 0.2 m at its far end, 1 m deep, seen from its upper face.
    points = [(-0.2, 0.5, 2.0), (0.2, 0.5, 2.0), (0.1, 0.5, 3.0), (-0.1, 0.5, 3.0)]
    world = (np.array(points) - camera.translation) @ camera.rotation
    columns, rows = occupied(
        draw_top_view(result_of(world, [[0, 1, 2], [0, 2, 3]], camera, pelvis=world[0]))
    )
    assert np.ptp(rows) == pytest.approx(0.85 * 512, abs=3)
    near, far = rows > 256, rows < 256
    assert np.ptp(columns[near]) == pytest.approx(0.4 * 0.85 * 512, abs=3)
    assert np.ptp(columns[far]) < np.ptp(columns[near])


def test_the_nose_of_someone_who_faces_the_camera_is_below_in_the_top_view():
    result = posed(PINHOLE, transl=[0.0, -0.15, 3.2])
    columns, rows = occupied(draw_top_view(result))
    assert np.ptp(columns) > 2 * np.ptp(rows)  # arms are spread


def test_dots_have_the_colours_of_their_confidence():
    xy, confidence = np.zeros((14, 2)), np.zeros(14)
    xy[[0, 6, 12]], confidence[[0, 6, 12]] = [(60, 60), (120, 60), (200, 60)], [1.0, 0.5, 0.01]
    result = result_of(*square(-2.0, 0.1), PINHOLE, xy=xy, confidence=confidence)
    drawn = pixels_of(draw_overlay(canvas(), result))
    sure, half, unsure = drawn[60, 60], drawn[60, 120], drawn[60, 200]
    assert sure[0] > 200 and sure[1] > 200 and sure[2] < 60  # yellow
    assert half[0] > 200 and half[1] < 160  # orange
    assert unsure[2] > unsure[1] + 40  # purple


def test_labels_tell_the_residuals_beside_the_rings():
    xy, confidence, fitted = np.zeros((14, 2)), np.zeros(14), np.full((14, 2), np.nan)
    xy[0], confidence[0], fitted[0] = (60, 60), 1.0, (60, 90)
    result = result_of(*square(-2.0, 0.1), PINHOLE, xy=xy, confidence=confidence, fitted=fitted)
    plain, told = (pixels_of(draw_overlay(canvas(), result, labels=on)) for on in (False, True))
    rows, columns = np.nonzero((plain != told).any(axis=2))
    assert len(rows) > 50
    assert abs(rows.mean() - 90) < 15 and abs(columns.mean() - 75) < 15


def test_a_body_takes_the_colours_of_how_sure_its_joints_are():
    """The covariance of the hands alone is large: they are purple, the rest is yellow."""
    model = smplceres.load_body_model()
    result = posed(PINHOLE, transl=[0.0, -0.15, 3.2])
    covariances = np.tile(1e-6 * np.eye(3), (24, 1, 1))
    hands = [model.joint_names.index(name) for name in ("left_hand", "right_hand")]
    covariances[hands] = np.diag([0.04, 0.04, 0])
    covariances[:, 2, 2] += 9.0  # depth, which is told of nothing here
    told = smplceres.Covariance(np.eye(1), ("",), 1.0, covariances, np.zeros((0, 2, 2)), np.ones(1))
    colours = uncertainty_colours(result, told, model)
    of_hands = model.lbs_weights[:, hands].sum(axis=1) > 0.9
    of_none = model.lbs_weights[:, hands].sum(axis=1) < 0.01
    np.testing.assert_allclose(colours[of_none], [[255, 225, 0]] * of_none.sum(), atol=4)
    np.testing.assert_allclose(colours[of_hands], [[150, 40, 200]] * of_hands.sum(), atol=4)
    plain, coloured = (
        pixels_of(draw_overlay(canvas(), result, colours=each)) for each in (None, colours)
    )
    assert (plain != coloured).any()
    with pytest.raises(ValueError, match="model: expected the body of the fit"):
        uncertainty_colours(result, told)


def test_insets_are_at_the_right_edge():
    result = posed(PINHOLE, transl=[0.0, -0.15, 3.2])
    picture = canvas(90)
    paint_insets(picture, [result])
    changed = (picture != 90).any(axis=2)
    side = min(HEIGHT // 4, WIDTH // 3)
    assert changed[: 2 * side, -side:].all() and not changed[:, :-side].any()


def test_importing_the_package_needs_no_pillow_and_drawing_says_what_to_install():
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "import smplceres\n"
        "try:\n"
        "    import smplceres.overlay\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "drawings need Pillow: pip install 'smplceres[viz]'\n"


def test_what_no_keypoint_tells_is_grey() -> None:
    """A fit to head, arms and trunk: the legs are those of the prior."""
    model = load_body_model()
    camera = Camera(fx=600, fy=600, cx=WIDTH / 2, cy=HEIGHT / 2, width=WIDTH, height=HEIGHT)
    joints = model.joints(global_orient=[np.pi, 0, 0], transl=[0, 0, 4])
    names = list(model.joint_names)
    parts = ("knee", "ankle", "foot")
    seen = [not any(part in name for part in parts) for name in names]
    keypoints = np.c_[camera.project(joints), seen]
    result = fit(keypoints, camera, keypoint_format="smpl24", starts=1)
    unknown = result.unknown_vertices()
    foot, neck = (result.joints[names.index(name)] for name in ("left_foot", "neck"))
    assert unknown[np.linalg.norm(result.vertices - foot, axis=1) < 0.08].all()
    assert not unknown[np.linalg.norm(result.vertices - neck, axis=1) < 0.08].any()
    side = pixels_of(draw_side_view(result)).astype(int)
    coloured = (side.max(axis=2) - side.min(axis=2)) > 30
    assert coloured[: len(side) // 2].mean() > 0.02
    assert coloured[int(0.8 * len(side)) :].mean() < 0.002
    whole = fit(camera.project(joints), camera, keypoint_format="smpl24", starts=1)
    assert not whole.unknown_vertices().any()
