"""What is known of the catalog at its defaults, kept in a file, since finding it out takes as long as all pictures.

python -m actplot.gallery.facts        finds it out anew
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from actplot.functions.catalog import CATALOG
from actplot.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actplot.functions.registry import Function
    from actplot.page.entries import Facts

FILE = Path(__file__).with_name("facts.json")


def facts_of(functions: "Sequence[Function]") -> "dict[str, Facts]":
    """What is known of each function, by its name: from the file, or computed for what is not at its defaults."""
    from actplot.page.page import describe

    known = _kept()
    others = [function for function in functions if function.non_default or function.name not in known]
    return {function.name: known[function.name] for function in functions if function.name in known} | describe(
        others, len(others)
    )


@cache
def _kept() -> "dict[str, Facts]":
    return {
        name: [(Text(label_en, label_zh), Text(en, zh)) for label_en, label_zh, en, zh in rows]
        for name, rows in json.loads(FILE.read_text("utf-8")).items()
    }


def main() -> None:
    """Writes the file."""
    from actplot.page.page import describe

    found = describe([entry.bind() for entry in CATALOG.values()], len(CATALOG))
    rows = {name: [[label.en, label.zh, value.en, value.zh] for label, value in facts] for name, facts in found.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(facts, ensure_ascii=False)}" for name, facts in rows.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
