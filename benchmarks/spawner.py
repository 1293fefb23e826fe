"""Starts a command as a child of a small process, and says what the child took.

Linux carries the largest resident size of whoever starts a program over to the program: a child
that the benchmark started by itself would seem to be at least as large as the benchmark. This
process imports next to nothing, so what its child is said to have had is the child's own, from
about 8 MB upwards.

    python -I -S spawner.py COMMAND [ARGUMENT…]

Its standard output is a pipe: a line when the command has begun (process and moment), and a line
when it has ended (moment, wait status, processor seconds, largest size as the system counts it).
The command's own output goes to standard error.
"""

import os
import sys
import time


def main() -> None:
    began = time.perf_counter()
    # perf_counter is the same clock in all processes of the machine, on Linux and on macOS.
    pid = os.posix_spawnp(
        sys.argv[1],
        sys.argv[1:],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)],
    )
    print(pid, began, flush=True)
    _, status, used = os.wait4(pid, 0)
    print(time.perf_counter(), status, used.ru_utime + used.ru_stime, used.ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
