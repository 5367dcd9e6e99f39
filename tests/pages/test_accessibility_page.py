"""The page on accessibility says the truth: each claim names the test that proves it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
EVERY = "judges/test_every_page.py::test_"
# How each claim of the page begins, and what proves it.
PROOFS = {
    "The contrast of text": ["judges/test_themes.py::test_every_theme_can_be_read"],
    "Every page is examined by axe-core": [
        EVERY + "axe_finds_nothing_wrong_and_nothing_that_it_cannot_judge",
        "judges/test_states.py::test_what_a_page_becomes_is_judged_like_the_page",
    ],
    "Every page is examined by HTML CodeSniffer": ["judges/pa11y.py::main"],
    "At 320 pixels": [EVERY + "a_page_fits_its_screen_and_its_thumb"],
    "What can be pressed": [EVERY + "a_page_fits_its_screen_and_its_thumb"],
    "The keyboard reaches everything": [
        EVERY + "the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is",
        "judges/test_tasks.py::test_the_main_tasks_need_no_mouse",
    ],
    "Each page has one main heading": [EVERY + "a_page_is_in_order"],
    "Each fault in a form": ["test_forms.py::test_each_fault_stands_at_its_field_and_nothing_typed_is_lost"],
    "Nothing moves": [EVERY + "nothing_moves_for_who_wants_no_motion"],
    "Controls keep their edges": [
        EVERY + "a_page_keeps_its_edges_in_colours_that_the_system_forces",
        EVERY + "a_page_can_be_printed",
    ],
    "Pages that change by themselves": [
        "judges/test_live.py::test_live_updates_can_be_paused_and_the_choice_is_remembered",
        "judges/test_live.py::test_nobody_is_torn_from_what_they_are_doing",
        "judges/test_live.py::test_what_is_being_typed_stays",
    ],
    "Every page can be used without scripts": [
        "judges/test_hostile.py::test_a_page_without_scripts_offers_nothing_that_needs_them",
        "judges/test_hostile.py::test_every_form_works_without_scripts",
    ],
}


def test_each_claim_is_proved_by_a_test_that_exists() -> None:
    """Who claims more, or renames a test, comes by here."""
    page = (files("fleetserver") / "templates" / "help" / "accessibility.html").read_text()
    (checked,) = re.findall(r'id="checked".*?</section>', page, re.DOTALL)
    claims = re.findall(r'<li>\{\{ _\("(.*?)"\) \}\}</li>', checked)
    assert list(PROOFS) == [next((start for start in PROOFS if claim.startswith(start)), claim) for claim in claims]
    for proof in (each for proofs in PROOFS.values() for each in proofs):
        name, _, function = proof.partition("::")
        assert f"\ndef {function}(" in (HERE / name).read_text(), proof
