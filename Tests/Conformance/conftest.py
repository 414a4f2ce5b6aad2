"""What every test starts from: an upstream and a proxy of its own, and clients that talk to that proxy."""

import anthropic
import ollama
import openai
import pytest
from examples import EMBEDDING_MODEL
from processes import FakeOpenRouter, OllamaProxy
from wire import Wire

# Far beyond what any of these requests takes, and short enough to see a hang as one.
TIMEOUT_SECONDS = 15


@pytest.fixture
def upstream():
    with FakeOpenRouter() as upstream:
        yield upstream
        assert upstream.stop() == 0


@pytest.fixture
def settings():
    """Environment variables for the proxy; tests override this with `parametrize`."""
    return {}


@pytest.fixture
def proxy(upstream, tmp_path, settings):
    with OllamaProxy(upstream, tmp_path, **settings) as proxy:
        yield proxy
        # Whatever a client did, nothing of it may be left over.
        if proxy.is_running:
            proxy.wait_until_idle()
        assert proxy.stop() == 0, proxy.log.read_text()


@pytest.fixture
def client(proxy):
    return ollama.Client(host=proxy.root, timeout=TIMEOUT_SECONDS)


@pytest.fixture
def asynchronous_client(proxy):
    return ollama.AsyncClient(host=proxy.root, timeout=TIMEOUT_SECONDS)


@pytest.fixture
def openai_client(proxy):
    with openai.OpenAI(
        base_url=proxy.root + "/v1", api_key="any", timeout=TIMEOUT_SECONDS, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def anthropic_client(proxy):
    with anthropic.Anthropic(base_url=proxy.root, api_key="any", timeout=TIMEOUT_SECONDS, max_retries=0) as client:
        yield client


@pytest.fixture
def wire(proxy):
    with Wire(proxy.root) as wire:
        yield wire


# Without a fallback to other models the failure of one reaches the client as it is.
without_fallback = pytest.mark.parametrize("settings", [{"FREE_MODE": "false"}], ids=["all-models"])

# More requests than an account has free ones.
without_limits = pytest.mark.parametrize(
    "settings", [{"FREE_REQUESTS_PER_MINUTE": "0", "FREE_REQUESTS_PER_DAY": "0"}], ids=["unlimited"]
)

with_embeddings = pytest.mark.parametrize("settings", [{"EMBEDDING_MODEL": EMBEDDING_MODEL}], ids=["embedding-model"])
