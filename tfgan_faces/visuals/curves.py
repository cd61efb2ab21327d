"""Training curves: success rates, losses, skipped turns, distance estimate and critic."""

import functools
import io

import numpy as np
from matplotlib.figure import Figure

_SUCCESS_LABELS = {
    "real_success": "D right on photos",
    "fake_success": "D right on fakes",
    "fooling_success": "G fools D",
}
# Name: label and colour of its marks.
_WARNINGS = {
    "samples_alike": ("samples nearly identical", "tab:red"),
    "discriminator_perfect": ("D perfect for a long time", "tab:purple"),
    "critic_scores_brightness": ("critic scores only brightness", "tab:brown"),
}
_MEDIAN_WINDOW = 21  # rows


def monitor_png(rows, title, wasserstein=False):
    """Draws the curves of a run.

    Args:
        rows: list of dicts, the rows of `metrics.csv` with numbers as floats.
        title: str.
        wasserstein: whether to draw the distance estimate instead of skipped turns.

    Success rates and losses have a panel each, and so has the share of skipped turns, if there are
    any. A clipped critic adds a panel: its weights, its gradient and whether it scores more than
    brightness.

    Returns:
        The PNG's bytes.
    """
    drawn = [_draw_successes, functools.partial(_draw_losses, wasserstein=wasserstein)]
    if wasserstein:
        drawn.append(_draw_distance)
    elif any(row["discriminator_skipped"] or row["generator_skipped"] for row in rows):
        drawn.append(_draw_skipped)
    if any(row.get("share_at_walls") is not None for row in rows):
        drawn.append(_draw_critic)
    figure = Figure(figsize=(11, 3 * len(drawn)), layout="constrained")
    panels = figure.subplots(len(drawn), 1, sharex=True)
    for draw, axes in zip(drawn, panels):
        draw(axes, rows)
    panels[-1].set(xlabel="step (one generator turn)")
    _mark_warnings(panels, rows)
    for axes in panels:
        axes.grid(alpha=0.3)
        # Leaves space for the tick labels of the last panel's right axis.
        axes.legend(loc="center left", bbox_to_anchor=(1.05, 0.5), fontsize="small")
    figure.suptitle(title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return buffer.getvalue()


def _steps(rows):
    return [row["step"] for row in rows]


def _draw_successes(axes, rows):
    for name, label in _SUCCESS_LABELS.items():
        axes.plot(_steps(rows), [100 * row[name] for row in rows], label=label, linewidth=1)
    axes.set(
        ylabel="share of the batch (%)", ylim=(-2, 102), title="Success rates of both networks"
    )


def _draw_losses(axes, rows, wasserstein):
    network = "critic" if wasserstein else "discriminator"
    for name, label in (("discriminator_loss", network), ("generator_loss", "generator")):
        axes.plot(_steps(rows), [row[name] for row in rows], label=f"{label} loss", linewidth=1)
    axes.set(ylabel="loss", title="Losses")


def _draw_skipped(axes, rows):
    for name, label in (
        ("discriminator_skipped", "discriminator"),
        ("generator_skipped", "generator"),
    ):
        shares = [100 * row[name] / max(row["step"], 1) for row in rows]
        axes.plot(_steps(rows), shares, label=f"{label} skipped", linewidth=1)
    axes.set(
        ylabel="turns so far (%)", ylim=(-2, 102), title="Turns skipped to balance both networks"
    )


def _draw_distance(axes, rows):
    """Draws the estimate; for a clipped critic, divided by the gain of its clipping boxes."""
    clipped = [row for row in rows if row.get("normalized_distance") is not None]
    if clipped:
        steps, estimates = _steps(clipped), [row["normalized_distance"] for row in clipped]
        unit = "score / gain of the clipping boxes"
    else:
        steps, estimates = _steps(rows), [row["distance_estimate"] for row in rows]
        unit = "score"
    (line,) = axes.plot(steps, estimates, linewidth=0.8, alpha=0.35)
    median = _running_medians(steps, estimates) if steps else ((), ())
    axes.plot(*median, color=line.get_color(), label="mean D(real) - mean D(fake)")
    axes.set(ylabel=unit, title="Wasserstein distance estimate, up to a constant factor")


def _running_medians(steps, values):
    """Returns the steps and medians of windows of up to `_MEDIAN_WINDOW` rows."""
    width = min(_MEDIAN_WINDOW, len(values))
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    middles = np.lib.stride_tricks.sliding_window_view(steps, width)[:, width // 2]
    return middles, np.median(windows, -1)


def _draw_critic(axes, rows):
    rows = [row for row in rows if row.get("share_at_walls") is not None]
    steps = _steps(rows)
    for name, label in (
        ("share_at_walls", "weights at the clipping bound"),
        ("brightness_correlation", "correlation of score and brightness"),
    ):
        axes.plot(steps, [100 * row[name] for row in rows], label=label, linewidth=1)
    axes.set(ylabel="%", ylim=(-2, 102), title="The clipped critic")
    norms = axes.twinx()
    values = [row["critic_gradient_norm"] for row in rows]
    norms.plot(steps, values, color="tab:gray", linewidth=0.8)
    if min(values, default=0.0) > 0.0:
        norms.set_yscale("log")
    axes.plot([], [], color="tab:gray", linewidth=0.8, label="gradient norm (right axis)")


def _mark_warnings(panels, rows):
    for name, (label, color) in _WARNINGS.items():
        marked = [row["step"] for row in rows if name in row["warning"]]
        for axes in panels:
            if marked:
                axes.vlines(
                    marked,
                    0,
                    1,
                    color,
                    alpha=0.35,
                    transform=axes.get_xaxis_transform(),
                    label=f"collapse warning: {label}",
                )
