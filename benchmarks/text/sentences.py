# ruff: noqa: E501
"""The text of docs/benchmarks.md: the figures of a run in a few sentences for each plot."""

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
        f"A cold fit of BODY_25 from one initial estimate takes {ms(rows['call_ms']['1'])} and "
        f"{rows['iterations']['cold']['median']:.0f} iterations, the Python call included. Its stages take {inside:.1f} ms, "
        f'of which "{slowest}" takes the most ({stages[slowest]:.2f} ms). The default, which tries further initial estimates '
        f"where the first fit looks doubtful, takes {ms(rows['default_ms'])} on two cores. The next frame of a video takes the "
        f"tracker {ms(rows['tracked_ms'])}, and the last stage alone, from the result of the frame before, {ms(rows['warm_ms'])} and "
        f"{rows['iterations']['warm']['median']:.0f} iterations; the same image fitted again from its own result takes "
        f"{ms(rows['again_ms'])} and {rows['iterations']['again']['median']:.0f} iterations. On a body with dense pose "
        f"blend shapes, as in official SMPL files, the cold fit takes {ms(dense['call_ms']['1'])}."
    )


def of_iterations(results: Figures) -> str:
    rows = results["iterations"]
    whole, without = rows["last stage"], rows["without collisions"]
    return (
        f"A Levenberg-Marquardt iteration of the last stage ({whole['rows']['median']:.0f} residuals, "
        f"{whole['columns']['median']:.0f} parameters) takes {us(whole['iteration_us'])}, "
        f"{whole['ratio']['median']:.2f} times as long as dense normal equations of that size and their Cholesky factor "
        f"alone in Eigen ({us(whole['floor_us'])}). Without collisions it takes {us(without['iteration_us'])}, "
        f"{without['ratio']['median']:.2f} times as long as those of its size."
    )


