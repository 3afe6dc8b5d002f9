"""Tables of plain text."""

from collections.abc import Sequence

from actplot.text import display_width


def padded(cell: str, width: int) -> str:
    """The cell with blanks up to a width in places of a terminal."""
    return cell + " " * (width - display_width(cell))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table as lines with aligned columns."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in rows]
