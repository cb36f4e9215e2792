"""Writes docs/benchmarks.md, its plots and the README's table from the figures of a run.

    python benchmarks/page.py FILE

FILE is the output of benchmarks/run.py; it is copied to docs/benchmarks/figures.json.
Every number on the page and in the table comes from that file.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text.sentences import SECTIONS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "benchmarks"
MARKS = "<!-- table: benchmarks/page.py -->", "<!-- end of table -->"

Figures = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A requirement: measured <= at_most, or >= at_least; note: what a missed one would need."""

    what: str
    unit: str
    measured: Callable[[Figures], float]
    at_most: float | None = None
    at_least: float | None = None
    note: Callable[[Figures], str] | None = None

    def holds(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )

    @property
    def bound(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g} {self.unit}"
        return f"at least {self.at_least:g} {self.unit}"


def body(results: Figures) -> Figures:
    return results["fits"]["default"]


def cold_ms(results: Figures) -> float:
    return body(results)["call_ms"]["1"]["median"]


def peer_ratio(results: Figures) -> float:
    """Ratio of the median wall-clock times."""
    rows = results["smplify_x"]["fits"]
    return rows["SMPLify-X"]["ms"]["median"] / rows["one start"]["ms"]["median"]


def mesh_ratio(results: Figures, row: str) -> float:
    rows = results["forward"]["ms"]["one body"]
    return rows["smplx"]["median"] / rows[row]["median"]


def where_a_cold_fit_goes(results: Figures) -> str:
    rows = body(results)
    stages = sum(values["median"] for values in rows["stage_ms"].values())
    return (
        f"its stages take {stages:.1f} ms in {rows['iterations']['cold']['median']:.0f} "
        "iterations; the rest is the initial estimate, the noise estimate, the assembly of the "
        "problems, and Python before and after"
    )


def where_a_refit_goes(results: Figures) -> str:
    iteration = results["iterations"]["last stage"]["iteration_us"]["median"]
    iterations = body(results)["iterations"]
    return (
        f"an iteration takes {iteration:.0f} us, so the requirement allows {400 / iteration:.0f}; "
        f"the last stage takes {iterations['warm']['median']:.0f} for the next frame and "
        f"{iterations['again']['median']:.0f} for the same image. It needs fewer iterations, by "
        "better steps or earlier termination, before it needs faster ones"
    )


def where_the_jacobian_goes(results: Figures) -> str:
    alone = body(results)["points_us"].get("pelvis, Jacobian")
    takes = f" ({alone['median']:.1f} us for the pelvis alone)" if alone else ""
    return f"most of it is the kinematics and their derivatives, which all points share{takes}"


def where_the_mesh_goes(results: Figures) -> str:
    took = results["forward"]["ms"]["one body"]["smplceres, float32"]["median"]
    megabytes = 6890 * 3 * 207 * 2 / 1e6
    return (
        f"the pose blend shapes are {megabytes:.1f} MB (16 bits each), read at "
        f"{megabytes / took:.0f} GB/s: the rest depends on the memory bandwidth, which other work "
        "shares; a batch reads them once for all its bodies"
    )


BARS = (
    Bar(
        "cold five-stage fit of BODY_25, one initial estimate, Python call included",
        "ms",
        cold_ms,
        2.0,
        note=where_a_cold_fit_goes,
    ),
    Bar(
        "warm refit of the next frame, tracker",
        "ms",
        lambda r: body(r)["tracked_ms"]["median"],
        0.4,
        note=lambda r: "a step includes the prior from earlier frames; " + where_a_refit_goes(r),
    ),
    Bar(
        "warm refit of the next frame, `fit(initial=)`",
        "ms",
        lambda r: body(r)["warm_ms"]["median"],
        0.4,
        note=where_a_refit_goes,
    ),
    Bar("default fit, two cores", "ms", lambda r: body(r)["default_ms"]["median"], 6.0),
    Bar("faster than SMPLify-X's objective in PyTorch", "times", peer_ratio, at_least=1000),
    Bar(
        "joint error of SMPLify-X in float64 minus that of smplceres, Procrustes-aligned mean",
        "mm",
        lambda r: (
            r["smplify_x"]["fits"]["SMPLify-X, double"]["pa_mean_mm"]
            - r["smplify_x"]["fits"]["one start"]["pa_mean_mm"]
        ),
        at_least=0.0,
    ),
    Bar(
        "Levenberg-Marquardt iteration at 85 parameters, relative to its dense linear algebra",
        "times",
        lambda r: r["iterations"]["last stage"]["ratio"]["median"],
        1.6,
    ),
    Bar(
        "25 keypoints with Jacobian",
        "us",
        lambda r: body(r)["points_us"]["25 keypoints, Jacobian"]["median"],
        12.0,
    ),
    Bar(
        "joints alone with Jacobian",
        "us",
        lambda r: body(r)["points_us"]["24 joints, Jacobian"]["median"],
        4.0,
        note=where_the_jacobian_goes,
    ),
    Bar("joints alone", "us", lambda r: body(r)["points_us"]["24 joints"]["median"], 2.0),
    Bar(
        "6890 vertices, local pose blend shapes, faster than smplx",
        "times",
        lambda r: mesh_ratio(r, "smplceres, local blend shapes, float32"),
        at_least=4.0,
    ),
    Bar(
        "6890 vertices, pose blend shapes everywhere, faster than smplx",
        "times",
        lambda r: mesh_ratio(r, "smplceres, float32"),
        at_least=4.0,
        note=where_the_mesh_goes,
    ),
)


