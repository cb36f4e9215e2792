"""SVG plots of the figures of a run, one function per section."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

SMPLCERES, PEER, REFERENCE = "#1f6f8b", "#c0723c", "#8a8f94"
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
    """Draws the sections that the run has and returns their names."""
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
    bars["cold, one initial estimate"] = body["call_ms"]["1"]
    bars["default, two cores"] = body["default_ms"]
    bars["same image again"] = body["again_ms"]
    bars["next frame, last stage"] = body["warm_ms"]
    bars["next frame, tracker"] = body["tracked_ms"]
    colours = [SMPLCERES if not name.startswith("stage") else "#8fb7c4" for name in bars]
    figure, axes = plt.subplots(figsize=(7, 3))
    bars_with_range(axes, bars, colours, "ms; the line ends at the 95th percentile")
    return figure


def iterations(section: Figures) -> plt.Figure:
    bars, colours = {}, []
    for name, values in section.items():
        if isinstance(values, dict):
            bars[f"iteration, {name}"] = values["iteration_us"]
            bars[f"dense linear algebra ({values['rows']['median']:.0f} rows)"] = values["floor_us"]
            colours += [SMPLCERES, REFERENCE]
    figure, axes = plt.subplots(figsize=(7, 1.8))
    bars_with_range(axes, bars, colours, "us; the line ends at the 95th percentile")
    return figure


def same_images(section: Figures) -> plt.Figure:
    """Time against error of every fit that did not fail; medians are labelled."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    rows = {name: v for name, v in section["fits"].items() if v["ms_and_pa_mm"]}
    shown = sorted(
        (row for row in rows.items() if "all cores" not in row[0]),
        key=lambda row: row[1]["ms"]["median"],
    )
    for place, (name, values) in enumerate(shown):
        is_peer = name.startswith(("SMPLify-X", "SciPy"))
        colour = PEER if is_peer else SMPLCERES
        axes.scatter(
            *zip(*values["ms_and_pa_mm"], strict=True), s=9, color=colour, alpha=0.35, linewidths=0
        )
        median = values["ms"]["median"], values["pa_mm"]["median"]
        program = name.split(",")[0] if is_peer else "smplceres"
        seen = axes.get_legend_handles_labels()[1]
        label = None if program in seen else program  # each program once in the legend
        axes.scatter(*median, s=45, color=colour, edgecolors="white", zorder=3, label=label)
        axes.annotate(
            name,
            median,
            xytext=(0, (-15, 8, -27, 20)[place % 4]),
            textcoords="offset points",
            ha="center",
        )
    axes.set_xscale("log")
    axes.legend(frameon=False, loc="upper center")
    axes.set_xlabel("ms per image, one thread")
    axes.set_ylabel("joint error, mm,\nProcrustes-aligned")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.1)
    return figure


def points3d(section: Figures) -> plt.Figure:
    """Time against error; a line connects the numbers of vertices."""
    cases = [name for name, values in section.items() if isinstance(values, dict)]
    noises = sorted(
        {name.split(", ")[1] for name in cases}, key=lambda text: float(text.split()[0])
    )
    figure, panels = plt.subplots(1, len(noises), figsize=(7.4, 3), squeeze=False)
    for axes, noise in zip(panels[0], noises, strict=True):
        given = [name for name in cases if name.endswith(f", {noise}")]
        for program in section[cases[0]]:
            alone = program.endswith("joints")
            style = {"color": colour_of(program), "alpha": 0.5 if "3 iter" in program else 1.0}
            for key, marker, batch in (
                ("ms", "D" if alone else "o", ""),
                ("batch_ms", "s", ", batch of 64"),
            ):
                rows = [section[name][program] for name in given if key in section[name][program]]
                rows = rows[:1] if alone else rows
                if rows:
                    axes.plot(
                        [row[key]["median"] for row in rows],
                        [row["vertices_mm"]["median"] for row in rows],
                        marker=marker,
                        markersize=4,
                        linewidth=0.8,
                        label=program + batch,
                        **style,
                    )
        axes.set_title(f"noise {noise}; {', '.join(name.split()[0] for name in given)} vertices")
        axes.set_xscale("log")
        axes.set_xlabel("ms per body")
        axes.set_ylim(bottom=0)
    panels[0][0].set_ylabel("vertex error, mm")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, frameon=False
    )
    return figure


