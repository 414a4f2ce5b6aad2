"""The programs that take part: built, started on free local ports, and stopped."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
START_SECONDS = 15

NGINX_CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    scgi_temp_path {folder};
    uwsgi_temp_path {folder};
    # As many requests a connection as it likes, and no request written to disk.
    keepalive_requests 100000000;
    client_body_buffer_size 64k;
    upstream fake {{
        server 127.0.0.1:{upstream_port};
        keepalive 16;
        keepalive_requests 100000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        tcp_nodelay on;
        location /v1/ {{
            proxy_pass http://fake/api/v1/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


def build():
    """Builds both products as they are shipped, and returns where they are.

    OLLAMA_PROXY_BINARY and FAKE_OPENROUTER_BINARY name executables to measure instead.
    """
    variables = {"ollama-proxy": "OLLAMA_PROXY_BINARY", "fake-openrouter": "FAKE_OPENROUTER_BINARY"}
    paths = {}
    for product, variable in variables.items():
        if os.environ.get(variable):
            paths[product] = Path(os.environ[variable]).absolute()
            continue
        command = ["swift", "build", "--package-path", PACKAGE, "-c", "release", "--static-swift-stdlib"]
        command += ["--product", product]
        if os.environ.get("BENCH_SCRATCH"):
            command += ["--scratch-path", Path(os.environ["BENCH_SCRATCH"]).absolute()]
        built = subprocess.run(command, capture_output=True, text=True)
        if built.returncode != 0:
            raise SystemExit(built.stdout + built.stderr)
        shown = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
        paths[product] = Path(shown.stdout.strip()) / product
    return paths


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, complaint, seconds=START_SECONDS, pause=0.005):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(pause)
    raise RuntimeError(complaint)


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Program:
    """A child process that ends with its `with` block."""

    def __init__(self, command, **options):
        self.child = subprocess.Popen(command, **options)
        self.pid = self.child.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Fake(Program):
    """The upstream, with a models list and a script for how its models answer."""

    def __init__(self, path, models, script):
        super().__init__(
            [path, "--quiet", "--models", models, "--script", script], stdout=subprocess.PIPE, text=True
        )
        if not select.select([self.child.stdout], [], [], START_SECONDS)[0]:
            raise RuntimeError("fake-openrouter did not come up")
        line = self.child.stdout.readline()
        self.port = int(re.search(r":(\d+)/api/v1$", line.strip())[1])


class Nginx(Program):
    """The baseline: a plain reverse proxy for streams, with one worker."""

    def __init__(self, upstream, folder):
        self.port = free_port()
        folder.mkdir()
        # The worker of a master that runs as root would be another user, who may not look into the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX_CONFIGURATION.format(folder=folder, port=self.port, upstream_port=upstream.port, user=user)
        )
        super().__init__(["nginx", "-c", configuration, "-p", folder, "-e", "stderr"])
        master = self.pid
        children = Path(f"/proc/{master}/task/{master}/children")
        # It listens before it has a worker, and connections are taken from then on.
        wait_for(lambda: can_connect(self.port) and children.read_text().split(), "nginx did not come up")
        self.pid = int(children.read_text().split()[0])

    @staticmethod
    def is_installed():
        return any(os.access(Path(folder) / "nginx", os.X_OK) for folder in os.get_exec_path())


class Proxy(Program):
    """The program to measure."""

    def __init__(self, path, upstream, folder, variables=None):
        self.port = free_port()
        folder.mkdir(exist_ok=True)
        self.environment = {
            **(variables or {}),
            "OPENROUTER_API_KEY": "benchmark-key",
            "OPENROUTER_BASE_URL": f"http://127.0.0.1:{upstream.port}/api/v1",
            "PORT": str(self.port),
            "DATA_DIR": str(folder / "data"),
            "MODEL_FILTER_PATH": str(folder / "filter"),
            # The budget of a free account would end a measurement after twenty requests.
            "FREE_REQUESTS_PER_MINUTE": "0",
            "FREE_REQUESTS_PER_DAY": "0",
            # A thousand open streams are more than a proxy serves at once by default.
            "MAX_CONCURRENT_REQUESTS": "10000",
        }
        # It logs as it does by default, to a file as under a service manager.
        with open(folder / "log", "ab") as log:
            super().__init__([path], env=self.environment, cwd=folder, stderr=log)
        wait_for(lambda: self.child.poll() is not None or can_connect(self.port), "the proxy did not come up")
        wait_for(lambda: self.health()["status"] == "ok", "the proxy found no models")

    def health(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10) as reply:
            return json.load(reply)

    def wait_until_idle(self):
        def is_idle():
            health = self.health()
            # The connection that asks is one itself.
            return health["exchanges"] == 0 and health["transfers"] == 0 and health["connections"] <= 1

        wait_for(is_idle, "the proxy has not let go of what clients left", pause=0.05)
