"""Fair comparisons: every side in a process of its own, measured in turns.

The processes of one run live at the same time and wait on a pipe, so that only one of them
computes, and a machine that gets slower for a while does so for all.
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

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of the sides' processes
# Variables that hold the libraries' kernels to an instruction set.
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
_SECONDS_TO_END = 5  # one that trains with others would wait for them


@dataclasses.dataclass(frozen=True)
class Side:
    """One contestant.

    Args:
        name: str, as the table shows it.
        work: `"module:function"`; called with `arguments` in the side's own process, it
            returns a function without arguments that does one unit of work to its end.
        arguments: dict of plain values.
    """

    name: str
    work: str
    arguments: dict


class _Worker:
    def __init__(self, side):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, side))
        self.process.start()
        theirs.close()  # so that a side that dies is noticed
        try:
            self.seconds = self._answer()  # of one unit of work
        except BaseException:
            self.process.terminate()
            raise

    def time(self, repeats):
        """Returns the seconds of `repeats` units of work."""
        self.pipe.send(repeats)
        return self._answer()

    def peak_memory(self):
        """Returns the process's peak resident memory in MiB and lets it end."""
        self.pipe.send(None)
        peak = self._answer()
        self.process.join(_SECONDS_TO_END)
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
        unit()  # tracing, compiling and choosing kernels
        pipe.send(_seconds(unit, 1))
        while (repeats := pipe.recv()) is not None:
            pipe.send(_seconds(unit, repeats))
        pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    except Exception as error:  # noqa: BLE001  the parent tells of it
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
        rounds: int, how often each is measured.
        seconds: about how long one measurement takes.

    Returns:
        Dict of side name to a dict of `seconds` (one number a round, per unit of work) and
        `peak_memory` (MiB); a side that fails at its start is left out.
    """
    workers = {}
    try:
        for side in sides:  # one after the other
            try:
                workers[side.name] = _Worker(side)
            except RuntimeError as error:
                print(f"{side.name} is left out: {error}", file=sys.stderr)
        return _in_turns(workers, rounds, seconds)
    finally:
        for worker in workers.values():
            worker.process.kill()


def _in_turns(workers, rounds, seconds):
    repeats = {name: max(1, round(seconds / worker.seconds)) for name, worker in workers.items()}
    taken = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            taken[name].append(worker.time(repeats[name]) / repeats[name])
    return {
        name: {"seconds": taken[name], "peak_memory": worker.peak_memory()}
        for name, worker in workers.items()
    }


def ratio(results, slower, faster):
    """Returns the median over the rounds of how many times faster `faster` was."""
    pairs = zip(results[slower]["seconds"], results[faster]["seconds"])
    return statistics.median(slow / fast for slow, fast in pairs)


def fastest(results, names):
    """Returns which of `names`, but for those left out, has the smallest median time."""
    return min(
        set(names) & set(results), key=lambda name: statistics.median(results[name]["seconds"])
    )


def rate(results, name, count):
    """Returns the median of `count` things a unit of work, per second."""
    return count / statistics.median(results[name]["seconds"])


def report(title, header, rows, figures):
    """Prints a table for people and a line of JSON for programs.

    Args:
        title: str.
        header: list of str, the columns' names.
        rows: list of rows, lists of str.
        figures: JSON-able dict.
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
    """Returns the date, the processor, the number of threads and what kernels all sides use."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": _processor(),
        "threads": thread_count(),
        "kernels": os.environ.get("ONEDNN_MAX_CPU_ISA", "all instruction sets"),
    }


def thread_count():
    """Returns the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line.split(":", 1) for line in file if ":" in line]
    except OSError:
        return platform.processor() or platform.machine()
    told = {key.strip(): value.strip() for key, value in lines}
    flags = told.get("flags", "").split()
    formats = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    family = f"family {told.get('cpu family')} model {told.get('model')}"
    return f"{told.get('model name', platform.machine())} ({family}; {', '.join(formats)})"


def has_bfloat16():
    """Whether the CPU multiplies bfloat16 numbers itself, and may."""
    limited = "ONEDNN_MAX_CPU_ISA" in os.environ
    return not limited and any(flag in _processor() for flag in ("avx512_bf16", "amx_bf16"))


def use_instruction_set(name):
    """Makes all sides' kernels, TensorFlow's and PyTorch's, those of an older processor.

    ONNX Runtime has no such setting.

    Args:
        name: a key of `INSTRUCTION_SETS`, or None for all that the processor has.
    """
    os.environ.update(INSTRUCTION_SETS.get(name, {}))


def parser(description, **defaults):
    """Returns a parser of these integer flags, and of --isa, see `use_instruction_set`."""
    flags = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in defaults.items():
        flags.add_argument(f"--{name}", type=int, default=default)
    flags.add_argument("--isa", choices=tuple(INSTRUCTION_SETS))
    return flags


def for_architectures(race, names, description, rounds):
    """Races those architectures that the command line's --architecture asks for, all by default.

    Args:
        race: function of an architecture's name and a number of rounds.
        names: sequence of str, the architectures there are.
        description, rounds: of the command line, see `parser`.
    """
    flags = parser(description, rounds=rounds)
    flags.add_argument("--architecture", choices=(*names, "all"), default="all")
    options = flags.parse_args()
    use_instruction_set(options.isa)
    for name in names if options.architecture == "all" else [options.architecture]:
        race(name, options.rounds)


def arguments(description, **defaults):
    """Returns the command line's values of the flags of `parser`, with --isa put to use."""
    options = parser(description, **defaults).parse_args()
    use_instruction_set(options.isa)
    return options