def of_smplify_x(results: Figures) -> str:
    rows = results["smplify_x"]["fits"]
    one, peer = rows["one start"], rows["SMPLify-X"]
    cut, double = rows["SMPLify-X, points only"], rows["SMPLify-X, double"]
    text = (
        f"On {peer['ms']['count']} images of poses from {results['smplify_x']['poses']}, the objective and schedule of "
        f"SMPLify-X in PyTorch take {peer['ms']['median'] / 1e3:.1f} s an image (median) and smplceres "
        f"{one['ms']['median']:.1f} ms: {peer['ms']['median'] / one['ms']['median']:.0f} times faster, "
        f"{peer['cpu_ms']['median'] / one['cpu_ms']['median']:.0f} times in processor time. With the body reduced to the "
        f"points of the keypoints, SMPLify-X takes {cut['ms']['median'] / 1e3:.2f} s, {cut['ms']['median'] / one['ms']['median']:.0f} times as long as smplceres"
    )
    if "SMPLify-X, all cores" in rows:
        threaded = rows["SMPLify-X, all cores"]["ms"]
        few = peer["ms"]["samples"][: threaded["count"]]
        alone = sorted(few)[len(few) // 2]
        text += (
            f"; with a thread on every core the first {threaded['count']} images take it "
            f"{threaded['median'] / 1e3:.1f} s instead of {alone / 1e3:.1f} s"
        )
    return text + (
        f".\n\nIn float32, as published, {peer['failed']} of its {peer['ms']['count']} fits end in NaN; in float64, which takes "
        f"{double['ms']['median'] / 1e3:.1f} s, {double['failed']} do. The mean joint error of SMPLify-X in float64 is {double['pa_mean_mm']:.0f} mm "
        f"Procrustes-aligned and {double['root_mean_mm']:.0f} mm pelvis-aligned; that of smplceres is {one['pa_mean_mm']:.0f} and "
        f"{one['root_mean_mm']:.0f} mm from one initial estimate, {rows['default']['pa_mean_mm']:.0f} and "
        f"{rows['default']['root_mean_mm']:.0f} mm by default. All of them start from the initial estimate of smplceres; the published one always faces the "
        f'camera. The published weights solved by smplceres (`preset="smplify"`, with collisions) take '
        f"{rows[PUBLISHED]['ms']['median']:.0f} ms with an error of {rows[PUBLISHED]['pa_mean_mm']:.0f} mm."
    )


def of_least_squares(results: Figures) -> str:
    rows = results["least_squares"]["fits"]
    fit = rows["smplceres"]
    batched, columns = rows["SciPy, batched differences"], rows["SciPy, 2-point"]
    return (
        f"SciPy's `least_squares` on a body in NumPy takes {columns['ms']['median']:.0f} ms with its own "
        f"finite differences and {batched['ms']['median']:.0f} ms with differences in one batch; smplceres takes "
        f"{fit['ms']['median']:.1f} ms, {batched['ms']['median'] / fit['ms']['median']:.0f} "
        f"times faster than the better of them. The mean joint errors are {batched['pa_mean_mm']:.0f} and "
        f"{fit['pa_mean_mm']:.0f} mm (Procrustes-aligned)."
    )


def of_points3d(results: Figures) -> str:
    section = results["points3d"]
    case = next(name for name in section if name.startswith("256") and not name.endswith(" 0 mm"))
    rows = section[case]
    fit, joints = rows["smplceres, vertices"], rows["smplceres, joints"]
    peer = rows["smplfitter, 1 iterations"]
    return (
        f"From vertices in 3D, smplfitter is faster and smplceres is more accurate: with "
        f"{case} of noise smplfitter takes {peer['ms']['median']:.1f} ms a body "
        f"({peer['batch_ms']['median']:.2f} ms in a batch of 64) with an error of "
        f"{peer['vertices_mm']['median']:.1f} mm, smplceres {fit['ms']['median']:.0f} ms with "
        f"{fit['vertices_mm']['median']:.1f} mm. From the 24 joints alone, which smplfitter does not "
        f"fit, smplceres takes {joints['ms']['median']:.1f} ms."
    )


def of_forward(results: Figures) -> str:
    section = results["forward"]
    one, batch, joints = section["ms"].values()
    fastest = min((row for row in batch.items() if "smplceres" not in row[0]), key=rank)
    return (
        f"For the 6890 vertices of a body with dense pose blend shapes smplceres takes "
        f"{one['smplceres, float32']['median']:.2f} ms in float32 and {one['smplceres']['median']:.2f} ms in "
        f"float64, smplx {one['smplx']['median']:.2f} ms. With sparse ones, as in the bodies of this package, "
        f"smplceres takes {one['smplceres, local blend shapes, float32']['median']:.2f} ms. A batch of 64 takes "
        f"{batch['smplceres, float32']['median']:.0f} ms, and {fastest[1]['median']:.0f} ms in the fastest of the other "
        f"packages ({fastest[0]}). The joints alone take "
        f"{section['joints_without_python_us']['median']:.1f} us, "
        f"{1e3 * joints['smplceres']['median']:.0f} us with the call from Python."
    )


def of_jacobians(results: Figures) -> str:
    section = results["jacobians"]
    return (
        f"With Jets through the whole body a cold fit takes {section['ratio']['median']:.1f} times as "
        f"long as with the hand-written Jacobian, {ms(section['ms']['autodiff'])}; the joints of the two differ by "
        f"{section['joints_apart_mm']['median']:.1g} mm (median)."
    )


def of_cores(results: Figures) -> str:
    section = results["cores"]
    name = "cold fit, one start, median, ms"
    v3, baseline = section["v3"][name]["median"], section["baseline"][name]["median"]
    return (
        f"The core for AVX2 and FMA takes {v3 / baseline:.2f} times as long as the baseline (SSE2) "
        f"core of the same wheel: {v3:.2f} against {baseline:.2f} ms for a cold fit. These bodies are in random poses of hand-set "
        f"ranges, more of which look doubtful than recorded motions do: their default fit takes "
        f"{section['v3']['default fit, two cores, median, ms']['median']:.0f} ms."
    )


def of_growth(results: Figures) -> str:
    def times(name: str) -> str:
        series = results["growth"][name]
        sizes = ", ".join(series)
        values = ", ".join(f"{value['ms']['median']:.1f}" for value in series.values())
        return f"{values} for {sizes} {name}"

    names = [name for name, values in results["growth"].items() if isinstance(values, dict)]
    return "A cold fit takes, in milliseconds, " + "; ".join(times(name) for name in names) + "."


def of_many(results: Figures) -> str:
    by_threads = results["many"]["ms_by_threads_and_people"]
    threads = max(by_threads, key=int)
    people = max(by_threads[threads], key=int)
    alone, together = (by_threads[number][people]["min"] for number in ("1", threads))
    return (
        f"`sc.fit_many` fits {people} people on {threads} threads {alone / together:.2f} times as fast as "
        f"on one, {1e3 * int(people) / together:.0f} people a second (fastest of several rounds)."
    )


def ms(values: Figures) -> str:
    median, p95 = (f"{float(f'{values[key]:.2g}'):,g}" for key in ("median", "p95"))
    return f"{median} ms (95 %: {p95} ms)"


def us(values: Figures) -> str:
    return f"{values['median']:.0f} us"


def rank(row: tuple[str, Figures]) -> float:
    return row[1]["median"]


# Title and text of each section.
SECTIONS: dict[str, tuple[str, Callable[[Figures], str]]] = {
    "fits": ("A fit, by stage", of_fits),
    "iterations": ("An iteration and its linear algebra", of_iterations),
    "smplify_x": ("SMPLify-X", of_smplify_x),
    "least_squares": ("SciPy", of_least_squares),
    "points3d": ("Points in 3D", of_points3d),
    "forward": ("Posing a body", of_forward),
    "jacobians": ("Hand-written derivatives", of_jacobians),
    "cores": ("Instruction sets", of_cores),
    "growth": ("Growth", of_growth),
    "many": ("Many people", of_many),
}
