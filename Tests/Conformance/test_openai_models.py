"""The `openai` client: the list of models, and each of them by its name."""

from urllib.parse import quote

import openai
import pytest
from examples import MODEL, UNKNOWN_MODEL


def test_list(openai_client):
    models = {model.id: model for model in openai_client.models.list()}
    assert models[MODEL].object == "model"
    assert models[MODEL].created > 0
    assert models[MODEL].owned_by == MODEL.partition("/")[0]


def test_each_model_of_the_list_can_be_retrieved(openai_client):
    for model in openai_client.models.list():
        assert openai_client.models.retrieve(model.id) == model


@pytest.mark.parametrize("path", [MODEL, quote(MODEL, safe=""), quote(MODEL)], ids=["bare", "escaped", "colon-escaped"])
def test_slashes_may_be_escaped(wire, path):
    assert wire.get(f"/v1/models/{path}").json()["id"] == MODEL


@pytest.mark.parametrize("name", [UNKNOWN_MODEL, "nothing", "meadow"])
def test_an_unknown_model_is_not_found(openai_client, name):
    with pytest.raises(openai.NotFoundError) as raised:
        openai_client.models.retrieve(name)
    assert name in raised.value.body["message"]
