"""Compares recipes and defaults on LFW at equal training time; can be stopped and resumed.

    python -m benchmarks.bakeoff LFW_ARCHIVE WORK_FOLDER

Each entry is trained for its number of minutes and evaluated with 10,000 faces. Its
measurements and a grid of the faces of seeds 0 to 63 are written to docs/recipes/. An entry with
an existing result is skipped unless its flags have changed. A stopped run resumes from its last
checkpoint. The tables in docs/recipes.md are rewritten each time.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import describe_machine
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.runs import metrics_csv
from tfgan_faces.storage.files import write_atomic

_ROOT = Path(__file__).resolve().parents[1]
_DOCS = _ROOT / "docs"
_RECIPES = _ROOT / "tfgan_faces" / "recipes"
_FACES = 10_000


@dataclasses.dataclass(frozen=True)
class Entry:
    """One training run.

    Attributes:
        name: str, the name of its files.
        table: str, the table of docs/recipes.md that lists it.
        recipe: str.
        minutes: number, the training time.
        flags: tuple of str, flags that override those of the recipe.
    """

    name: str
    table: str
    recipe: str
    minutes: float
    flags: tuple = ()

    def digest(self):
        """Returns a hash of everything that affects the training."""
        recipe = (_RECIPES / f"{self.recipe}.flags").read_text()
        # An entry has limits of its own.
        limits = tuple(f"--{name}=" for name in LIMITS_OF_A_TRAINING)
        lines = [line for line in recipe.splitlines() if line.startswith("--")]
        lines = [line for line in lines if not line.startswith(limits)]
        return hashlib.sha256(repr((lines, self.minutes, self.flags)).encode()).hexdigest()[:12]


# The recipe `light` up to version 0.9: another discriminator, the same rates from first to last.
_LIGHT_0_6 = (
    "--architecture=light",
    "--generator_learning_rate=2.5e-4",
    "--discriminator_learning_rate=2.5e-4",
    "--rates=constant",
    "--batch_parts=1",
)
# The recipe `exercise-gan` up to version 0.9, which has the defaults.
EXERCISE_0_6 = (
    "--balance=margin",
    "--r1=0",
    "--dropout=1",
    "--width=1",
    "--generator_learning_rate=3e-4",
    "--discriminator_learning_rate=3e-4",
    "--rates=constant",
    "--label_smoothing=0.1",
    "--batch_parts=1",
    "--ema_decay=0.995",
)
_OLDER = {"gan": EXERCISE_0_6, "wgan": ()}


def _ablation(name, *flags):
    flags = ("--image_size=32", *EXERCISE_0_6, *flags)
    return Entry(name, "ablations", "exercise-gan", 8, flags)


def _seed(kind, seed):
    """Returns an entry for the exercise as a GAN or a WGAN: one seed is too few."""
    flags = (*_OLDER[kind], f"--seed={seed}")
    return Entry(f"exercise-{kind}-seed{seed}", "gan and wgan", f"exercise-{kind}", 20, flags)


def _small(kind, seed):
    """Returns an entry for a loss with its defaults at 32x32."""
    shared = ("--image_size=32", "--augment=translation", "--ema_decay=0.99", f"--seed={seed}")
    flags = (*_OLDER[kind], *shared)
    return Entry(f"{kind}-32-seed{seed}", "gan and wgan at 32", f"exercise-{kind}", 8, flags)


ENTRIES = (
    *(
        Entry(recipe, "bake-off", recipe, 20)
        for recipe in (
            "light",
            "dcgan",
            "exercise-gan",
            "modern",
            "wgan-gp",
            "exercise-wgan",
            "blog",
        )
    ),
    Entry("light-60", "bake-off", "light", 60),
    Entry("light-0.6", "bake-off", "light", 20, _LIGHT_0_6),
    Entry("light-0.6-60", "bake-off", "light", 60, _LIGHT_0_6),
    Entry("exercise-gan-0.6", "bake-off", "exercise-gan", 20, EXERCISE_0_6),
    *(_seed(kind, seed) for kind in ("gan", "wgan") for seed in (1, 2)),
    *(_small(kind, seed) for seed in (0, 1, 2) for kind in ("gan", "wgan")),
    _ablation("default"),
    _ablation("balance-none", "--balance=none"),
    _ablation("ema-none", "--ema_decay=0"),
    _ablation("augment-none", "--augment=none"),
    _ablation("precision-float32", "--precision=float32"),
)


def main():
    """Runs the entries without a result and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("work", help="folder for the runs")
    parser.add_argument("--only", nargs="*", help="names of the entries to run (default: all)")
    arguments = parser.parse_args()
    for entry in ENTRIES:
        is_selected = arguments.only is None or entry.name in arguments.only
        if is_selected and not _is_done(entry):
            _run(entry, arguments.archive, arguments.work)
        write_tables()


