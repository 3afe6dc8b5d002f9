"""What the documents say is true, and said twice: in English and in Chinese."""

import re
import shlex
import tokenize
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import needs_browser
from command import Act, Forks

import actplot

ROOT = Path(__file__).parent.parent
# Each document by its Chinese one. docs/accuracy.md is written by docs/accuracy.py.
TWINS = {ROOT / "README.md": ROOT / "README.zh.md"} | {
    page: page.parent / "zh" / page.name
    for page in sorted((ROOT / "docs").glob("*.md"))
    if not page.stem.startswith("accuracy")
}
TEXTS = {path: path.read_text("utf-8") for pair in TWINS.items() for path in pair}
TEST_COMMAND = 'python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e ".[dev]" && .venv/bin/pytest'
# Those that want a display, or go on until they are stopped.
LIVE = re.compile(r"actplot (explore|gelu$)|.* --(web|inline|show)( |$)")
# A sentence, or four words of one.
ENGLISH = re.compile(r"[A-Za-z][\w'-]*(?: [a-z][\w'-]*){3,}")
# An ideograph.
HAN = re.compile(r"[\u3400-\u9fff]")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def lines(text: str) -> list[str]:
    """Lines of the blocks for a shell, and steps of a CI without their comments."""
    found = [
        line for language in ("sh", "powershell") for block in blocks(text, language) for line in block.splitlines()
    ]
    steps = [line for block in blocks(text, "yaml") for line in block.splitlines()]
    return found + [step.removeprefix("- run: ").partition("   #")[0] for step in steps]


def tables(text: str) -> list[list[str]]:
    """The tables of a document, each as its rows."""
    bare = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [found.splitlines() for found in re.findall(r"(?:^\|.*\|\n)+", bare, re.MULTILINE)]


def in_tables(text: str) -> list[str]:
    return re.findall(r"^\| `(actplot [^`]+)` \|", text, re.MULTILINE)


def commands(text: str) -> list[str]:
    """What can be run of a document, in its order."""
    found = {each: text.index(each) for each in (*in_tables(text), *lines(text)) if each.startswith("actplot ")}
    return [each for each in sorted(found, key=lambda each: found[each]) if not LIVE.match(each)]


def files(text: str) -> dict[str, str]:
    """The files of Python that a document shows, whose first line is their name."""
    return {match[1]: block for block in blocks(text, "python") if (match := re.match(r"# (\w+\.py)\n", block))}


