"""The models that the upstream lists for the benchmarks, and how they answer."""

import json

# Every 20 ms a token, which is a fast model.
PACED = "bench/paced:free"
PACED_DELAY_MILLISECONDS = 20
# As fast as it is read.
SATURATED = "bench/saturated:free"
# Hardly ever a token: what an open stream costs by being open.
QUIET = "bench/quiet:free"
QUIET_DELAY_MILLISECONDS = 500
# A short answer at once.
SHORT = "bench/short:free"
SHORT_TOKENS = 20

TOKEN = " token"
# Occurs once in each chunk, on both sides of the proxy alike.
MARKER = f'"content":"{TOKEN}"'

# OpenRouter lists about as many, of which so many are free.
LISTED_MODELS = 350
FREE_MODELS = 40


def _model(identifier, index, is_free):
    price = "0" if is_free else "0.0000015"
    return {
        "id": identifier,
        "canonical_slug": identifier.removesuffix(":free"),
        "name": f"Model {index}",
        "created": 1_750_000_000 + index,
        "description": "What a model is good at, said at the length that is usual. " * 12,
        "context_length": 262_144 - 1024 * (index % 64),
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {"prompt": price, "completion": price},
        "top_provider": {"context_length": 262_144, "max_completion_tokens": 32_768, "is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature", "tools", "tool_choice", "top_p", "seed", "stop"],
    }


def models_list():
    """The body of the upstream's models list."""
    names = [PACED, SATURATED, QUIET, SHORT]
    names += [f"maker-{index % 9}/model-{index}:free" for index in range(FREE_MODELS - len(names))]
    names += [f"maker-{index % 9}/model-{index}" for index in range(LISTED_MODELS - len(names))]
    return json.dumps({"data": [_model(name, index, name.endswith(":free")) for index, name in enumerate(names)]})


def short_script():
    """The same, where every model answers at once."""
    answers = [{"kind": "stream", "content": [TOKEN] * SHORT_TOKENS}]
    return json.dumps({"rules": [{"model": model, "answers": answers} for model in (PACED, SATURATED, QUIET, SHORT)]})


def script():
    """The rules for how the models answer."""

    def rule(model, **answer):
        return {"model": model, "answers": [{"kind": "stream", **answer}]}

    return json.dumps(
        {
            "rules": [
                rule(PACED, unlimited=True, content=[TOKEN], delay_ms=PACED_DELAY_MILLISECONDS),
                rule(SATURATED, unlimited=True, content=[TOKEN]),
                rule(QUIET, unlimited=True, content=[TOKEN], delay_ms=QUIET_DELAY_MILLISECONDS),
                rule(SHORT, content=[TOKEN] * SHORT_TOKENS),
            ]
        }
    )
