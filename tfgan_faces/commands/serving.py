"""The modes `serve` and `request`."""

import logging
import os

from tfgan_faces.commands.common import listed_seeds, writing
from tfgan_faces.commands.exporting import export_run
from tfgan_faces.errors import UserError
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving.client import Client
from tfgan_faces.version import VERSION
from tfgan_faces.visuals.image_grid import enlarged, image_grid, write_png
from tfgan_faces.visuals.synthetic_mark import SyntheticMark

_logger = logging.getLogger(__name__)

_COUNT = 16


def serve_mode(command, config):
    """Serves the newest exported version until it is interrupted."""
    if command.pretrained:
        export_run(RunDirectory(config.run.run_dir), config, again=False)
    from tfgan_faces.serving.development_server import build_server
    from tfgan_faces.serving.loaded_versions import LoadedVersions

    _logger.info(
        "A development server for one user on this machine; for anything else, use TF Serving "
        "(export/README.md)"
    )
    versions = LoadedVersions(config.run.export_dir)
    if versions.newest is None:
        _logger.info("No version in %s yet. Waiting for the first one", config.run.export_dir)
    try:
        server, port = build_server(versions, command.host, command.port)
    except (OSError, ValueError) as error:
        raise UserError(
            f"--port: cannot listen on {command.host}:{command.port} ({error})."
        ) from error
    host = f"[{command.host}]" if ":" in command.host else command.host
    _logger.info("Faces at http://%s:%d/ (press Ctrl-C to stop)", host, port)
    try:
        server.run()
    finally:
        server.close()
        versions.stop()


def request_mode(command, config):
    """Writes faces from a server as single images and as a grid."""
    if command.server is None:
        raise UserError("--mode=request needs --server=http://HOST:PORT or grpc://HOST:PORT.")
    first = config.training.seed
    seeds = listed_seeds(command, range(first, first + (command.count or _COUNT)), minimum=1)
    faces = Client(command.server).sample(seeds, command.truncation, command.label)
    output = command.output or "faces"
    mark = SyntheticMark("a served model", VERSION) if config.run.mark else None
    with writing("--output", output):
        for seed, face in zip(seeds, faces):
            write_png(os.path.join(output, f"{seed:06d}.png"), face, mark, seed)
        write_png(os.path.join(output, "grid.png"), enlarged(image_grid(faces)), mark)
    _logger.info("Wrote %d PNG files to %s, one of them grid.png", len(faces) + 1, output)
