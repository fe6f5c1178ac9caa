"""The load: which messages are sent in which order, and what the counted ones cost."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.processes import cpu_seconds
from tests.bench.sentences import free_texts
from tests.bench.side import Message, Side, new_sender

ROUNDS = 3
MENU_FRESH = "menu turn, fresh conversation"
TEXT_FRESH = "free text, fresh conversation"
MENU_LATER = "menu turn at turn 50"
TEXT_LATER = "free text at turn 50"
TURNS_BEFORE = 50
# "menu", "3", a free text: seven times, so the turns counted are the 51st to the 71st.
REPEATS_LATER = 7
DIGIT = "3"


@dataclass(frozen=True)
class Step:
    """Messages sent one after the other; with a name they are counted under it."""

    messages: list[Message]
    counts_as: str = ""


@dataclass
class Cost:
    """What the messages of one measure cost."""

    messages: int = 0
    unanswered: int = 0
    cpu: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        return self.cpu / self.messages * 1000

    @property
    def messages_per_cpu_second(self) -> float:
        return self.messages / self.cpu

    def wait_ms(self, percent: int) -> float:
        """The wait that `percent` of the messages stay within."""
        return statistics.quantiles(self.waits, n=100, method="inclusive")[percent - 1] * 1000


def run(side: Side, make_steps: Callable[[], list[Step]]) -> dict[str, Cost]:
    """Measure in several rounds: CPU of the cheapest, as other load only ever adds to it; waits of all."""
    rounds = [_run_once(side, make_steps()) for _ in range(ROUNDS)]
    best: dict[str, Cost] = {}
    for name in rounds[0]:
        costs = [found[name] for found in rounds]
        cheapest = min(costs, key=lambda cost: cost.cpu_ms)
        waits = [wait for cost in costs for wait in cost.waits]
        best[name] = Cost(cheapest.messages, sum(cost.unanswered for cost in costs), cheapest.cpu, waits)
        print(f"    {name}: {best[name].cpu_ms:.2f} ms CPU, p50 {best[name].wait_ms(50):.1f} ms", flush=True)
    return best


def _run_once(side: Side, steps: list[Step]) -> dict[str, Cost]:
    """Send every step; the server's processor time is read before and after each."""
    costs: dict[str, Cost] = {}
    for step in steps:
        requests = [side.request(message) for message in step.messages]
        before = cpu_seconds(side.process.pid)
        answers = [side.send(request) for request in requests]
        used = cpu_seconds(side.process.pid) - before
        if step.counts_as:
            cost = costs.setdefault(step.counts_as, Cost())
            cost.messages += len(answers)
            cost.unanswered += sum(not side.is_answer(answer.body) for answer in answers)
            cost.cpu += used
            cost.waits += [answer.seconds for answer in answers]
    return costs


# --- what is sent -------------------------------------------------------------------------------------


def warm_up(side: Side, count: int) -> None:
    """Messages that are not counted: whatever is loaded or compiled at first use is so now."""
    _run_once(side, [*fresh_texts(count), *fresh_menus(count)])


def fresh_menus(count: int) -> list[Step]:
    """New residents who ask for the menu and then choose; the choice is counted."""
    senders = [new_sender() for _ in range(count)]
    return [Step(_all_send(senders, "menu")), Step(_all_send(senders, DIGIT), MENU_FRESH)]


def fresh_texts(count: int) -> list[Step]:
    """New residents whose first message is a question in their own words."""
    return [Step([Message(new_sender(), text) for text in itertools.islice(free_texts(), count)], TEXT_FRESH)]


def later_turns(count: int) -> list[Step]:
    """Residents after fifty turns who go on with menu, choice and question; choice and question are counted apart."""
    senders = [new_sender() for _ in range(-(-count // REPEATS_LATER))]
    texts = free_texts()
    steps = [Step([Message(sender, text) for sender in senders for text in _mixed_turns(texts, TURNS_BEFORE)])]
    for _ in range(REPEATS_LATER):
        steps.append(Step(_all_send(senders, "menu")))
        steps.append(Step(_all_send(senders, DIGIT), MENU_LATER))
        steps.append(Step([Message(sender, next(texts)) for sender in senders], TEXT_LATER))
    return steps


def menus_after(turns: int, conversations: int, choices: int) -> list[Step]:
    """Residents who have used the menu for so many turns and go on with it; the choices are counted."""
    senders = [new_sender() for _ in range(conversations)]
    before = [Message(sender, ("menu", DIGIT)[turn % 2]) for sender in senders for turn in range(turns)]
    steps = [Step(before)]
    for _ in range(choices):
        steps += [Step(_all_send(senders, "menu")), Step(_all_send(senders, DIGIT), name_after(turns))]
    return steps


def name_after(turns: int) -> str:
    """The name of the measure after so many turns."""
    return f"menu turn at turn {turns:,}"


def _mixed_turns(texts: Iterator[str], turns: int) -> list[str]:
    """A conversation of menu, choice and question in turn."""
    return [("menu", DIGIT, "")[turn % 3] or next(texts) for turn in range(turns)]


def _all_send(senders: list[str], text: str) -> list[Message]:
    return [Message(sender, text) for sender in senders]
