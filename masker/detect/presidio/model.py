"""A model that knows names, places and companies from their sentence: better, never needed.

It is loaded through Presidio's own configuration of NLP engines, so that what Presidio can load
(spaCy, Stanza, transformers) can be used here. Nothing is downloaded: a model that is not on this
machine is an error that says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import spacy.util
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider

from masker.detect.entities import Entity
from masker.detect.presidio.engine import Failure, Hit
from masker.detect.presidio.quiet import muted
from masker.errors import ConfigError

# What models call their finds; what is not here is not asked for.
_LABELS = {
    "PER": Entity.PERSON,
    "PERSON": Entity.PERSON,
    "persName": Entity.PERSON,
    "LOC": Entity.CITY,
    "GPE": Entity.CITY,
    "placeName": Entity.CITY,
    "ORG": Entity.ORGANIZATION,
    "orgName": Entity.ORGANIZATION,
}
_HAS_A_WORD = r"\p{L}{2}"


class Model:
    """One spaCy pipeline, or one Presidio configuration in a YAML file.

    `model` is the name of an installed package (`en_core_web_md`), a folder that spaCy saved, or
    a YAML file in Presidio's format (`nlp_engine_name`, `models`, `ner_model_configuration`).

    Raises ConfigError when it is not on this machine or cannot be loaded.
    """

    def __init__(self, model: str | Path) -> None:
        with muted():
            provider = _provider(model)
            configuration = provider.nlp_configuration
            _present(configuration)
            try:
                engine = provider.create_engine()
            except Exception as failure:  # noqa: BLE001 - loaders fail in many ways
                raise ConfigError(
                    f"The model `{model}` could not be loaded ({type(failure).__name__}).",
                    code="no-model",
                    help="Was it made for the installed version? `python -m spacy validate` says.",
                ) from None
            self.languages = [each["lang_code"] for each in configuration["models"]]
            registry = RecognizerRegistry(supported_languages=self.languages)
            registry.add_nlp_recognizer(engine)
            self._analyzer = AnalyzerEngine(
                registry=registry, nlp_engine=engine, supported_languages=self.languages
            )
        self._entities = sorted({str(entity) for entity in _LABELS.values()})

    def find(self, texts: pl.Series) -> tuple[list[Hit], list[Failure]]:
        """Return names, places and companies in a String series without nulls."""
        worded = texts.alias("text").to_frame().with_row_index("row")
        hits: list[Hit] = []
        failures: list[Failure] = []
        with muted():
            for row, text in worded.filter(pl.col("text").str.contains(_HAS_A_WORD)).iter_rows():
                for language in self.languages:
                    try:
                        found = self._analyzer.analyze(text, language, entities=self._entities)
                    except Exception as failure:  # noqa: BLE001 - it may hold the text
                        failures.append(Failure(row, "model", type(failure).__name__))
                        continue
                    hits += [
                        Hit(row, each.entity_type, each.start, each.end, each.score, "model")
                        for each in found
                    ]
        return hits, failures


def _provider(model: str | Path) -> NlpEngineProvider:
    path = Path(model)
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise _missing(str(model))
        provider = _read(path)
        if provider is None:
            raise ConfigError(
                f"`{model}` is no configuration of a Presidio NLP engine.",
                code="no-model",
                help="It needs `nlp_engine_name:` and a list `models:`.",
            )
        return provider
    names = {label: str(entity) for label, entity in _LABELS.items()}
    return NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": str(model)}],
            "ner_model_configuration": {
                "model_to_presidio_entity_mapping": names,
                "labels_to_ignore": [],
                "low_score_entity_names": [],
            },
        }
    )


def _read(path: Path) -> NlpEngineProvider | None:
    """Read a configuration as Presidio does; None if it is none."""
    try:
        provider = NlpEngineProvider(conf_file=path)
        models = provider.nlp_configuration["models"]
        if models and all({"lang_code", "model_name"} <= set(each) for each in models):
            return provider
    except Exception:  # noqa: BLE001 - of reading YAML, of its shape, of Presidio's own checks
        return None
    return None


def _present(configuration: dict[str, Any]) -> None:
    """Refuse a spaCy model that is not installed: Presidio would download it."""
    for each in configuration["models"]:
        name = each.get("model_name")
        name = name.get("spacy") if isinstance(name, dict) else name
        if not isinstance(name, str) or not (spacy.util.is_package(name) or Path(name).is_dir()):
            raise _missing(str(name))


def _missing(name: str) -> ConfigError:
    return ConfigError(
        f"There is no model `{name}` on this machine.",
        code="no-model",
        help="Install a spaCy model as a package, or give the folder that one was saved in.",
    )
