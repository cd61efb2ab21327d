"""The picture to watch while training: success, losses, skipped turns, distance."""

import io

from matplotlib.figure import Figure

_SUCCESSES = {
    "real_success": "D says real to photos",
    "fake_success": "D says fake to fakes",
    "fooling_success": "G fools D",
}
_SIGNS = {"samples_alike": "samples nearly alike", "discriminator_perfect": "D perfect for long"}


def monitor_png(rows, title, wasserstein=False):
    """Draws the curves of a run.

    Args:
        rows: list of dicts, `metrics.csv`'s rows with numbers as floats.
        title: str.
        wasserstein: whether to draw the distance estimate in place of skipped turns.

    Returns:
        The PNG's bytes.
    """
    figure = Figure(figsize=(11, 9), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True)
    steps = [row["step"] for row in rows]
    _draw_successes(top, steps, rows)
    network = "critic" if wasserstein else "discriminator"
    for name, label in (("discriminator_loss", network), ("generator_loss", "generator")):
        middle.plot(steps, [row[name] for row in rows], label=f"{label} loss", linewidth=1)
    middle.set(ylabel="loss", title="Losses")
    if wasserstein:
        _draw_distance(bottom, steps, rows)
    else:
        _draw_skipped(bottom, steps, rows)
    bottom.set(xlabel="step (one turn of the generator)")
    _mark_signs((top, middle, bottom), rows)
    for axes in (top, middle, bottom):
        axes.grid(alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    figure.suptitle(title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return buffer.getvalue()


def _draw_successes(axes, steps, rows):
    for name, label in _SUCCESSES.items():
        axes.plot(steps, [100 * row[name] for row in rows], label=label, linewidth=1)
    axes.set(ylabel="share of the batch (%)", ylim=(-2, 102), title="Success of both networks")


def _draw_skipped(axes, steps, rows):
    for name, label in (
        ("discriminator_skipped", "discriminator"),
        ("generator_skipped", "generator"),
    ):
        shares = [100 * row[name] / max(row["step"], 1) for row in rows]
        axes.plot(steps, shares, label=f"{label} skipped", linewidth=1)
    axes.set(ylabel="turns so far (%)", ylim=(-2, 102), title="Turns skipped to keep both level")


def _draw_distance(axes, steps, rows):
    estimates = [row["distance_estimate"] for row in rows]
    axes.plot(steps, estimates, label="mean D(real) - mean D(fake)", linewidth=1)
    axes.set(ylabel="score", title="Wasserstein distance estimate, up to a constant")


def _mark_signs(axes_list, rows):
    for sign, color in (("samples_alike", "tab:red"), ("discriminator_perfect", "tab:purple")):
        marked = [row["step"] for row in rows if sign in row["sign"]]
        for axes in axes_list:
            if marked:
                label = f"sign of collapse: {_SIGNS[sign]}"
                axes.vlines(
                    marked,
                    0,
                    1,
                    color,
                    alpha=0.35,
                    transform=axes.get_xaxis_transform(),
                    label=label,
                )
