"""Command line of tfgan_faces: `python main.py --help`."""

from tfgan_faces import cli

if __name__ == "__main__":
    cli.run()
