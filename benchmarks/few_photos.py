"""Compares starts for a training on few photos of people whom no network has seen.

    python -m benchmarks.few_photos LFW_ARCHIVE WORK_FOLDER [--minutes=20] [NAME ...]

Photos of LFW's held-out people are trained on, one of each person as far as possible. A row per
start compares 2,000 faces with all other photos of held-out people (Frechet distance) and with the
photos that were trained on (kernel distance x1000), by lfw-face-1 and lfw-face-2. Near copies are
the faces that are closer to a photo that was trained on than 99 % of the photos of other people
are: for 300 photos, which leave 208 of other people, 1.5 % is expected. `lfw-64` knows a crop of
0.6; another one shows how well it adapts. Can be stopped and resumed; several names can run at
once, each on a core of its own (taskset).
"""

import argparse
import collections
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.config.defaults import HELD_OUT
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.evaluation.distances import frechet_distance, kernel_distance, moments
from tfgan_faces.evaluation.features import Features
from tfgan_faces.evaluation.memorisation import find_nearest
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.pretrained import unpack_pretrained
from tfgan_faces.runs.run_directory import RunDirectory

_ROOT = Path(__file__).resolve().parents[1]
_FACES, _SIZE = 2000, 64
# The photos to train on, other photos of the same people, and photos of other people.
_KINDS = ("photos", "same-people", "other-people")
_HEADER = (
    "| start | steps | FD, others | KID, own | FD 2, others | KID 2, own | near copies |"
    "\n|---|---|---|---|---|---|---|"
)


def _rates(rate):
    return (f"--generator_learning_rate={rate}", f"--discriminator_learning_rate={rate}")


_PHOTOS, _UNTRAINED = "the photos themselves", "lfw-64, untrained"
STARTS = {
    _PHOTOS: None,
    _UNTRAINED: None,
    "nothing": ("--recipe=light",),
    "nothing, translation": ("--recipe=light", "--augment=translation"),
    "lfw-64": ("--init_from=lfw-64",),
    "lfw-64, full rates": ("--init_from=lfw-64", *_rates(5e-4)),
    "lfw-64, a sixteenth of the rates": ("--init_from=lfw-64", *_rates(3.125e-5)),
    "lfw-64, batches of 16": ("--init_from=lfw-64", "--batch_size=16"),
    "lfw-64, freeze_d": ("--init_from=lfw-64", "--freeze_d=500"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("work", type=Path, help="folder for photos and runs")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--crop", type=float, default=0.6)
    parser.add_argument("names", nargs="*", default=list(STARTS), metavar="NAME")
    options = parser.parse_intermixed_args()
    work = options.work.resolve()
    folders = [work / f"{options.count}-{kind}" for kind in _KINDS]
    if not folders[-1].exists():
        _extract(options.archive, options.count, folders)
    photos = [_read_photos(folder, options.crop, work / "cache") for folder in folders]
    print(describe_machine(), flush=True)
    print(_HEADER)
    for name in options.names:
        if name == _PHOTOS:
            _print_row(name, 0, photos[0], photos)
            continue
        run = work / f"{options.count}-{options.crop}-{name.replace(' ', '_')}"
        if name == _UNTRAINED:
            unpack_pretrained("lfw-64", run)
        else:
            _train(STARTS[name], folders[0], options.crop, run, options.minutes)
        generator, step = RunDirectory(str(run)).averaged_generator()
        _print_row(name, step, faces_of_seeds(generator, range(_FACES)), photos)


def _extract(archive, count, folders):
    """Writes photos of held-out people into the folders: `count` photos into the first one.

    These are of as many people as possible. People are chosen at random: those with a single
    photo in LFW, who are most, differ from the others.
    """
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if member.name.endswith(".jpg")]
        people = np.array([Path(member.name).parent.name for member in members])
        unseen = np.flatnonzero(held_out(people, [member.name for member in members]))
        np.random.default_rng(0).shuffle(unseen)
        number_of, numbers = collections.Counter(), []
        for person in people[unseen]:
            numbers.append(number_of[person])
            number_of[person] += 1
        in_order = unseen[np.argsort(numbers, kind="stable")]  # first photos first
        chosen, others = in_order[:count], in_order[count:]
        is_same = np.isin(people[others], people[chosen])
        for folder, indices in zip(folders, (chosen, others[is_same], others[~is_same])):
            folder.mkdir(parents=True, exist_ok=True)
            for index in np.sort(indices):  # the archive can only be read in order quickly
                content = tar.extractfile(members[index]).read()
                (folder / Path(members[index].name).name).write_bytes(content)


def _train(flags, photos, crop, run, minutes):
    command = [sys.executable, str(_ROOT / "main.py"), *flags, "--dataset=folder", "--noexport"]
    command += [f"--data_dir={photos}", f"--crop={crop}", f"--cache_dir={run.parent / 'cache'}"]
    command += [f"--run_dir={run}", f"--minutes={minutes}"]
    subprocess.run(command, cwd=run.parent, check=True)


def _read_photos(folder, crop, cache):
    """Returns all photos of a folder, those that a training would hold out, too."""
    data = DataConfig("folder", data_dir=str(folder), image_size=_SIZE, crop=crop)
    builder = prepare(Config(data).resolved().data, str(cache))
    return np.concatenate([side[:] for side in open_photos(builder, "memory", HELD_OUT)])


def _print_row(name, step, faces, photos):
    cells = [name, f"{step:,}"]
    for network in ("face", "face-2"):
        features = Features(network)
        found, own, same_people, other_people = map(features, (faces, *photos))
        others = np.concatenate([same_people, other_people])
        cells.append(f"{frechet_distance(*moments(found), *moments(others)):.3f}")
        cells.append(f"{1000 * kernel_distance(found, own):.1f}")
        if network == "face":
            copies = find_nearest(found, [own], [other_people]).share_closer
    print(f"| {' | '.join([*cells, f'{copies:.1%}'])} |", flush=True)


if __name__ == "__main__":
    main()
