"""The size of the executable."""

import subprocess


def measure(bench):
    stripped = bench.folder / "stripped"
    subprocess.run(["strip", "--strip-all", "-o", stripped, bench.proxy_path], check=True)
    linked = subprocess.run(["ldd", bench.proxy_path], capture_output=True, text=True, check=True).stdout
    return {
        "stripped_bytes": stripped.stat().st_size,
        "swift_runtime_is_shared": "libswiftCore.so" in linked,
    }
