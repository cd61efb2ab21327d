"""Compares starts for a training on few photos of people whom no network has seen.

    python -m benchmarks.few_photos LFW_ARCHIVE WORK_FOLDER [--minutes=20] [--count=300] [NAME ...]

The photos of some of LFW's held-out people are trained on, one of each. A row per start compares
2,000 faces with photos of the other held-out people (Frechet distance) and with the photos that
were trained on (kernel distance x1000), by lfw-face-1 and lfw-face-2, and has the share of near
copies. Can be stopped and resumed; several names can run at once, each on a core of its own
(taskset).
"""

import argparse
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.evaluation.distances import frechet_distance, kernel_distance, moments
from tfgan_faces.evaluation.features import Features
from tfgan_faces.evaluation.memorisation import largest_share_by_chance, share_of_near_copies
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.run_directory import RunDirectory

_ROOT = Path(__file__).resolve().parents[1]
_FACES, _SIZE, _CROP = 2000, 64, 0.6
_HEADER = (
    "| start | steps | FD, others | KID, own | FD 2, others | KID 2, own | copies | by chance |"
    "\n|---|---|---|---|---|---|---|---|"
)
_FULL_RATES = ("--generator_learning_rate=2.5e-4", "--discriminator_learning_rate=2.5e-4")
STARTS = {
    "nothing": ("--recipe=light",),
    "nothing, translation": ("--recipe=light", "--augment=translation"),
    "lfw-64": ("--init_from=lfw-64",),
    "lfw-64, full rates": ("--init_from=lfw-64", *_FULL_RATES),
    "lfw-64, freeze_d": ("--init_from=lfw-64", "--freeze_d=500"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("work", type=Path, help="folder for photos and runs")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("names", nargs="*", default=list(STARTS), metavar="NAME")
    options = parser.parse_intermixed_args()
    work = options.work.resolve()
    photos, others = (work / f"{options.count}-{name}" for name in ("photos", "others"))
    if not photos.exists():
        _extract(options.archive, options.count, photos, others)
    print(describe_machine(), flush=True)
    print(_HEADER)
    for name in options.names:
        run = work / f"{options.count}-{name.replace(', ', '-')}"
        _train(STARTS[name], photos, work, run, options.minutes)
        _print_row(name, run, photos, others, work / "cache")


def _extract(archive, count, photos, others):
    """Writes the photos of `count` held-out people, and those of all other ones.

    LFW has a single photo of most people.
    """
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if member.name.endswith(".jpg")]
        people = np.array([Path(member.name).parent.name for member in members])
        unseen = held_out(people, [member.name for member in members])
        names, photos_of = np.unique(people[unseen], return_counts=True)
        # Those with the fewest photos, so that many are left for the others.
        chosen = names[np.argsort(photos_of, kind="stable")[:count]]
        for member, person in zip(np.array(members)[unseen], people[unseen]):
            folder = photos if person in chosen else others
            folder.mkdir(parents=True, exist_ok=True)
            (folder / Path(member.name).name).write_bytes(tar.extractfile(member).read())


def _train(flags, photos, work, run, minutes):
    command = [sys.executable, str(_ROOT / "main.py"), *flags, "--dataset=folder", "--noexport"]
    command += [f"--data_dir={photos}", f"--crop={_CROP}", f"--cache_dir={work / 'cache'}"]
    command += [f"--run_dir={run}", f"--minutes={minutes}"]
    subprocess.run(command, cwd=work, check=True)


def _sides(folder, cache):
    """Returns the `Photos` of a folder: those to train on, and those that are held out."""
    data = DataConfig("folder", data_dir=str(folder), image_size=_SIZE, crop=_CROP)
    return open_photos(prepare(Config(data).resolved().data, str(cache)), "memory")


def _print_row(name, run, photos, others, cache):
    generator, step = RunDirectory(str(run)).averaged_generator()
    images = {
        "faces": [faces_of_seeds(generator, range(_FACES))],
        "others": [side[:] for side in _sides(others, cache)],
        "photos": [side[:] for side in _sides(photos, cache)],
    }
    distances = []
    for network in ("face", "face-2"):
        features = Features(network)
        found = {kind: [features(part) for part in parts] for kind, parts in images.items()}
        faces, unseen, own = (np.concatenate(parts) for parts in found.values())
        distances.append(f"{frechet_distance(*moments(faces), *moments(unseen)):.3f}")
        distances.append(f"{1000 * kernel_distance(faces, own):.1f}")
        if network == "face":
            copies = share_of_near_copies(faces, *found["photos"])
            chance = largest_share_by_chance(len(found["photos"][1]))
    cells = [name, f"{step:,}", *distances, f"{copies:.1%}", f"{chance:.1%}"]
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
