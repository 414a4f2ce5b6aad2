"""How the proxy is set for a run, and the bounds that follow from it."""

from dataclasses import dataclass

# Slow machines, sanitizers and other people's builds are not what is tested.
MARGIN_SECONDS = 8

PROFILES = ("plain", "continuing", "hedging")


@dataclass(frozen=True)
class Settings:
    profile: str
    is_sanitized: bool = False
    attempts: int = 5
    first_token_seconds: int = 3
    idle_seconds: int = 2
    total_seconds: int = 12
    header_seconds: int = 4
    body_seconds: int = 4
    grace_seconds: int = 3

    @property
    def continues_streams(self):
        return self.profile == "continuing"

    @property
    def hedge_seconds(self):
        return 1 if self.profile == "hedging" else 0

    @property
    def request_seconds(self):
        """The longest that a request may take whose client does not dawdle."""
        return self.total_seconds + MARGIN_SECONDS

    @property
    def receiving_seconds(self):
        """The longest that a client may take to send a small request."""
        return self.header_seconds + self.body_seconds + MARGIN_SECONDS

    @property
    def session_seconds(self):
        """Five requests, each at its slowest."""
        return 5 * self.request_seconds

    def environment(self, upstream, folder, key):
        return {
            "OPENROUTER_API_KEY": key,
            "OPENROUTER_BASE_URL": f"{upstream.root}/api/v1",
            "PORT": "0",
            "DATA_DIR": str(folder / "data"),
            "MODEL_FILTER_PATH": str(folder / "filter"),
            "LOG_LEVEL": "DEBUG",
            # A free account's requests would be used up in a moment.
            "FREE_REQUESTS_PER_MINUTE": "0",
            "FREE_REQUESTS_PER_DAY": "0",
            "MAX_ATTEMPTS": str(self.attempts),
            "FIRST_TOKEN_TIMEOUT_SECONDS": str(self.first_token_seconds),
            "IDLE_TIMEOUT_SECONDS": str(self.idle_seconds),
            "TOTAL_TIMEOUT_SECONDS": str(self.total_seconds),
            "CONNECT_TIMEOUT_SECONDS": "3",
            "HEARTBEAT_SECONDS": "1",
            "HEADER_TIMEOUT_SECONDS": str(self.header_seconds),
            "BODY_TIMEOUT_SECONDS": str(self.body_seconds),
            "SHUTDOWN_GRACE_SECONDS": str(self.grace_seconds),
            "MAX_BODY_MEGABYTES": "1",
            "CONTINUE_STREAMS": str(self.continues_streams).lower(),
            "HEDGE_AFTER_SECONDS": str(self.hedge_seconds),
            "HEDGE_IN_FREE_MODE": str(self.hedge_seconds > 0).lower(),
        }
