"""Fair comparisons: each side runs in its own process, and the sides are measured in turns.

All processes of a run exist at the same time and wait on pipes, so that only one computes. If the
machine is slower for a while, all sides are affected.
"""

import argparse
import dataclasses
import datetime
import importlib
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # inherited by the sides' processes
# Environment variables that limit the libraries' kernels to an instruction set.
INSTRUCTION_SETS = {
    "avx2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "avx512": {
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
        "ATEN_CPU_CAPABILITY": "avx512",
        "MKL_ENABLE_INSTRUCTIONS": "AVX512",
    },
}
_EXIT_TIMEOUT = 5  # seconds; a worker of a distributed training would wait for the others


@dataclasses.dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        name: str, the name in the table.
        work: `"module:function"`. The function is called with `arguments` in the side's process.
            It returns a function without arguments that completes one unit of work.
        arguments: dict of plain values.
    """

    name: str
    work: str
    arguments: dict


class _Worker:
    def __init__(self, side):
        context = multiprocessing.get_context("spawn")
        self.pipe, child_pipe = context.Pipe()
        self.process = context.Process(target=_serve, args=(child_pipe, side))
        self.process.start()
        child_pipe.close()  # so that recv() raises EOFError if the process dies
        try:
            self.seconds = self._answer()  # for one unit of work
        except BaseException:
            self.process.terminate()
            raise

    def time(self, repeats):
        """Returns the seconds that `repeats` units of work take."""
        self.pipe.send(repeats)
        return self._answer()

    def peak_memory(self):
        """Returns the peak resident memory of the process in MiB and stops the process."""
        self.pipe.send(None)
        peak = self._answer()
        self.process.join(_EXIT_TIMEOUT)
        return peak

    def _answer(self):
        try:
            answer = self.pipe.recv()
        except EOFError:
            answer = "failed: the process died"
        if isinstance(answer, str) and answer.startswith("failed: "):
            raise RuntimeError(answer)
        return answer


def _serve(pipe, side):
    try:
        module, function = side.work.split(":")
        unit = getattr(importlib.import_module(module), function)(**side.arguments)
        unit()  # not measured: tracing, compilation and the choice of kernels
        pipe.send(_seconds(unit, 1))
        while (repeats := pipe.recv()) is not None:
            pipe.send(_seconds(unit, repeats))
        pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    except Exception as error:  # noqa: BLE001  the parent reports it
        pipe.send(f"failed: {side.name}: {type(error).__name__}: {error}")


def _seconds(unit, repeats):
    begin = time.perf_counter()
    for _ in range(repeats):
        unit()
    return time.perf_counter() - begin


def run_sides(sides, rounds, seconds=2.0):
    """Measures the sides in turns.

    Args:
        sides: list of `Side`.
        rounds: int, the number of measurements of each side.
        seconds: number, the approximate duration of one measurement.

    Returns:
        Dict of side name to a dict of `seconds` (per unit of work, one number per round) and
        `peak_memory` (MiB). A side that fails to start is left out.
    """
    workers = {}
    try:
        for side in sides:  # one at a time, as the first unit of work is measured
            try:
                workers[side.name] = _Worker(side)
            except RuntimeError as error:
                print(f"{side.name} is skipped: {error}", file=sys.stderr)
        return _measure_in_turns(workers, rounds, seconds)
    finally:
        for worker in workers.values():
            worker.process.kill()


def _measure_in_turns(workers, rounds, seconds):
    repeats = {name: max(1, round(seconds / worker.seconds)) for name, worker in workers.items()}
    times = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            times[name].append(worker.time(repeats[name]) / repeats[name])
    return {
        name: {"seconds": times[name], "peak_memory": worker.peak_memory()}
        for name, worker in workers.items()
    }


def ratio(results, slower, faster):
    """Returns the median over the rounds of the speed-up of `faster` over `slower`."""
    pairs = zip(results[slower]["seconds"], results[faster]["seconds"])
    return statistics.median(slow / fast for slow, fast in pairs)


def fastest(results, names):
    """Returns the name with the smallest median time, of those names that have results."""
    return min(
        set(names) & set(results), key=lambda name: statistics.median(results[name]["seconds"])
    )


def rate(results, name, count):
    """Returns the median number of items per second, with `count` items per unit of work."""
    return count / statistics.median(results[name]["seconds"])


def report(title, header, rows, figures):
    """Prints a table for readers and a line of JSON for programs.

    Args:
        title: str.
        header: list of str, the column titles.
        rows: list of lists of str.
        figures: dict that can be converted to JSON.
    """
    machine = describe_machine()
    print(f"\n{title}")
    print(", ".join(f"{key}: {value}" for key, value in machine.items()) + "\n")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
    print()
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps({"title": title, **machine, **figures}))


def describe_machine():
    """Returns a dict of the date, the processor, the threads and the instruction set limit."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "threads": thread_count(),
        "kernels": os.environ.get("ONEDNN_MAX_CPU_ISA", "all instruction sets"),
    }


def thread_count():
    """Returns the number of processors this process may use.

    Importing `tfgan_faces`, which knows it too, would enable oneDNN for the other libraries' sides.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line.split(":", 1) for line in file if ":" in line]
    except OSError:
        return platform.processor() or platform.machine()
    info = {key.strip(): value.strip() for key, value in lines}
    flags = info.get("flags", "").split()
    formats = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    family = f"family {info.get('cpu family')} model {info.get('model')}"
    return f"{info.get('model name', platform.machine())} ({family}; {', '.join(formats)})"


def has_bfloat16():
    """Returns whether the CPU supports bfloat16 and no instruction set limit prevents its use."""
    limited = "ONEDNN_MAX_CPU_ISA" in os.environ
    return not limited and any(flag in _processor() for flag in ("avx512_bf16", "amx_bf16"))


def use_instruction_set(name):
    """Limits the TensorFlow and PyTorch kernels of all sides to those of an older processor.

    ONNX Runtime has no such setting.

    Args:
        name: a key of `INSTRUCTION_SETS`, or None for no limit.
    """
    os.environ.update(INSTRUCTION_SETS.get(name, {}))


def parser(description, **defaults):
    """Returns a parser for the given integer flags and --isa, see `use_instruction_set`."""
    flags = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in defaults.items():
        flags.add_argument(f"--{name}", type=int, default=default)
    flags.add_argument("--isa", choices=tuple(INSTRUCTION_SETS))
    return flags


def for_architectures(race, names, description, rounds):
    """Calls `race` for each architecture that --architecture selects, by default all.

    Args:
        race: function of the name of an architecture and the number of rounds.
        names: sequence of str, the available architectures.
        description, rounds: passed to `parser`.
    """
    flags = parser(description, rounds=rounds)
    flags.add_argument("--architecture", choices=(*names, "all"), default="all")
    options = flags.parse_args()
    use_instruction_set(options.isa)
    for name in names if options.architecture == "all" else [options.architecture]:
        race(name, options.rounds)


def arguments(description, **defaults):
    """Returns the values of the flags of `parser` and applies --isa."""
    options = parser(description, **defaults).parse_args()
    use_instruction_set(options.isa)
    return options
