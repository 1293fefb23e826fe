"""Golden case 13 in Python: descriptions of all sorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Doc, MaxLen, Optional, PrintColumn, resource


@dataclass(kw_only=True)
class Page:
    """Page is one page."""

    text: str | None = None
    """Text on the page."""
    bare: str | None = None


Pages = Annotated[
    dict[str, Page], Doc("Pages is a map of pages\n\nwith a comment of two paragraphs.")
]


@dataclass(kw_only=True)
class Grouped:
    """Grouped has its comment inside of the parentheses."""

    a: str | None = None


Spread = Annotated[str, MaxLen(5), Doc("Spread has its marker in another comment above its own.")]


@dataclass(kw_only=True)
class Silent:
    a: str | None = None


@dataclass(kw_only=True)
class Block:
    """
    Block has a comment of the other kind.

    It has an indented line,
    - and a bullet,
    and ends here.
    """

    one: str | None = None
    """On one line."""
    several: str | None = None
    """
    Over several
    lines, each
    trimmed.

    +kubebuilder:validation:MaxLength=3
    """


@dataclass(kw_only=True)
class ProseSpec:
    """ProseSpec has one oddity per field."""

    above: str | None = None
    and_: str | None = None
    """& and"""
    at: str | None = None
    """@ at"""
    back_first: str | None = None
    """`Quoted` at the start."""
    backslash: str | None = None
    """C:\\path\\to and \\n"""
    bang: str | None = None
    """! bang"""
    block: Block | None = None
    both_sides: str | None = None
    """Both above"""
    brace: str | None = None
    """{map}"""
    bracket: str | None = None
    """[list]"""
    colon: str | None = None
    """key: value"""
    colon_inside: str | None = None
    """Time 12:30 and url http://example.org:80/ have colons without spaces."""
    colon_last: str | None = None
    """Ends with a colon:"""
    comma: str | None = None
    """, comma"""
    cut: str | None = None
    """Shown."""
    cut_abbreviation: str | None = None
    """Abbreviations, e.g. this one, look like a full stop here"""
    cut_hard: str | None = None
    """0123456789012345678901234567890123456789012345678901234567890"""
    cut_ideographs: str | None = None
    """春が来た。 それから夏が来て、秋も来た。そして冬になった。"""
    cut_lines: str | None = None
    """A line that is followed by
    a second line, which has no full stop"""
    cut_not: str | None = None
    """Exactly fifty characters long, no more and no less"""
    cut_question: str | None = None
    """Is this a question? Then it ends at the question mark"""
    cut_rune: str | None = None
    """☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃"""
    cut_sentence: str | None = None
    """A sentence. Then another one that is cut off somewhere here."""
    cut_version: str | None = None
    """Version 1.2.3 of the thing has more than fifty characters"""
    cut_word: str | None = None
    """No full stop at all so that the cut is after a word"""
    dash: str | None = None
    """- dash"""
    date: str | None = None
    """2024-01-01"""
    dots: str | None = None
    """... dots"""
    emoji_lines: str | None = None
    """An emoji on 🚀
    two lines."""
    empty_lines: str | None = None
    """Empty lines before,

    between and after."""
    fence: str | None = None
    """Code in a fence, in which nothing is left out:
    ```yaml
    TODO: stays
    ---
    key: value
    ```
    After the fence."""
    greater: str | None = None
    """> folded"""
    grouped: Grouped | None = None
    groups: Annotated[str | None, MaxLen(2)] = None
    """Only the last comment is the description, and of the others only the last one's \
markers count."""
    hash: str | None = None
    """Before #after"""
    hash_first: str | None = None
    """# at the start"""
    hash_space: str | None = None
    """Before # after"""
    html: str | None = None
    """<b>HTML</b> &amp; such"""
    indented: Annotated[str | None, Doc("  Three spaces in front.")] = None
    indented_code: Annotated[
        str | None,
        Doc(
            "Code, indented with a tab:\n\n\tfor i := range items {\n\t\tfmt.Println(i)\n\t}\n\n"
            "After the code."
        ),
    ] = None
    indented_first: Annotated[str | None, Doc("  Three spaces in front\nand one here.")] = None
    invisible: str | None = None
    """A\u00a0hard space, a\u200bzero width one, an\u00adoft hyphen and a\u2028line separator."""
    list: str | None = None
    """A list:
    - first
      with more
    - second
      - nested
    * star
    1. one
    2. two"""
    list2: list[Page] | None = None
    long: str | None = None
    """This line is longer than eighty characters and therefore it is folded at a \
space, as plain text, once or even more than once if need be."""
    long_both: str | None = None
    """"This" line is longer than eighty characters and has "double" quotes in it, \
'single' ones too, and then some more words."""
    long_cut: Annotated[str | None, Doc("Shown.\n")] = None
    long_emoji: str | None = None
    """This line is longer than eighty characters, has an emoji 🚀 and is therefore \
folded between double quotes with escapes."""
    long_lines: str | None = None
    """This line is longer than eighty characters but it is followed by another line,
    so neither of the two is folded, although this one is long as well, in fact it is much \
longer."""
    long_quoted: str | None = None
    """This: line is longer than eighty characters and needs quotes, so it is folded \
as well but between the quotes."""
    long_spaces: str | None = None
    """Two  spaces  here  and  there  make  folding  harder,  for  a  fold  stands  \
for  one  space  only,  not  for  two."""
    long_u_r_l: str | None = None
    """https://example.org/a/very/long/address/that/cannot/be/folded?because=it&has=no&spaces=in&it=at&all=true"""
    long_word: str | None = None
    """ThisLineHasNoSpaceAtAllAndCannotBeFoldedAlthoughItIsMuchLongerThanEightyCharactersWhichIsAPity."""
    map: dict[str, Page] | None = None
    markers: Annotated[str | None, MaxLen(10)] = None
    """Markers between
    the lines
    of a comment."""
    no_cut: str | None = None
    """Shown.
    -- two dashes do not cut
     --- nor does an indented line"""
    no_space: str | None = None
    """No space after the slashes.
    Nor here."""
    null: str | None = None
    """null"""
    number: str | None = None
    """42"""
    one_line: str | None = None
    """One line."""
    only_markers: str | None = None
    only_todo: str | None = None
    open_fence: str | None = None
    """A fence that never ends:
    ```
    ---
    TODO stays"""
    own: Page | None = None
    """The field has the last word."""
    page: Page | None = None
    pages: Pages | None = None
    paragraphs: str | None = None
    """Two paragraphs.

    This is the second."""
    percent: str | None = None
    """% percent"""
    pipe: str | None = None
    """| literal"""
    plus: str | None = None
    """Lines with a plus look like markers and are lost:
    so only this remains."""
    question: str | None = None
    """? question"""
    quote_first: str | None = None
    """"Quoted" at the start."""
    quotes: str | None = None
    """Quotes: "double", 'single' and `back`."""
    silent: Silent | None = None
    single_first: str | None = None
    """'Quoted' at the start."""
    space_code: str | None = None
    """Code, indented with spaces:

        spec:
          size: 1

    After the code."""
    spread: Spread | None = None
    star: str | None = None
    """* star"""
    tab: Annotated[str | None, Doc("\tA tab in front.")] = None
    tab_in_lines: Annotated[str | None, Doc("A tab\tinside\nof two lines.")] = None
    tab_inside: Annotated[str | None, Doc("A tab\tinside.")] = None
    todo: str | None = None
    """Before.
    and the next line of a to-do stays.
     TODO: an indented one stays
    FIXME: stays
    After."""
    trailing: str | None = None
    """Trailing spaces are cut off.
    Here too.

    End."""
    true: str | None = None
    """true"""
    two_lines: str | None = None
    """Two lines, of which
    this is the second."""
    unicode: str | None = None
    """Grüße aus Köln, 日本語, Ελληνικά, עברית, 🚀 and ½."""
    waves: str | None = None
    """Code in waves:
    ~~~
    TODO stays
    ~~~"""


@resource(
    group="prose.example.org",
    version="v1",
    columns=[
        PrintColumn(
            "A: b # c",
            path='.spec["oneLine"]',
            type="string",
            description="Quotes: \"double\" and 'single', over a length that is more than "
            "eighty characters in total",
        )
    ],
)
@dataclass(kw_only=True)
class Prose(CustomResource[ProseSpec, None]):
    """Prose is a kind with much text.

    Its comment goes on after a marker.
    """

    spec: Annotated[ProseSpec, Optional]
