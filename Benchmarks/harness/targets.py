"""The doors that requests are sent through."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One way from the load client to the fake."""

    name: str
    port: int
    path: str
    # Of the process whose CPU time counts.
    pid: int


def targets(bench):
    """All ways there are, the fake itself first."""
    result = [Target("direct", bench.fake.port, "/api/v1/chat/completions", bench.fake.pid)]
    if bench.nginx:
        result.append(Target("nginx", bench.nginx.port, "/v1/chat/completions", bench.nginx.pid))
    return result + [
        Target("proxy /v1/chat/completions", bench.proxy.port, "/v1/chat/completions", bench.proxy.pid),
        Target("proxy /api/chat", bench.proxy.port, "/api/chat", bench.proxy.pid),
    ]


def measured_targets(bench):
    """Those whose CPU time is of interest."""
    return targets(bench)[1:]
