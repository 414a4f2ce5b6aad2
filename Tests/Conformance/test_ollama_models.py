"""Listing and describing models with the `ollama` client."""

import datetime

import ollama
import pytest
from conftest import without_fallback
from examples import MODEL


def test_list(client):
    models = client.list().models
    names = [model.model for model in models]
    assert MODEL in names
    assert "lantern/opal-400b" not in names, "a model that costs money in free mode"
    for model in models:
        assert ":" in model.model, "clients add :latest to a name without a tag, and would not find it then"
        assert isinstance(model.modified_at, datetime.datetime)
        assert len(model.digest) == 64
        assert model.size == 0
        assert model.details.family and model.details.format


@without_fallback
def test_list_of_all_models(client):
    names = [model.model for model in client.list().models]
    assert any(name.startswith("lantern/opal-400b") for name in names)


def test_show(client):
    shown = client.show(MODEL)
    assert {"completion", "tools", "thinking"} <= set(shown.capabilities)
    architecture = shown.modelinfo["general.architecture"]
    assert shown.modelinfo[f"{architecture}.context_length"] == 262144
    assert isinstance(shown.modified_at, datetime.datetime)
    assert shown.details.family
    assert shown.template


@pytest.mark.parametrize("name", ["heron-70b", "HERON-70B:free", "heron-70b:latest", "meadow/heron-70b"])
def test_show_by_other_names(client, name):
    assert client.show(name).modelinfo["general.basename"] == MODEL


def test_every_listed_name_can_be_shown(client):
    for model in client.list().models:
        assert "completion" in client.show(model.model).capabilities


def test_show_of_an_unknown_model(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client.show("nobody/nothing")
    assert raised.value.status_code == 404
    assert "not found" in raised.value.error
    assert "nobody/nothing" in raised.value.error
