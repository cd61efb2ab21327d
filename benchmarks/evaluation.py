"""Measures the time and the peak memory of an evaluation.

    python -m benchmarks.evaluation --run_dir=RUN

All flags are passed to `main.py --mode=evaluate` unchanged.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measuring import describe_machine

_MAIN = Path(__file__).resolve().parents[1] / "main.py"


def main():
    """Runs one evaluation and prints its seconds and its peak resident memory."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(_MAIN), "--mode=evaluate", *sys.argv[1:]])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    print(describe_machine())
    print(f"{seconds:.0f} seconds, {usage.ru_maxrss / 1024:.0f} MiB")
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
