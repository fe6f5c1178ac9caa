"""From positions to words: the text of a reply, in the resident's language, cut to the channel."""

from __future__ import annotations

from bot.channels import sms
from bot.content import Content
from bot.flow_engine.model import Flow, Step, Words
from bot.flow_engine.state import DialogueState, Utterance
from bot.languages.supported import SOURCE


def reply_text(content: Content, state: DialogueState) -> str:
    """The page of the last reply that `state` points at; past the end, the sentence that says so."""
    writer = _Writer(content, state)
    all_pages = sms.pages(writer.blocks(), writer.phrase("more_hint"))
    if state.page < len(all_pages):
        return all_pages[state.page]
    return sms.as_sent(writer.phrase("no_more"))


def phrase_text(content: Content, name: str, language: str) -> str:
    """One of the bot's own sentences; "" if the content lacks it."""
    phrase = content.flows.phrases.get(name)
    return sms.as_sent(content.text(phrase.say, language)) if phrase else ""


def question(content: Content, flow: Flow, step: Step, language: str, values: dict[str, object]) -> str:
    """The question of a step with its numbered options."""
    lines = [content.text(step.say, language, values)] if step.say else []
    choices = content.choices(step, values)
    lines += [f"{number} {content.text(choice.say, language)}" for number, choice in enumerate(choices, start=1)]
    return "\n".join(lines)


class _Writer:
    def __init__(self, content: Content, state: DialogueState) -> None:
        self.content = content
        self.state = state
        self.language = state.language or SOURCE
        self.fell_back = False

    def blocks(self) -> list[sms.Block]:
        blocks = [sms.Block(self._utterance(utterance), whole=utterance[0] != "step") for utterance in self.state.said]
        if self.fell_back:
            blocks.append(sms.Block(self.phrase("english_only")))
        return [block for block in blocks if block.text]

    def phrase(self, name: str, **values: object) -> str:
        phrase = self.content.flows.phrases.get(name)
        return self._words(phrase.say, **values) if phrase else ""

    def _words(self, words: Words, **values: object) -> str:
        if words.context != "phrases/english_only" and not self.content.translated(words, self.language):
            self.fell_back = True
        return self.content.text(words, self.language, {**self.state.slots, **values})

    def _utterance(self, utterance: Utterance) -> str:
        kind, *where = utterance
        if kind == "phrase":
            return self.phrase(where[0], **self._about(where[1])) if len(where) > 1 else self.phrase(where[0])
        if kind == "offer":
            return phrase_text(self.content, "language_offer", where[0])
        if kind == "topics":
            lines = [*map(self._topic, where), self.phrase("none_of_these")]
            return "\n".join(f"{number} {line}" for number, line in enumerate(lines, start=1))
        flow = self.content.flows.flows.get(where[0])
        step = flow.steps.get(where[1]) if flow else None
        if flow is None or step is None:
            return ""
        if kind == "ask":
            self._note_fallback(step)
            return question(self.content, flow, step, self.language, self.state.slots)
        if kind == "rejected":
            rejection = step.rejections[int(where[2])]
            if rejection.say:
                return self._words(rejection.say)
            return self.phrase(rejection.utter) if rejection.utter else ""
        return self._words(step.say) if step.say else ""

    def _about(self, flow_id: str) -> dict[str, object]:
        signed = self.content.signed(flow_id, self.language)
        return {"topic": self._topic(flow_id), "sources": self.content.sources(flow_id), "signed": signed}

    def _topic(self, flow_id: str) -> str:
        flow = self.content.flows.flows.get(flow_id)
        return self._words(flow.name) if flow else ""

    def _note_fallback(self, step: Step) -> None:
        texts = [step.say, *(choice.say for choice in step.choices)]
        if any(words and not self.content.translated(words, self.language) for words in texts):
            self.fell_back = True
