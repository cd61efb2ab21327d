"""Packs the networks of a run as files that the package includes.

`python -m benchmarks.pack_pretrained RUN_DIR NAME` writes `tfgan_faces/pretrained/NAME`. The card
in that folder says how the run was trained.
"""

import argparse
import sys

from tfgan_faces.config.pretrained import pretrained_folder
from tfgan_faces.runs.pretrained import pack_pretrained


def main(arguments):
    """Packs a run and prints the sizes of the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run_dir", help="folder of the run")
    parser.add_argument("name", help="name of the networks, such as lfw-64")
    values = parser.parse_args(arguments)
    folder = pretrained_folder(values.name)
    pack_pretrained(values.run_dir, folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>10,} bytes  {path.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
