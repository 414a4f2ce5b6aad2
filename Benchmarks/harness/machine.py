"""What the kernel knows: about the machine, and about what processes have used."""

import os
import platform
import subprocess
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
TICK_NANOSECONDS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def cpu_nanoseconds(pid):
    """The CPU time that a process has used, user and system, in nanoseconds."""
    try:
        # The scheduler's own account is exact; the ticks of /proc/PID/stat are a hundredth of a second each.
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_NANOSECONDS


def busy_nanoseconds():
    """The time that all processors together were not idle."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _wait, interrupt, soft_interrupt, stolen = fields[:8]
    return (user + nice + system + interrupt + soft_interrupt + stolen) * TICK_NANOSECONDS


def memory(pid):
    """Resident memory and its anonymous part, in bytes."""
    values = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        values[name] = int(value.split()[0]) * 1024
    return {"resident": values["Rss"], "anonymous": values["Anonymous"]}


def peak_memory(pid):
    """The most resident memory so far, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel does not say how much memory was resident")


def _first_line(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    # nginx names its version on standard error.
    return (result.stdout + result.stderr).strip().split("\n")[0] or None


def _package_version(*names):
    for name in names:
        version = _first_line("dpkg-query", "--show", "--showformat=${Version}", name)
        if version:
            return version
    return None


def description():
    """The machine and the libraries that figures were taken with."""
    processor = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        # The processor on a PC, the whole board on a Raspberry Pi.
        if line.startswith(("model name", "Model")):
            processor = line.partition(":")[2].strip()
            break
    memory_kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    debian = Path("/etc/debian_version")
    return {
        # Of the sources; what executables named by hand were built from, nobody knows.
        "revision": _first_line("git", "-C", PACKAGE, "describe", "--always", "--dirty"),
        "processor": processor,
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": memory_kilobytes * 1024,
        "page_bytes": os.sysconf("SC_PAGE_SIZE"),
        "kernel": platform.release(),
        "debian": debian.read_text().strip() if debian.exists() else None,
        "swift": _first_line("swiftc", "--version"),
        "glibc": _package_version("libc6"),
        "libmicrohttpd": _package_version("libmicrohttpd12", "libmicrohttpd12t64"),
        "libcurl": _package_version("libcurl4", "libcurl4t64"),
        "sqlite": _package_version("libsqlite3-0"),
        "nginx": (_first_line("nginx", "-v") or "").rpartition("/")[2] or None,
    }
