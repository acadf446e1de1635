"""Where the column names stand: the best row near the top, or two rows that say it together.

Reports put titles above the header and split it: ``Invoice`` over ``number`` and ``date``, in a
cell merged over both. Then each name is tried alone and behind the group it stands under.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

LOOKED_AT = 30

Score = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Header:
    """The column names of a file.

    Attributes:
        row: Index of the first row that holds them.
        rows: How many rows they take, 1 or 2.
        names: Made unique; an empty one becomes ``column_<n>``.
    """

    row: int
    rows: int
    names: tuple[str, ...]


def find(table: Sequence[Sequence[str]], score: Score) -> Header | None:
    """Find the header among the first rows; ``None`` when there is no row at all."""
    near = table[:LOOKED_AT]
    if not any(cell.strip() for row in near for cell in row):
        return None
    filled = [place for place, row in enumerate(near) if any(cell.strip() for cell in row)]
    single = max(filled, key=lambda place: (score(near[place]), -place))
    best = score(near[single])
    for place in filled:
        if place and score(joined(near[place - 1], near[place], score)) > best:
            best = score(joined(near[place - 1], near[place], score))
            single = -place
    if single < 0:
        return at(table, -single - 1, 2, score)
    return at(table, single, 1, score)


def at(table: Sequence[Sequence[str]], row: int, rows: int, score: Score) -> Header | None:
    """Read the header at a given place; ``None`` when there are fewer rows."""
    if len(table) < row + rows:
        return None
    names = table[row] if rows == 1 else joined(table[row], table[row + 1], score)
    return Header(row, rows, unique(names))


def joined(above: Sequence[str], below: Sequence[str], score: Score) -> list[str]:
    """Join two rows of names: a name alone if it says enough, else behind its group."""
    names = []
    group = ""
    for place, name in enumerate(below):
        own = above[place].strip() if place < len(above) else ""
        group = own or group
        name = name.strip()
        both = f"{group} {name}".strip()
        if not name:
            names.append(own)
        else:
            names.append(both if score([both]) > score([name]) or _is_clearer(both, name) else name)
    return names


def _is_clearer(both: str, name: str) -> bool:
    """Whether the group says which date, number or amount a one-word name is."""
    return name.casefold() in _VAGUE and both != name


_VAGUE = frozenset(["date", "number", "no", "no.", "datum", "nummer", "nr", "nr.", "name", "code"])


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Give columns that share a name, or have none, names of their own."""
    result: list[str] = []
    for index, name in enumerate(names, start=1):
        plain = " ".join(name.split()) or f"column_{index}"
        tried, count = plain, 1
        while tried in result:
            count += 1
            tried = f"{plain}_{count}"
        result.append(tried)
    return tuple(result)


def header_sha256(header: Iterable[str]) -> str:
    """Identify files of the same kind: the hash of their column names, in order."""
    return sha256("\x1f".join(header).encode()).hexdigest()
