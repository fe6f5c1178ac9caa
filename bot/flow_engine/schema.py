"""The grammar as a JSON Schema, by which editors complete, explain and mark what is written in a flow file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.flow_engine import grammar
from bot.flow_engine.grammar import Key
from bot.scheduling.clinics import BOROUGHS

_Schema = dict[str, Any]


def flow_file_schema() -> _Schema:
    """JSON Schema (draft 7) of a file in flows/."""
    sections = {section.name: _section(section) for section in grammar.SECTIONS}
    rest = {name: {"description": "Of a Rasa domain; has no meaning here."} for name in sorted(grammar.DOMAIN_KEYS)}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A file of the hotline's flows",
        "type": "object",
        "properties": {**sections, **rest},
        "additionalProperties": False,
        "definitions": {
            "text": {"type": ["string", "number", "boolean"]},
            "texts": {"anyOf": [_ref("text"), {"type": "array", "items": _ref("text")}]},
            "words": {"type": "array", "items": _ref("text")},
            "word": {"type": "string"},
            "condition": {"type": ["string", "boolean"], "minLength": 1},
            "date": {"anyOf": [{"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}, {"type": "null"}]},
            "signature": {"type": ["string", "null"]},
            "switch": {"type": "boolean"},
            "anything": {},
            "slot type": {"enum": list(grammar.SLOT_TYPES)},
            "flow": _object(grammar.FLOW),
            "metadata": _object(grammar.METADATA, closed=False),
            "steps": {"type": "array", "minItems": 1, "items": _ref("step")},
            "step": {"anyOf": [_step(kind, keys) for kind, keys in grammar.STEPS.items()]},
            "choices": {"type": "array", "minItems": 1, "items": _object(grammar.CHOICE)},
            "branches": {"type": "array", "minItems": 1, "items": _object(grammar.BRANCH)},
            "destination": {"anyOf": [_ref("word"), _ref("step"), _ref("steps")]},
            "next": {"anyOf": [_ref("word"), _ref("branches")]},
            "assignments": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
            "rejections": {"type": "array", "items": _object(grammar.REJECTION)},
            "triggers": {"type": "array", "items": _trigger()},
            "slot": _object(grammar.SLOT),
            "fact": _object(grammar.FACT),
            "phrase": _object(grammar.PHRASE),
            "voice": _object(grammar.VOICE),
            "clinic": _object(grammar.CLINIC),
            "borough": {"enum": list(BOROUGHS)},
            "schedules": {"type": "array", "minItems": 1, "items": _object(grammar.SCHEDULE)},
        },
    }


def _section(section: Key) -> _Schema:
    content = {
        "flows": _ref("flow"),
        "facts": _ref("fact"),
        "phrases": _ref("phrase"),
        "wordlists": _ref("words"),
        "slots": _ref("slot"),
        "voices": _ref("voice"),
        "clinics": _ref("clinic"),
        "responses": {"type": "array", "items": {"type": "object"}},
    }[section.form]
    return {"description": section.about, "type": "object", "additionalProperties": content}


def _step(kind: str, keys: Iterable[Key]) -> _Schema:
    schema = _object([*keys, *grammar.EVERY_STEP])
    return {**schema, "title": kind, "required": [kind]}


def _trigger() -> _Schema:
    named = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The intent."},
            "confidence_threshold": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "How sure the model has to be, from 0 to 1.",
            },
        },
        "required": ["name"],
    }
    intent = {
        "description": "The intent that starts the topic; its examples stand in nlu_data.",
        "anyOf": [{"type": "string"}, named],
    }
    return {
        "type": "object",
        "properties": {"intent": intent},
        "required": ["intent"],
        "additionalProperties": False,
    }


def _object(keys: Iterable[Key], closed: bool = True) -> _Schema:
    keys = list(keys)
    schema: _Schema = {
        "type": "object",
        # A description beside $ref is not shown by editors of draft 7; `allOf` keeps both.
        "properties": {key.name: {"description": key.about, "allOf": [_ref(key.form)]} for key in keys},
        "additionalProperties": not closed,
    }
    if required := [key.name for key in keys if key.required]:
        schema["required"] = required
    return schema


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/definitions/{name}"}