def _is_done(entry):
    path = _result_path(entry)
    return path.exists() and json.loads(path.read_text())["digest"] == entry.digest()


def _run(entry, archive, work):
    run = Path(work) / f"{entry.name}-{entry.digest()}"
    data = ["--dataset=lfw", f"--data_dir={archive}", f"--cache_dir={Path(work) / 'cache'}"]
    steps = ["--log_every=10", "--sample_every=500", "--checkpoint_every=250", "--noexport"]
    run_dir = f"--run_dir={run}"
    minutes = f"--minutes={entry.minutes:g}"
    _call_main(f"--recipe={entry.recipe}", *entry.flags, minutes, *data, *steps, run_dir)
    _call_main("--mode=evaluate", f"--count={_FACES}", *data, run_dir)
    _call_main("--mode=sample", run_dir)
    rows = metrics_csv.MetricsCsv(run / "metrics.csv").rows
    settings = json.loads((run / "config.json").read_text())["training"]
    content = {
        "digest": entry.digest(),
        "machine": describe_machine(),
        "precision": settings["precision"],
        "minutes": rows[-1]["seconds"] / 60,
        "steps": rows[-1]["step"],
        "photos": rows[-1]["step"] * settings["batch_size"] * _updates_per_step(settings),
        **json.loads((run / "evaluation.json").read_text()),
    }
    (_DOCS / "recipes").mkdir(exist_ok=True)
    shutil.copy(run / "faces" / "grid.png", _DOCS / "recipes" / f"{entry.name}.png")
    write_atomic(_result_path(entry), (json.dumps(content, indent=1) + "\n").encode())


def _updates_per_step(settings):
    """Returns the number of discriminator updates per step."""
    return settings["critic_steps"] if LOSSES[settings["loss"]].is_critic else 1


def _call_main(*flags):
    print("+ main.py", *flags, flush=True)
    subprocess.run([sys.executable, str(_ROOT / "main.py"), *flags], check=True)


def _result_path(entry):
    return _DOCS / "recipes" / f"{entry.name}.json"


def write_tables():
    """Writes the available results between the markers of docs/recipes.md."""
    path = _DOCS / "recipes.md"
    text = path.read_text()
    for table in dict.fromkeys(entry.table for entry in ENTRIES):
        begin, end = f"<!-- {table} -->\n", f"<!-- end of {table} -->"
        before, _, rest = text.partition(begin)
        text = before + begin + _table(table) + end + rest.partition(end)[2]
    write_atomic(path, text.encode())


def _table(table):
    lines = [
        "\n| entry | minutes | steps | photos | FD held-out | FD training | KID held-out x1000 | "
        "precision | recall | likeness of pairs | kinds too rare | "
        "nearest photo is from training |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    done = [entry for entry in ENTRIES if entry.table == table and _is_done(entry)]
    return "\n".join([*lines, *map(_row, done), "", *_machines(done)]) + "\n\n"


def _machines(done):
    """Returns a line for each machine and date, with the entries that were measured there."""
    names_by_line = {}
    for entry in done:
        machine = json.loads(_result_path(entry).read_text())["machine"]
        line = f"{machine['processor']}, {machine['threads']} threads, {machine['date']}"
        names_by_line.setdefault(line, []).append(f"`{entry.name}`")
    if len(names_by_line) == 1:
        return [f"Measured on {line}." for line in names_by_line]
    return [f"- Measured on {line}: {', '.join(names)}." for line, names in names_by_line.items()]


def _row(entry):
    content = json.loads(_result_path(entry).read_text())
    # Of two measurements with the same name the first must win: it uses more faces.
    rows = content["measurements"][::-1]
    found = {(row["name"], row["against"]): row["value"] for row in rows}
    rare = next(value for (name, _), value in found.items() if "kinds of faces" in name)
    copies = found["share whose nearest photo is a training one (features)", "training"]
    cells = [
        f"[`{entry.name}`](recipes/{entry.name}.png)",
        f"{content['minutes']:.0f}",
        f"{content['steps']:,}",
        f"{content['photos']:,}",
        f"**{found['Frechet distance', 'held_out']:.3f}**",
        f"{found['Frechet distance', 'training']:.3f}",
        f"{1000 * found['kernel distance (KID)', 'held_out']:.1f}",
        f"{found['precision', 'training']:.2f}",
        f"{found['recall', 'training']:.2f}",
        f"{found['likeness of random pairs', 'training']:.3f}",
        f"{rare:.0%}",
        f"{copies:.1%}",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
