"""Pages for print: everything users wrote is text, and a page stands alone."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.charts import Point, bar_chart, line_chart, nice_step
from fleetcore.kernel.html import element, facts, fragment, page, section, table

NASTY = "<script>alert('x')</script> & \"quoted\""


class _Read(HTMLParser):
    """What a browser finds: the tags in their order, and the text between them."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.said: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the signature is the library's
        """Note a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.said.append(data)

    @property
    def text(self) -> str:
        """All the text."""
        return "".join(self.said)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="\u202e")))
def test_text_is_never_markup(text: str) -> None:
    """Whatever users write is read back as the text that it was, and opens no element."""
    read = _Read(element("p", text, title=text))

    assert ["p"] == read.tags
    assert "".join(c for c in text if c not in "\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069") == read.text


def test_text_cannot_turn_its_surroundings_around() -> None:
    """Control characters and changes of direction do not reach the page."""
    assert "<p>a\ufffdb c</p>" == element("p", "a\x00b \u202ec")


def test_markup_nests() -> None:
    """What the functions return is not escaped again; lists are joined, and None says nothing."""
    assert '<p class="soft"><b>1</b>&lt;2</p>' == element("p", [element("b", 1), "<2"], None, class_="soft")
    assert "ab" == fragment("a", ["b", [None]])


@pytest.mark.parametrize("name", ["onclick", "onLoad", "a b", "x=1"])
def test_attributes_that_run_are_refused(name: str) -> None:
    """A page has no scripts, not even in attributes."""
    with pytest.raises(ValueError, match="not an attribute"):
        element("p", **{name: "alert(1)"})
    with pytest.raises(ValueError, match="not the name"):
        element("p onclick=x")


def test_a_page_stands_alone() -> None:
    """A page names its language and its title, carries its style, and forbids itself to load anything."""
    made = page(NASTY, element("h1", NASTY), language="de")
    read = _Read(made)

    assert made.startswith('<!doctype html>\n<html lang="de">')
    assert ("script" in read.tags, "style" in read.tags, NASTY in read.text) == (False, True, True)
    assert "default-src 'none'" in made
    assert not any(word in made for word in ("http://", "https://", "@import", "url("))


def test_a_style_holds_no_markup() -> None:
    """A style sheet cannot end early."""
    with pytest.raises(ValueError, match="style sheet"):
        page("x", style="</style><script>")


def test_tables_name_their_rows_and_columns() -> None:
    """Headers carry their scope, empty columns are left out, totals stand in the foot."""
    made = table("Costs", ("Day", "Place", "Cost"), [("1 May", "", "9"), ("All", None, "9")], numbers=(2,), totals=1)

    assert '<th scope="col">Day</th><th scope="col" class="number">Cost</th>' in made
    assert '<tfoot><tr><th scope="row">All</th><td class="number">9</td></tr></tfoot>' in made
    assert "Place" not in made


def test_what_is_not_known_is_left_out() -> None:
    """Facts without a value and sections without content do not appear."""
    assert "Plate" not in facts([("Plate", ""), ("Make", "VW")])
    assert "" == section("Services", None)


@pytest.mark.parametrize(("span", "step"), [(100, 25), (7, 2), (0.3, 0.1), (1e6, 250_000), (0, 1), (float("nan"), 1)])
def test_grid_lines_stand_at_round_values(span: float, step: float) -> None:
    """The steps of an axis are numbers that people count in."""
    assert step == pytest.approx(nice_step(span))


def test_charts_say_what_they_show() -> None:
    """A chart has a name and a description, for who does not see it and below it for everyone."""
    made = line_chart(
        [Point(0, 10), Point(1, 20, is_odd=True), Point(2, 30)],
        title="Mileage <1>",
        description="From 10 to 30.",
        y_label=lambda value: f"{value:.0f} km",
        x_marks=[(0, "2024"), (2, "2026")],
    )

    assert 'aria-label="Mileage &lt;1&gt;. From 10 to 30."' in made
    assert ("<figcaption>From 10 to 30.</figcaption>" in made, "30 km" in made, made.count("<circle")) == (
        True,
        True,
        1,
    )


@pytest.mark.parametrize("points", [[], [Point(1, 1)], [Point(1, 1), Point(1, 2)]])
def test_a_line_needs_two_places(points: list[Point]) -> None:
    """Nothing is drawn where there is no line to draw."""
    assert "" == line_chart(points, title="t", description="d", y_label=str, x_marks=[])


def test_long_lines_are_thinned() -> None:
    """A line of thousands of points is drawn with some of them; odd ones stay."""
    points = [Point(i, i % 7, is_odd=i == 4321) for i in range(20_000)]
    made = line_chart(points, title="t", description="d", y_label=str, x_marks=[])

    assert (True, 1) == (len(made) < 20_000, made.count("<circle"))


def test_a_flat_line_and_bars_below_zero_can_be_drawn() -> None:
    """Equal values and negative ones are drawn like others."""
    assert "polyline" in line_chart([Point(0, 5), Point(1, 5)], title="t", description="d", y_label=str, x_marks=[])
    assert 2 == bar_chart([("a", 5), ("b", -5)], title="t", description="d", y_label=str).count("<rect")
    assert "" == bar_chart([], title="t", description="d", y_label=str)