def examples(text: str) -> list[str]:
    return [block for block in blocks(text, "python") if block not in files(text).values()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


in_each = pytest.mark.parametrize("document", TWINS, ids=name)
in_each_of_both = pytest.mark.parametrize("document", TEXTS, ids=name)


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    for document in ("README.md", "README.zh.md", "CONTRIBUTING.md", ".ci/run"):
        assert TEST_COMMAND in (ROOT / document).read_text("utf-8").splitlines()


@in_each_of_both
def test_commands_can_be_pasted_into_any_shell(document: Path) -> None:
    """cmd and zsh take no comments, cmd no single quotes; PowerShell makes lists of commas, and drops lone braces."""
    pasted = [each for each in (*in_tables(TEXTS[document]), *lines(TEXTS[document])) if "actplot " in each]
    assert len(pasted) >= 5
    for line in pasted:
        bare = re.sub(r'"[^"]*"', "", line)
        assert not re.search(r"[#'`;{}$%^!*?()<>|]", bare), line
        assert not re.search(r"(?<!\S)[^\s]*,", bare), line


CHINESE = "zh_CN.UTF-8"  # a locale


def cheap(command: str) -> list[str]:
    """A command as words, with less to draw where that takes long: whole galleries and animations have tests of their own."""
    words = shlex.split(command)[1:]
    if words[0] == "gallery" and "--check" not in words and not set(words) & set(actplot.CATALOG):
        words += ["relu", "tanh"]
    words += ["--frames", "2"] if "--animate" in words else []
    # Processes of their own would load torch again.
    return words + (["--jobs", "1"] if {"gallery", "float32"}.intersection(words) else [])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for what is kept between commands."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    "document",
    [pytest.param(page, marks=() if page.parent == ROOT else pytest.mark.slow, id=name(page)) for page in TWINS],
)
def test_commands_work_one_after_another(
    document: Path, act: Act, warm: Forks, tmp_path: Path, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTPLOT_CACHE", cache)
    monkeypatch.setenv("LC_ALL", CHINESE)
    text = TEXTS[document]
    shown = files(text) or files(TEXTS[ROOT / "docs" / "own-functions.md"])
    for file, content in shown.items():
        (tmp_path / file).write_text(content)
    known = [] if document.name == "README.md" else commands(TEXTS[ROOT / "README.md"])
    new = [command for command in commands(text) if command not in known]
    assert len(new) > 3
    for command in new:
        # JAX has threads, and a process that has loaded it cannot be forked any more.
        loads_jax = "--frameworks" in command or "jax" in command
        done = warm(*cheap(command), cwd=tmp_path, LC_ALL=CHINESE) if loads_jax else act(*cheap(command))
        assert done.code == 0, (command, done.err)
        # Who reads only Chinese meets no sentence in English.
        if not {"en", "--json"}.intersection(command.split()):
            out = done.out.decode() if isinstance(done.out, bytes) else done.out
            told = re.sub(r"actplot .*", "", out + done.err)
            assert not ENGLISH.search(told), (command, told)


@in_each
def test_examples_in_python_work(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for example in examples(TEXTS[document]):
        names: dict[str, object] = {}
        exec(example, names)
        for saved in re.findall(r'"([\w-]+\.\w+)"\)', example):
            assert (tmp_path / saved).stat().st_size > 10_000
        if "dy" in names:
            assert np.array_equal(names["dy"], actplot.evaluate("elu", [-1.0, 0.0, 1.0], alpha=2.0)[1])  # type: ignore[arg-type]


@needs_browser
def test_link_and_script_of_the_course_page_work(chromium: Any, tmp_path: Path) -> None:
    text = TEXTS[ROOT / "docs" / "course.md"]
    (link,), (script,) = blocks(text, "text"), blocks(text, "js")
    page = tmp_path / "elu.html"
    actplot.page(actplot.sample("elu", alpha=2.0), lang="zh").save(page)
    chromium.get(f"{page.as_uri()}#{link.strip().partition('#')[2]}")
    WebDriverWait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait  # noqa: N806 - a class
    WebDriverWait(chromium, 10).until(lambda _: chromium.execute_script("return Boolean(globalThis.actplot)"))
    shown = chromium.execute_script("return actplot.state")
    assert shown["functions"] == [{"name": "elu", "parameters": {"alpha": 0.5}}, {"name": "silu", "parameters": {}}]
    assert (shown["range"], shown["order"], shown["lang"]) == ([-4, 4], 2, "en")
    evaluate, breaks, state = script.splitlines()
    expected = actplot.evaluate("elu", [-1.0, 0.0, 1.0], alpha=2.0)
    np.testing.assert_allclose(chromium.execute_script(f"return {evaluate}"), expected, rtol=1e-12)
    assert [each["x"] for each in chromium.execute_script(f"return {breaks}")] == [0]
    chromium.execute_script(state)
    shown = chromium.execute_script("return actplot.state")
    assert (shown["functions"], shown["range"]) == ([{"name": "gelu", "parameters": {}}], [-3, 3])


def test_the_documents_have_examples_in_python() -> None:
    assert {name(path) for path in TWINS if examples(TEXTS[path])} >= {"README.md", "docs/paper.md", "docs/course.md"}


@in_each_of_both
def test_every_link_leads_somewhere(document: Path) -> None:
    text = TEXTS[document]
    for link in re.findall(r"\]\(([^):]+)\)", text):
        path, _, place = link.partition("#")
        assert not path or (document.parent / path).exists(), link
        assert not place or path or place in anchors(text), link


def anchors(text: str) -> set[str]:
    """What forges make of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@in_each_of_both
def test_a_document_leads_to_its_twin_and_back(document: Path) -> None:
    other = {**TWINS, **{chinese: english for english, chinese in TWINS.items()}}[document]
    links = re.findall(r"\]\(([^)#:]+)\)", TEXTS[document].partition("\n## ")[0])
    assert other.resolve() in {(document.parent / link).resolve() for link in links}


def without_comments(block: str) -> list[str]:
    """The tokens of Python without comments, which are translated."""
    skipped = {tokenize.COMMENT, tokenize.NL}
    return [token.string for token in tokenize.generate_tokens(StringIO(block).readline) if token.type not in skipped]


@pytest.mark.parametrize(("english", "chinese"), TWINS.items(), ids=map(name, TWINS))
def test_both_languages_have_the_same_commands_code_and_tables(english: Path, chinese: Path) -> None:
    en, zh = TEXTS[english], TEXTS[chinese]
    assert in_tables(zh) == in_tables(en)
    assert lines(zh) == lines(en)
    for language in ("sh", "powershell", "tex", "html", "js", "text"):
        assert blocks(zh, language) == blocks(en, language)
    assert list(map(without_comments, blocks(zh, "python"))) == list(map(without_comments, blocks(en, "python")))
    assert [len(table) for table in tables(zh)] == [len(table) for table in tables(en)]
    for ours, theirs in zip(tables(en), tables(zh), strict=True):
        for row, translated in zip(ours[2:], theirs[2:], strict=True):
            for pattern in (r"`[^`]+`", r"\d+(?:[.,]\d+)*"):  # code and figures
                assert sorted(re.findall(pattern, translated)) == sorted(re.findall(pattern, row)), translated
    assert pictures(zh) == pictures(en)
    assert len(re.findall(r"^#+ ", zh, re.MULTILINE)) == len(re.findall(r"^#+ ", en, re.MULTILINE))
    assert len(re.findall(r"^\* ", zh, re.MULTILINE)) == len(re.findall(r"^\* ", en, re.MULTILINE))


def pictures(text: str) -> list[str]:
    """Names of the files of pictures; that of a Chinese one is the name of the English one with -zh."""
    return [Path(path).name.replace("-zh.", ".") for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]


@pytest.mark.parametrize("chinese", TWINS.values(), ids=name)
def test_chinese_documents_are_chinese(chinese: Path) -> None:
    """No sentence is left in English, and punctuation between ideographs is as wide as they are."""
    text = re.sub(r"^```.*?^```", "", TEXTS[chinese], flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`", "x", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for line in text.splitlines():
        assert not ENGLISH.search(line), line
        assert not re.search(rf"{HAN.pattern}\s*[,;:?!]|{HAN.pattern}\.(?!\w)", line), line
        assert not re.search(rf"{HAN.pattern} {HAN.pattern}", line), line
        # Markdown closes no emphasis between punctuation and a letter.
        assert not re.search(r"[，。：；、？！）]\*\*\w", line), line