def forward(section: Figures) -> plt.Figure:
    groups = section["ms"]
    figure, panels = plt.subplots(
        len(groups), 1, figsize=(7, 5.6), height_ratios=[len(group) for group in groups.values()]
    )
    for axes, (name, group) in zip(panels, groups.items(), strict=True):
        ordered = sorted(group.items(), key=lambda row: row[1]["median"])
        medians = [values["median"] for _, values in ordered]
        colours = [colour_of(program) for program, _ in ordered]
        axes.scatter(medians, range(len(ordered)), color=colours)
        for place, median in enumerate(medians):
            beside(axes, (median, place))
        axes.set_yticks(range(len(ordered)), [program for program, _ in ordered])
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.margins(x=0.15, y=0.1)
        axes.grid(axis="y", color="#e5e5e5")
        axes.set_axisbelow(True)
        axes.set_title(name)
    panels[-1].set_xlabel("ms")
    figure.tight_layout()
    return figure


def jacobians(section: Figures) -> plt.Figure:
    figure, axes = plt.subplots(figsize=(7, 1.2))
    names = {"fast": "by hand", "autodiff": "autodiff"}
    bars = {names[name]: values for name, values in section["ms"].items()}
    bars_with_range(
        axes,
        bars,
        [SMPLCERES, REFERENCE],
        "ms, cold fit, one initial estimate; the line: 95th percentile",
    )
    return figure


def cores(section: Figures) -> plt.Figure:
    archs = [name for name, values in section.items() if isinstance(values, dict)]
    names = [name for name in section[archs[0]] if name.endswith("ms")]
    figure, axes = plt.subplots(figsize=(7, 2.4))
    for place, arch in enumerate(archs):
        middle = [i + 0.38 * (place - 0.5) for i in range(len(names))]
        values = [section[arch][name]["median"] for name in names]
        axes.barh(middle, values, 0.34, color=(SMPLCERES, REFERENCE)[place], label=arch)
        for y, value in zip(middle, values, strict=True):
            beside(axes, (value, y))
    axes.set_yticks(range(len(names)), [name.removesuffix(", ms") for name in names])
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.legend(frameon=False, loc="lower right")
    return figure


def growth(section: Figures) -> plt.Figure:
    series = {name: values for name, values in section.items() if isinstance(values, dict)}
    figure, panels = plt.subplots(2, len(series), figsize=(7.4, 3.6), sharex="col")
    for column, (name, values) in enumerate(series.items()):
        places = range(len(values))
        for axes, key in zip(panels[:, column], ("ms", "us_an_iteration"), strict=True):
            medians = [value[key]["median"] for value in values.values()]
            axes.bar(places, medians, 0.6, color=SMPLCERES)
            for place, median in enumerate(medians):
                axes.annotate(
                    number(median),
                    (place, median),
                    xytext=(0, 3),
                    textcoords="offset points",
                    ha="center",
                    size=8,
                )
            axes.set_ylim(0, 1.2 * max(medians))
            axes.set_xticks(places, list(values))
        panels[1, column].set_xlabel(name)
    panels[0, 0].set_ylabel("ms per fit")
    panels[1, 0].set_ylabel("us per iteration")
    figure.tight_layout()
    return figure


def many(section: Figures) -> plt.Figure:
    """The fastest round: other work on the machine slows two threads more than one."""
    figure, axes = plt.subplots(figsize=(5, 2.6))
    for place, (threads, by_people) in enumerate(section["ms_by_threads_and_people"].items()):
        people = [int(count) for count in by_people]
        rates = [1e3 * int(count) / times["min"] for count, times in by_people.items()]
        axes.plot(
            people,
            rates,
            marker="o",
            markersize=4,
            color=(REFERENCE, SMPLCERES)[min(place, 1)],
            label=f"{threads} thread{'s' if threads != '1' else ''}",
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(people, [str(count) for count in people])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("people")
    axes.set_ylabel("people per second")
    axes.legend(frameon=False)
    return figure


def colour_of(program: str) -> str:
    return SMPLCERES if program.startswith("smplceres") else PEER


def bars_with_range(axes: Axes, bars: dict[str, Figures], colours: list[str], unit: str) -> None:
    """Medians as bars, with a line to the 95th percentile."""
    medians = [values["median"] for values in bars.values()]
    ends = [values["p95"] for values in bars.values()]
    places = range(len(bars))
    axes.barh(places, medians, 0.7, color=colours)
    axes.hlines(places, medians, ends, color="#444444", linewidth=1)
    for place, median, end in zip(places, medians, ends, strict=True):
        beside(axes, (max(median, end), place), median)
    axes.set_yticks(places, list(bars))
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel(unit)


def beside(axes: Axes, at: tuple[float, float], value: float | None = None) -> None:
    """Writes a number, by default x, to the right of a point."""
    axes.annotate(
        number(at[0] if value is None else value),
        at,
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        size=8,
    )


def number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


PLOTS: dict[str, Callable[[Figures], plt.Figure]] = {
    "fits": fits,
    "iterations": iterations,
    "smplify_x": same_images,
    "least_squares": same_images,
    "points3d": points3d,
    "forward": forward,
    "jacobians": jacobians,
    "cores": cores,
    "growth": growth,
    "many": many,
}