def page(results: Figures) -> str:
    machine, versions = results["machine"], results["versions"]
    core = versions["smplceres"]
    peers = [
        f"{name} {versions[name]}" for name in ("numpy", "scipy", "torch", "smplx", "smplfitter")
    ]
    lines = [
        "# Figures",
        "",
        f"Measured by `{results['command']}`; `python benchmarks/page.py FILE` writes this page, "
        "and [figures.json](benchmarks/figures.json) has the raw numbers. Everything runs on one "
        "thread unless stated otherwise, and the programs that are compared run in turn. A time "
        "is the median over people of the fastest of several rounds.",
        "",
        f"{machine['cores']} shared cores of {machine['cpu']} ({', '.join(machine['flags'])}; "
        f"governor {machine['governor']}; load {machine['load_at_start']:.1f} at the start), "
        f"{machine['system']}, Python {versions['python']}, {', '.join(peers)}. smplceres "
        f"{core['version']}, the {core['arch']} core ({core['simd']}), Ceres {core['ceres']} "
        f"({core['ceres_from']}), g++ {core['compiler']}.",
        "",
        "## Requirements",
        "",
        *bar_table(results),
    ]
    for name, (title, sentence) in SECTIONS.items():
        section = results.get(name, {"left_out": "not part of this run"})
        lines += ["", f"## {title}", ""]
        if "left_out" in section:
            lines.append(f"Not measured: {section['left_out']}.")
        else:
            lines += [sentence(results), "", f"![{title}](benchmarks/{name}.svg)"]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,g}"


def two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,g}"


def bar_table(results: Figures) -> list[str]:
    rows, notes = ["| | required | measured | |", "|---|---|---|---|"], []
    for bar in BARS:
        try:
            value = bar.measured(results)
        except KeyError:  # a section that this run lacks
            rows.append(f"| {bar.what} | {bar.bound} | not measured | |")
            continue
        holds = bar.holds(value)
        outcome = "met" if holds else "missed"
        rows.append(f"| {bar.what} | {bar.bound} | {number(value)} {bar.unit} | {outcome} |")
        if not holds and bar.note:
            with suppress(KeyError):  # a section that the note needs
                notes.append(f"- {bar.what}: {bar.note(results)}.")
    return [*rows, "", *notes] if notes else rows


# Rows of the README's table: what a row is, and its name in the run's section on SMPLify-X.
README_ROWS = (
    ("**smplceres**, default", "default"),
    ("smplceres, one initial estimate", "one start"),
    ('smplceres, `preset="smplify"`', "SMPLify's preset"),
    ("SMPLify-X, float32 as published", "SMPLify-X"),
    ("SMPLify-X, float64", "SMPLify-X, double"),
)


def readme_table(results: Figures) -> str:
    """Time and accuracy beside SMPLify-X, for the README."""
    fits = results.get("smplify_x", {}).get("fits")
    if fits is None:
        return "Not measured: SMPLify-X."
    count = fits["SMPLify-X"]["ms"]["count"]
    lines = [
        f"{count} images of {results['smplify_x']['poses']}, BODY_25 with 3 px of noise, one "
        f"thread of {results['machine']['cpu']}; errors are means over the fits that did not "
        f"fail: `{results['command']}`",
        "",
        "| | time, median (95 %) | joint error, Procrustes | pelvis-aligned | failed (NaN) |",
        "|---|---|---|---|---|",
    ]
    for what, name in README_ROWS:
        row = fits[name]
        median, p95 = two_digits(row["ms"]["median"]), two_digits(row["ms"]["p95"])
        lines.append(
            f"| {what} | {median} ({p95}) ms | {row['pa_mean_mm']:.0f} mm "
            f"| {row['root_mean_mm']:.0f} mm | {row['failed']} of {row['ms']['count']} |"
        )
    return "\n".join(lines)


def replace_marked(text: str, new: str) -> str:
    """Replaces what stands between the two marks."""
    begin, end = (re.escape(mark) for mark in MARKS)
    marked = re.compile(f"{begin}.*?{end}", re.S)
    if not marked.search(text):
        raise ValueError(f"README.md: expected the marks {MARKS[0]} and {MARKS[1]}, found none")
    return marked.sub(lambda _: f"{MARKS[0]}\n{new}\n{MARKS[1]}", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="output of benchmarks/run.py")
    arguments = parser.parse_args()
    from text import plots  # noqa: PLC0415  # needs matplotlib, which the text does not

    results = json.loads(arguments.file.read_text(encoding="utf-8"))
    plots.draw_all(results, FOLDER)
    kept = FOLDER / "figures.json"
    if arguments.file.resolve() != kept.resolve():
        shutil.copyfile(arguments.file, kept)
    (ROOT / "docs" / "benchmarks.md").write_text(page(results), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(
        replace_marked(readme.read_text(encoding="utf-8"), readme_table(results)), encoding="utf-8"
    )
    print("wrote docs/benchmarks.md, docs/benchmarks/, the table of README.md")


if __name__ == "__main__":
    main()
