"""Plots of a run's figures, as SVG, one function each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

OURS, RIVAL, FLOOR = "#1f6f8b", "#c0723c", "#8a8f94"
mpl.use("svg")
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "smplceres",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9,
        "axes.titlelocation": "left",
    }
)

Figures = dict[str, Any]


def draw_all(results: Figures, folder: Path) -> list[str]:
    """Draws what the run has; returns the sections."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, draw in PLOTS.items():
        if name in results and "left_out" not in results[name]:
            figure = draw(results[name])
            figure.savefig(
                folder / f"{name}.svg",
                bbox_inches="tight",
                metadata={"Date": None, "Creator": None},
            )
            plt.close(figure)
            drawn.append(name)
    return drawn


def fits(section: Figures) -> plt.Figure:
    body = section["default"]
    bars = {f"stage: {name}": value for name, value in body["stage_ms"].items()}
    bars["cold, one start"] = body["call_ms"]["1"]
    bars["default, two cores"] = body["default_ms"]
    bars["same picture again"] = body["again_ms"]
    bars["next frame, last stage"] = body["warm_ms"]
    bars["next frame, tracker"] = body["tracked_ms"]
    colours = [OURS if not name.startswith("stage") else "#8fb7c4" for name in bars]
    figure, axes = plt.subplots(figsize=(7, 3))
    bars_with_range(axes, bars, colours, "ms; the line ends at the 95th percentile")
    return figure


def iterations(section: Figures) -> plt.Figure:
    bars, colours = {}, []
    for name, values in section.items():
        if isinstance(values, dict):
            bars[f"iteration, {name}"] = values["iteration_us"]
            bars[f"floor of it ({values['rows']['median']:.0f} rows)"] = values["floor_us"]
            colours += [OURS, FLOOR]
    figure, axes = plt.subplots(figsize=(7, 1.8))
    bars_with_range(axes, bars, colours, "us; the line ends at the 95th percentile")
    return figure


