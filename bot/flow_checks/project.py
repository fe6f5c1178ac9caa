"""What the rules look at: the flows and their YAML, the catalogs with their fuzzy entries, the training examples."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from bot.content import Content
from bot.flow_engine.model import Flow, FlowSet, Words
from bot.flow_engine.problems import Place, Problem
from bot.flow_engine.reading import read_flows
from bot.flow_engine.yaml_nodes import Mapping as YamlMapping
from bot.flow_engine.yaml_nodes import Node, Scalar, Sequence, parse, plain
from bot.languages.catalog import UnreadableCatalog, catalog_path, read_catalog, read_translations, shipped_languages
from bot.languages.supported import SOURCE


@dataclass(frozen=True)
class Example:
    """One line of training data."""

    text: str
    intent: str
    language: str
    place: Place


@dataclass(frozen=True)
class Project:
    """Everything staff edit. `documents` are the flow files as YAML nodes; `intents` tells where each intent of the
    training data first stands; `today` is the day that dates are compared with."""

    content: Content
    documents: Mapping[str, Node] = field(default_factory=dict)
    first_lines: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    today: datetime.date = field(default_factory=datetime.date.today)
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    catalog_files: Mapping[str, str] = field(default_factory=dict)
    intents: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def flows(self) -> FlowSet:
        return self.content.flows

    def sound_flows(self) -> Iterator[Flow]:
        """The flows of files that could be read whole: in others a lost step would look like a fault of the next."""
        broken = {problem.place.file for problem in self.problems if problem.level == "error"}
        yield from (flow for flow in self.flows.flows.values() if flow.place.file not in broken)

    def translated(self) -> Iterator[tuple[str, Words, Message, Place]]:
        """Every text with the translation that is served: (language, English, entry, place in the PO file)."""
        return (entry for entry in self.entries() if not entry[2].fuzzy)

    def entries(self) -> Iterator[tuple[str, Words, Message, Place]]:
        """The same with the fuzzy ones, which are not served."""
        for language, catalog in self.catalogs.items():
            for words in self.unique_texts():
                message = catalog.get(words.text, words.context)
                if message is not None and message.string:
                    yield language, words, message, Place(self.catalog_files[language], message.lineno or 1)

    def unique_texts(self) -> Iterator[Words]:
        """Every text once, though it may stand in several places of a step."""
        seen: set[tuple[str, str]] = set()
        for words in self.flows.texts():
            if (words.context, words.text) not in seen:
                seen.add((words.context, words.text))
                yield words

    def translatable(self) -> Iterator[Words]:
        """The same without those that are nothing but a fact: catalogs do not hold them."""
        return (words for words in self.unique_texts() if not words.is_fact)


def read_project(flows_folder: Path, nlu_folder: Path | None, today: datetime.date | None = None) -> Project:
    """Read everything; what cannot be read is in `problems`."""
    sources = {}
    for path in sorted(flows_folder.glob("*.yml")):
        try:
            sources[f"{flows_folder.name}/{path.name}"] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            continue  # read_flows says so
    flows = read_flows(flows_folder)
    locales = flows_folder / "locales"
    translations = read_translations(locales)
    catalogs, files = {}, {}
    for language in shipped_languages(locales):
        if language != SOURCE:
            try:
                catalogs[language] = read_catalog(locales, language)
            except UnreadableCatalog:
                continue  # read_translations has said so
            files[language] = str(catalog_path(locales, language).relative_to(flows_folder.parent))
    examples, intents, problems = _read_examples(nlu_folder) if nlu_folder else ((), {}, [])
    content = Content(flows, translations)
    return Project(
        content=content,
        documents={file: node for file, source in sources.items() if (node := parse(source, file)[0])},
        first_lines={file: source.partition("\n")[0] for file, source in sources.items()},
        examples=examples,
        today=today or datetime.date.today(),
        catalogs=catalogs,
        catalog_files=files,
        intents=intents,
        problems=(*content.problems, *problems),
    )


def _read_examples(folder: Path) -> tuple[tuple[Example, ...], dict[str, Place], list[Problem]]:
    examples: list[Example] = []
    intents: dict[str, Place] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        node, faults = parse(path.read_text(encoding="utf-8"), f"{folder.name}/{path.name}")
        problems += faults
        blocks = node.get("nlu") if isinstance(node, YamlMapping) else None
        for block in blocks.items if isinstance(blocks, Sequence) else ():
            intent = block.get("intent") if isinstance(block, YamlMapping) else None
            if isinstance(block, YamlMapping) and isinstance(intent, Scalar):
                intents.setdefault(intent.text, intent.place)
                examples += _examples_of(block, intent.text, path.stem)
    return tuple(examples), intents, problems


def _examples_of(block: YamlMapping, intent: str, file_language: str) -> Iterator[Example]:
    text, metadata = block.get("examples"), plain(block.get("metadata"))
    language = metadata.get("language", file_language) if isinstance(metadata, dict) else file_language
    if isinstance(text, Scalar):
        for number, line in enumerate(text.text.split("\n"), start=1):
            example = line.strip().removeprefix("-").strip()
            if example:
                # The block's text begins in the line below its `|`.
                place = Place(text.place.file, text.place.line + number, 7)
                yield Example(example, intent, str(language), place)
