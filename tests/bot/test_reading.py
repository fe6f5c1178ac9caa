"""Reading flow files: the whole language, a CALM file unchanged, and places of everything."""

from bot.content import Content
from bot.flow_checks import check_all
from bot.flow_checks.project import Project
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.model import END
from bot.flow_engine.reading import read_sources
from bot.flow_engine.state import DialogueState
from bot.languages.catalog import Translations

CALM_FLOW = """\
version: "3.1"
flows:
  book_table:
    name: book a table
    description: Books a table in a restaurant.
    if: slots.open_today
    nlu_trigger:
      - intent: book_table
      - intent: {name: reserve, confidence_threshold: 0.8}
    persisted_slots: [seats]
    always_include_in_prompt: false
    metadata: {team: front of house}
    steps:
      - collect: seats
        description: number of people
        ask_before_filling: false
        rejections:
          - if: slots.seats < 1 or slots.seats > 8
            utter: utter_wrong_number
      - collect: borough
        utter: utter_where
        reset_after_flow_ends: false
        next:
          - if: slots.borough is "queens"
            then: far_away
          - if: slots.seats > 4
            then:
              - action: utter_big_table
              - set_slots:
                  - big: true
                next: confirm
          - else: confirm
      - id: far_away
        action: utter_far_away
      - id: confirm
        call: confirm_flow
      - noop: true
        next:
          - if: slots.confirmed
            then: booked
          - else: END
      - id: booked
        action: utter_booked
        next: END
  confirm_flow:
    description: Asks for a yes.
    persisted_slots: [confirmed]
    steps:
      - collect: confirmed
"""
CALM_DOMAIN = """\
version: "3.1"
intents: [book_table, reserve]
slots:
  open_today: {type: bool, initial_value: true, mappings: [{type: controlled}]}
  seats: {type: float, mappings: [{type: from_llm}]}
  big: {type: bool, mappings: [{type: controlled}]}
  confirmed: {type: bool, mappings: [{type: from_llm}]}
  borough:
    type: categorical
    values: [queens, brooklyn]
    mappings: [{type: from_llm}]
responses:
  utter_ask_seats: [{text: How many people?}]
  utter_where:
    - text: Which borough?
      buttons:
        - {title: In Queens, payload: /SetSlots(borough=queens)}
        - {title: In Brooklyn, payload: /SetSlots(borough=brooklyn)}
  utter_wrong_number: [{text: We seat 1 to 8.}]
  utter_big_table: [{text: A big table.}]
  utter_far_away: [{text: "Queens is far."}]
  utter_ask_confirmed: [{text: "Book for {seats}?"}]
  utter_booked:
    - text: Booked.
    - text: It is booked.
      channel: twilio_voice
"""


def calm() -> Content:
    return Content(read_sources({"flows.yml": CALM_FLOW, "domain.yml": CALM_DOMAIN}), Translations())


def test_a_calm_flow_file_is_read_without_a_problem() -> None:
    content = calm()
    assert content.problems == ()
    faults = [problem for problem in check_all(Project(content)) if problem.level == "error"]
    assert [problem.rule for problem in faults] == ["missing-phrase"]


def talk(content: Content, *texts: str) -> list[list[list[str]]]:
    """What is said after each text; the first starts the flow by its intent."""
    state = DialogueState(introduced=True)
    said = []
    for number, text in enumerate(texts):
        ranking = (("book_table", 0.9),) if number == 0 else ()
        state = take_turn(content, state, Heard(text, ranking=ranking))
        said.append(state.said)
    return said


def test_a_calm_flow_runs_as_in_rasa() -> None:
    said = talk(calm(), "a table please", "12", "5", "In Brooklyn", "true")
    assert said[0] == [["ask", "book_table", "1"]]
    assert said[1] == [["rejected", "book_table", "1", "0"], ["ask", "book_table", "1"]]
    assert said[2] == [["ask", "book_table", "2"]]
    assert said[3] == [["step", "book_table", "2.2.1"], ["ask", "confirm_flow", "1"]]
    assert said[4] == [["step", "book_table", "booked"]]


def test_a_branch_to_a_named_step() -> None:
    assert talk(calm(), "a table", "2", "queens")[-1][0] == ["step", "book_table", "far_away"]


def test_a_guard_that_does_not_hold_keeps_a_flow_from_starting() -> None:
    closed = CALM_DOMAIN.replace("initial_value: true", "initial_value: false")
    content = Content(read_sources({"flows.yml": CALM_FLOW, "domain.yml": closed}), Translations())
    assert ["ask", "book_table", "1"] not in talk(content, "a table")[0]


def test_a_voice_variation_is_the_spoken_wording() -> None:
    booked = calm().flows.flows["book_table"].steps["booked"]
    assert booked.say is not None
    assert booked.voice is not None
    assert (booked.say.text, booked.voice.text) == ("Booked.", "It is booked.")


def test_everything_knows_its_place() -> None:
    flow = calm().flows.flows["book_table"]
    assert (flow.place.line, flow.place.column) == (3, 3)
    far_away = flow.steps["far_away"]
    assert (far_away.place.line, far_away.place.column) == (33, 9)
    assert far_away.target_place is not None
    assert (far_away.target_place.line, far_away.target_place.column) == (34, 17)


def test_steps_without_next_follow_each_other_and_the_last_ends() -> None:
    flow = calm().flows.flows["book_table"]
    assert flow.steps["far_away"].next[0].then == "confirm"
    assert flow.steps["booked"].next[0].then == END


def test_yes_and_no_stay_words() -> None:
    flows = read_sources({"phrases.yml": "words:\n  yes: [yes, on]\n  no: [no, off]\n"})
    assert flows.words["yes"].text == "yes | on"
    assert flows.words["no"].text == "no | off"