def same_pictures(section: Figures) -> plt.Figure:
    """Time against error of every fit; medians named."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for name, values in section["fits"].items():
        if "all cores" in name:
            continue
        colour = RIVAL if name.startswith("S") and "preset" not in name else OURS
        if "pa_mm" not in values:
            continue
        axes.scatter(
            values["ms"]["samples"][: len(values["pa_mm"]["samples"])],
            values["pa_mm"]["samples"],
            s=9,
            color=colour,
            alpha=0.35,
            linewidths=0,
        )
        median = values["ms"]["median"], values["pa_mm"]["median"]
        axes.scatter(*median, s=45, color=colour, edgecolors="white", zorder=3)
        axes.annotate(name, median, xytext=(0, 7), textcoords="offset points", ha="center")
    axes.set_xscale("log")
    axes.set_xlabel("ms a picture, one thread")
    axes.set_ylabel("joint error, mm,\nProcrustes-aligned")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.1)
    return figure


def points3d(section: Figures) -> plt.Figure:
    cases = [name for name, values in section.items() if isinstance(values, dict)]
    noises = sorted(
        {name.split(", ")[1] for name in cases}, key=lambda text: float(text.split()[0])
    )
    figure, panels = plt.subplots(1, len(noises), figsize=(7.4, 3), sharex=True, squeeze=False)
    for axes, noise in zip(panels[0], noises, strict=True):
        for rival in section[cases[0]]:
            rows = [
                (name.split()[0], section[name][rival])
                for name in cases
                if name.endswith(f", {noise}")
            ]
            for key, marker in (("ms", "o"), ("batch_ms", "s")):
                line = [
                    (v[key]["median"], v["vertices_mm"]["median"], n) for n, v in rows if key in v
                ]
                if not line:
                    continue
                if "joints" in rival:
                    line = line[:1]
                colour = OURS if rival.startswith("smplceres") else RIVAL
                x, y, counts = zip(*line, strict=True)
                axes.plot(x, y, marker=marker, color=colour, markersize=4, linewidth=0.8)
                batch = ", batch of 64" if key == "batch_ms" else ""
                label = rival.replace("smplceres, ", "ours, ").replace("smplfitter, ", "")
                axes.annotate(
                    label + batch, (x[0], y[0]), xytext=(3, 4), textcoords="offset points", size=7
                )
                for count, at in zip(counts, zip(x, y, strict=True), strict=True):
                    if len(line) > 1:
                        axes.annotate(
                            count,
                            at,
                            xytext=(3, -8),
                            textcoords="offset points",
                            size=6,
                            color=FLOOR,
                        )
        axes.set_title(f"noise {noise}")
        axes.set_xscale("log")
        axes.set_xlabel("ms a body")
        axes.margins(x=0.25)
        axes.set_ylim(bottom=0)
    panels[0][0].set_ylabel("vertices, mm")
    return figure


def forward(section: Figures) -> plt.Figure:
    groups = section["ms"]
    figure, panels = plt.subplots(
        len(groups), 1, figsize=(7, 5.6), height_ratios=[len(group) for group in groups.values()]
    )
    for axes, (name, group) in zip(panels, groups.items(), strict=True):
        ordered = dict(sorted(group.items(), key=lambda item: item[1]["median"]))
        colours = [OURS if rival.startswith("smplceres") else RIVAL for rival in ordered]
        bars_with_range(axes, ordered, colours, "ms" if axes is panels[-1] else "", to="median")
        axes.set_xscale("log")
        axes.set_title(name)
    figure.tight_layout()
    return figure


def jacobians(section: Figures) -> plt.Figure:
    figure, axes = plt.subplots(figsize=(7, 1.2))
    names = {"fast": "by hand", "autodiff": "autodiff"}
    bars = {names[name]: values for name, values in section["ms"].items()}
    bars_with_range(axes, bars, [OURS, FLOOR], "ms, cold fit, one start; the line: 95th percentile")
    return figure


def cores(section: Figures) -> plt.Figure:
    archs = [name for name, values in section.items() if isinstance(values, dict)]
    names = [name for name in section[archs[0]] if name.endswith("ms")]
    figure, axes = plt.subplots(figsize=(7, 2.4))
    for number, arch in enumerate(archs):
        middle = [i + 0.38 * (number - 0.5) for i in range(len(names))]
        values = [section[arch][name]["median"] for name in names]
        axes.barh(middle, values, 0.34, color=(OURS, FLOOR)[number], label=arch)
        for y, value in zip(middle, values, strict=True):
            axes.annotate(
                f"{value:.3g}",
                (value, y),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                size=7,
            )
    axes.set_yticks(range(len(names)), [name.removesuffix(", ms") for name in names])
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.legend(frameon=False, loc="lower right")
    return figure


def growth(section: Figures) -> plt.Figure:
    series = {name: values for name, values in section.items() if isinstance(values, dict)}
    figure, panels = plt.subplots(2, len(series), figsize=(7.4, 3.6), sharex="col")
    for column, (name, values) in enumerate(series.items()):
        sizes = [int(size) for size in values]
        for axes, key in zip(panels[:, column], ("ms", "us_an_iteration"), strict=True):
            medians = [value[key]["median"] for value in values.values()]
            axes.plot(sizes, medians, marker="o", color=OURS, markersize=4)
            for size, median in zip(sizes, medians, strict=True):
                axes.annotate(
                    f"{median:.3g}",
                    (size, median),
                    xytext=(0, 5),
                    textcoords="offset points",
                    size=7,
                )
            axes.set_ylim(0, 1.25 * max(medians))
            axes.set_xscale("log")
            axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
            axes.minorticks_off()
            axes.margins(x=0.15)
        panels[1, column].set_xlabel(name)
    panels[0, 0].set_ylabel("ms a fit")
    panels[1, 0].set_ylabel("us an iteration")
    figure.tight_layout()
    return figure


def many(section: Figures) -> plt.Figure:
    figure, axes = plt.subplots(figsize=(5, 2.6))
    for number, (threads, by_people) in enumerate(section["ms_by_threads_and_people"].items()):
        people = [int(count) for count in by_people]
        rates = [1e3 * int(count) / times["median"] for count, times in by_people.items()]
        axes.plot(people, rates, marker="o", markersize=4, color=(FLOOR, OURS)[min(number, 1)])
        label = f"{threads} thread{'s' if threads != '1' else ''}"
        axes.annotate(
            label, (people[-1], rates[-1]), xytext=(6, 0), textcoords="offset points", va="center"
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(people, [str(count) for count in people])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("people")
    axes.set_ylabel("people a second")
    return figure


def bars_with_range(
    axes: Axes, bars: dict[str, Figures], colours: list[str], unit: str, to: str = "p95"
) -> None:
    """Medians as bars, a line on to another figure of the same."""
    medians = [values["median"] for values in bars.values()]
    ends = [values[to] for values in bars.values()]
    places = range(len(bars))
    axes.barh(places, medians, 0.7, color=colours)
    if to != "median":
        axes.hlines(places, medians, ends, color="#444444", linewidth=1)
    for place, median, end in zip(places, medians, ends, strict=True):
        axes.annotate(
            f"{median:.3g}",
            (end, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=8,
        )
    axes.set_yticks(places, list(bars))
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel(unit)


PLOTS: dict[str, Callable[[Figures], plt.Figure]] = {
    "fits": fits,
    "iterations": iterations,
    "smplify_x": same_pictures,
    "least_squares": same_pictures,
    "points3d": points3d,
    "forward": forward,
    "jacobians": jacobians,
    "cores": cores,
    "growth": growth,
    "many": many,
}
