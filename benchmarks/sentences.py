# ruff: noqa: E501
"""What a run's figures say, in a sentence or two for each plot of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Figures = dict[str, Any]

PUBLISHED = "SMPLify's preset"


def of_fits(results: Figures) -> str:
    rows = results["fits"]["default"]
    dense = results["fits"]["dense"]
    stages = {name: values["median"] for name, values in rows["stage_ms"].items()}
    slowest = max(stages, key=lambda name: stages[name])
    inside = sum(stages.values())
    return (
        f"A cold fit of BODY_25 from one start takes {ms(rows['call_ms']['1'])}, the Python call "
        f"included, and {rows['iterations']['cold']['median']:.0f} iterations; {inside:.1f} ms of it are in "
        f'its stages, most in "{slowest}" ({stages[slowest]:.2f} ms). The default, which tries more '
        f"starts where one looks doubtful, takes {ms(rows['default_ms'])} on two cores, and the next "
        f"frame of a video, by a tracker, {ms(rows['tracked_ms'])}; by the last stage alone from the result of the last, "
        f"{ms(rows['warm_ms'])} and {rows['iterations']['warm']['median']:.0f} iterations; the same picture again from its own result, "
        f"{ms(rows['again_ms'])} and {rows['iterations']['again']['median']:.0f} iterations. On a body with pose "
        f"blend shapes everywhere, as official SMPL files have them, the cold fit takes "
        f"{ms(dense['call_ms']['1'])}."
    )


def of_iterations(results: Figures) -> str:
    rows = results["iterations"]
    whole, without = rows["last stage"], rows["without collisions"]
    return (
        f"A Levenberg-Marquardt iteration of the last stage ({whole['rows']['median']:.0f} residuals, "
        f"{whole['columns']['median']:.0f} parameters) takes {us(whole['iteration_us'])}, "
        f"{whole['ratio']['median']:.2f} times what its normal equations and Cholesky factor take "
        f"alone in Eigen, {us(whole['floor_us'])}; without collisions {us(without['iteration_us'])}, "
        f"{without['ratio']['median']:.2f} times."
    )


def of_smplify_x(results: Figures) -> str:
    rows = results["smplify_x"]["fits"]
    ours, peer = rows["one start"], rows["SMPLify-X"]
    cut = rows["SMPLify-X, points only"]
    text = (
        f"On {peer['ms']['count']} pictures of poses from {results['smplify_x']['poses']}, "
        f"SMPLify-X's objective and schedule in PyTorch take {peer['ms']['median'] / 1e3:.1f} s a "
        f"picture (median), ours {ours['ms']['median']:.1f} ms: {peer['ms']['median'] / ours['ms']['median']:.0f} times "
        f"faster, {peer['cpu_ms']['median'] / ours['cpu_ms']['median']:.0f} times in processor time. "
        f"Cut down to the keypoints it takes {cut['ms']['median'] / 1e3:.2f} s, "
        f"{cut['ms']['median'] / ours['ms']['median']:.0f} times ours"
    )
    if "SMPLify-X, all cores" in rows:
        threaded = rows["SMPLify-X, all cores"]["ms"]
        few = peer["ms"]["samples"][: threaded["count"]]
        alone = sorted(few)[len(few) // 2]
        text += (
            f"; with a thread on every core the first {threaded['count']} pictures take "
            f"{threaded['median'] / 1e3:.1f} s instead of {alone / 1e3:.1f} s"
        )
    double = rows["SMPLify-X, double"]
    return text + (
        f". In its float32 {peer['failed']} of the {peer['ms']['count']} fits end in NaN; in double, which takes "
        f"{double['ms']['median'] / 1e3:.1f} s, {double['failed']} do, and joints are off by {double['pa_mean_mm']:.0f} mm "
        f"(Procrustes-aligned, mean) and {double['root_mean_mm']:.0f} mm (pelvis-aligned), ours by {ours['pa_mean_mm']:.0f} and "
        f"{ours['root_mean_mm']:.0f} mm from one start, {rows['default']['pa_mean_mm']:.0f} and "
        f"{rows['default']['root_mean_mm']:.0f} mm by default. All start where ours does; the published start always faces the "
        f'camera. The same published weights in our solver (`preset="smplify"`, with collisions) take '
        f"{rows[PUBLISHED]['ms']['median']:.0f} ms, off by {rows[PUBLISHED]['pa_mean_mm']:.0f} mm."
    )


def of_least_squares(results: Figures) -> str:
    rows = results["least_squares"]["fits"]
    ours = rows["smplceres"]
    batched, columns = rows["SciPy, batched differences"], rows["SciPy, 2-point"]
    return (
        f"SciPy's `least_squares` on a body in NumPy takes {columns['ms']['median']:.0f} ms with the "
        f"differences it takes itself, {batched['ms']['median']:.0f} ms with differences in one batch, "
        f"ours {ours['ms']['median']:.1f} ms: {batched['ms']['median'] / ours['ms']['median']:.0f} "
        f"times faster than the better of them; joints are off by {batched['pa_mean_mm']:.0f} and "
        f"{ours['pa_mean_mm']:.0f} mm (Procrustes-aligned, mean)."
    )


def of_points3d(results: Figures) -> str:
    section = results["points3d"]
    case = next(name for name in section if name.startswith("256") and not name.endswith(" 0 mm"))
    rows = section[case]
    ours, joints = rows["smplceres, vertices"], rows["smplceres, joints"]
    peer = rows["smplfitter, 1 iterations"]
    return (
        f"Where points are vertices in space, smplfitter is the faster and ours the more exact: with "
        f"{case} of noise it takes {peer['ms']['median']:.1f} ms a body and "
        f"{peer['batch_ms']['median']:.2f} ms in a batch of 64, off by "
        f"{peer['vertices_mm']['median']:.1f} mm, ours {ours['ms']['median']:.0f} ms, off by "
        f"{ours['vertices_mm']['median']:.1f} mm. From the 24 joints alone, which smplfitter does not "
        f"fit, ours takes {joints['ms']['median']:.1f} ms."
    )


def of_forward(results: Figures) -> str:
    section = results["forward"]
    one, batch, joints = section["ms"].values()
    fastest = min((row for row in batch.items() if "smplceres" not in row[0]), key=rank)
    return (
        f"All 6890 vertices of a body with pose blend shapes everywhere take ours "
        f"{one['smplceres, float32']['median']:.2f} ms in float32 ({one['smplceres']['median']:.2f} ms in "
        f"double), smplx {one['smplx']['median']:.2f} ms; with local ones, as the package's bodies have, "
        f"ours takes {one['smplceres, local blend shapes, float32']['median']:.2f} ms. A batch of 64 takes "
        f"ours {batch['smplceres, float32']['median']:.0f} ms, the "
        f"fastest rival ({fastest[0]}) {fastest[1]['median']:.0f} ms. Joints alone take "
        f"{section['joints_without_python_us']['median']:.1f} us, "
        f"{1e3 * joints['smplceres']['median']:.0f} us called from Python."
    )


def of_jacobians(results: Figures) -> str:
    section = results["jacobians"]
    return (
        f"With Jets through the whole body a cold fit takes {section['ratio']['median']:.1f} times as "
        f"long as with the Jacobian by hand, {ms(section['ms']['autodiff'])}; the joints are then "
        f"{section['joints_apart_mm']['median']:.1g} mm apart (median)."
    )


def of_cores(results: Figures) -> str:
    section = results["cores"]
    name = "cold fit, one start, median, ms"
    v3, baseline = section["v3"][name]["median"], section["baseline"][name]["median"]
    return (
        f"The core for AVX2 and FMA takes {v3 / baseline:.2f} times as long as the baseline (SSE2) "
        f"core of the same wheel, {v3:.2f} against {baseline:.2f} ms for a cold fit. These are bodies in random poses of hand-set "
        f"ranges, more of which look doubtful than of recorded motions: their default fit takes "
        f"{section['v3']['default fit, two cores, median, ms']['median']:.0f} ms."
    )


def of_growth(results: Figures) -> str:
    def times(name: str) -> str:
        series = results["growth"][name]
        sizes = ", ".join(series)
        return f"{name} {sizes}: " + ", ".join(f"{v['ms']['median']:.1f}" for v in series.values())

    names = [name for name, values in results["growth"].items() if isinstance(values, dict)]
    return "Milliseconds of a cold fit by " + "; by ".join(times(name) for name in names) + "."


def of_many(results: Figures) -> str:
    by_threads = results["many"]["ms_by_threads_and_people"]
    most = max(by_threads, key=int)
    people = max(by_threads[most], key=int)
    alone, together = (by_threads[number][people]["min"] for number in ("1", most))
    return (
        f"`sc.fit_many` fits {people} people on {most} threads {alone / together:.2f} times as fast as "
        f"on one, {1e3 * int(people) / together:.0f} people a second (the best of some rounds)."
    )


def ms(values: Figures) -> str:
    median, p95 = (f"{float(f'{values[key]:.2g}'):,g}" for key in ("median", "p95"))
    return f"{median} ms (95 %: {p95} ms)"


def us(values: Figures) -> str:
    return f"{values['median']:.0f} us"


def rank(row: tuple[str, Figures]) -> float:
    return row[1]["median"]


# Of each section: its title, and what it says.
SECTIONS: dict[str, tuple[str, Callable[[Figures], str]]] = {
    "fits": ("A fit, by stage", of_fits),
    "iterations": ("An iteration and its floor", of_iterations),
    "smplify_x": ("SMPLify-X", of_smplify_x),
    "least_squares": ("SciPy", of_least_squares),
    "points3d": ("Points in space", of_points3d),
    "forward": ("Posing a body", of_forward),
    "jacobians": ("Derivatives by hand", of_jacobians),
    "cores": ("Instruction sets", of_cores),
    "growth": ("Growth", of_growth),
    "many": ("Many people", of_many),
}
