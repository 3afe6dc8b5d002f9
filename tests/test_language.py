"""Every word that is said stands in the code in English and Chinese, and is said in the language that is spoken."""

import ast
import builtins
import ctypes
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from command import SMALL, Act, environment, run, script
from hypothesis import example, given
from hypothesis import strategies as st

import actplot
from actplot import errors
from actplot.cli.app import command_group
from actplot.errors import ActplotError, BadValue
from actplot.functions import source
from actplot.functions.catalog import CATALOG
from actplot.language import Language, Text, language_of_command, speaking
from actplot.text import display_width, line_breaks, narrow

ROOT = Path(actplot.__file__).parent
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ActplotError)}
CHINESE = re.compile("[\u4e00-\u9fff]")
# A mark of English between Chinese words.
HALF_WIDTH = re.compile("[\u4e00-\u9fff][,;()!?]|[,;()!?][\u4e00-\u9fff]")


@cache
def modules() -> dict[Path, ast.Module]:
    """The code, parsed."""
    return {path: ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}


@cache
def calls() -> list[tuple[str, ast.Call, str]]:
    """Each call by a name in the code: where it stands, the call, the name."""
    return list(_calls())


def _calls() -> Iterator[tuple[str, ast.Call, str]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, name


def written(node: ast.expr) -> str | None:
    """A text as it is written, with {} for what it is filled with; None for anything but a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (written(node.left) or "") + (written(node.right) or "")
    return None


@cache
def texts() -> list[tuple[Any, ...]]:
    """Each text of both languages: where it stands, English, Chinese."""
    return [
        (place, *map(written, call.args)) for place, call, name in calls() if name == "Text" and len(call.args) == 2
    ]


def test_what_is_raised_and_said_is_in_both_languages() -> None:
    """A plain string where words for the user belong would be in one."""
    takers = {*ERRORS, "did_you_mean", "say", "Invalid"}
    found = [(place, call) for place, call, name in calls() if name in takers]
    assert len(found) > 200
    for place, call in found:
        words = call.args[2:] if getattr(call.func, "id", "") == "did_you_mean" else call.args
        assert words or call.keywords, place
        for each in words:
            assert written(each) is None, f"{place}: {ast.unparse(each)} needs both languages"


def test_nothing_is_raised_that_a_user_would_read_in_english() -> None:
    """Errors of Python are raised for whoever changes the code alone: in a declaration, or to be caught."""
    own = {*ERRORS, "Invalid", "_Refused"}
    for path, tree in modules().items():
        if "cli" in path.parts:
            for node in ast.walk(tree):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                    name = getattr(node.exc.func, "id", getattr(node.exc.func, "attr", ""))
                    is_builtin = isinstance(getattr(builtins, name, None), type)
                    assert name in own or not is_builtin or name == "KeyboardInterrupt", f"{path}:{node.lineno}: {name}"


def test_help_texts_are_in_both_languages() -> None:
    for place, call, name in calls():
        if name in ("option", "argument", "_figure", "_output"):
            words = {keyword.arg: keyword.value for keyword in call.keywords}
            if place.startswith("cli/words.py"):
                continue
            assert written(words["help"]) is None, place
            for each in ("metavar", "default"):
                text = written(words[each]) if each in words else None
                assert text is None or not re.search("[a-z]{2} ", text), f"{place}: {text} needs both languages"
    assert not [
        place
        for place, call, _ in calls()
        if ast.unparse(call.func) in ("typer.Option", "typer.Argument") and not place.startswith("cli/words.py")
    ]


def test_nothing_is_printed_in_one_language() -> None:
    for place, call, name in calls():
        if name == "print" and place.startswith("cli"):
            for each in call.args:
                words = (written(each) or "").replace("actplot", "")
                assert not re.search("[A-Za-z]{2}", words), f"{place}: {words}"


def test_chinese_texts_are_chinese() -> None:
    assert len(texts()) > 700
    for place, en, zh in texts():
        if zh is None or en is None:  # made of other texts
            continue
        assert not HALF_WIDTH.search(zh), f"{place}: {zh}"
        assert not CHINESE.search(en) or en == "中文", f"{place}: {en}"
        is_prose = re.search("[a-z]{2,} [a-z]{2,}", en)
        assert CHINESE.search(zh) or not is_prose, f"{place}: {zh}"


def test_the_texts_of_the_page_are_chinese() -> None:
    words = (ROOT / "page/js/words.js").read_text("utf-8")
    found = re.findall(r"zh:\s*(?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\")", words)
    assert len(found) > 90
    for one, other in found:
        assert not HALF_WIDTH.search(one or other), one or other


def pages() -> Iterator[tuple[str, Any, Any]]:
    """Every command by its words, with its context, in the language that is spoken."""
    group = command_group()
    root = typer.Context(group, info_name="actplot")
    yield "actplot", group, root
    for name in [*group.list_commands(root), *CATALOG]:
        command = group.get_command(root, name)
        yield name, command, typer.Context(command, info_name=name, parent=root)


def shown(language: Language) -> dict[str, list[str]]:
    """What the help of each command says, by the command and its options."""
    with speaking(language):
        found = {}
        for name, command, context in pages():
            found[name] = [command.help, *(param.help for param in command.get_params(context))]
        return found


def test_help_is_spoken_in_both_languages() -> None:
    english, chinese = shown("en"), shown("zh")
    assert english.keys() == chinese.keys()
    assert len(english) > 80
    for name, words in chinese.items():
        for en, zh in zip(english[name], words, strict=True):
            assert CHINESE.search(zh), (name, zh)
            assert not HALF_WIDTH.search(re.sub(r"\[/?dim\]", "", zh)), (name, zh)
            assert not CHINESE.search(en), (name, en)


@pytest.mark.parametrize(
    "command", ["", "elu", "gallery", "audit", "boundary", "again", "explore", "compare", "plot", "info"]
)
def test_no_type_of_python_stands_in_a_page_of_help(command: str, act: Act) -> None:
    page = act(*command.split(), "--help").out
    assert "--help" in page
    assert not re.search(r"<(bool|str|int|float|list|tuple)", page)


@pytest.mark.parametrize("shell", ["bash", "tcsh"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_completion_of_a_shell_is_told_in_both_languages(
    shell: str, language: Language, act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, shell))
    monkeypatch.setenv("ACTPLOT_LANG", language)
    installed = act("--install-completion")
    assert installed.code == (0 if shell == "bash" else 1)
    assert bool(CHINESE.search(installed.out + installed.err)) == (language == "zh")
    script = tmp_path / ".bash_completions" / "actplot.sh"
    assert script.is_file() == (shell == "bash") == (str(script) in installed.out)
    if shell == "tcsh":
        unknown = act("--show-completion")
        assert (unknown.code, unknown.out, unknown.err) == (1, "", installed.err)


@pytest.mark.parametrize("words", [["--help"], ["elu", "--help"], ["audit", "--help"], ["info", "--help"], []])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_page_of_help_is_chinese_and_loses_nothing(
    words: list[str], columns: int, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTPLOT_LANG", "zh")
    monkeypatch.setenv("COLUMNS", str(columns))
    page = act(*words).out
    assert max(map(display_width, page.splitlines())) <= columns
    assert "…" not in page
    cells = [line.strip("│ ").rpartition("  ")[2] for line in page.splitlines()]
    assert not [cell for cell in cells if cell[:1] in set("，。、；：）")]
    for word in ("bfloat16", "float64", "matplotlib"):
        assert page.count(word) == len(re.findall(word, re.sub(r"[\s│]+", "", page)))
    for english in ("Usage", "Options", "Commands", "Show ", "default:", "Figure", "Install "):
        assert english not in page
    assert "用法：" in page
    monkeypatch.setenv("ACTPLOT_LANG", "en")
    assert not CHINESE.search(act(*words).out)


@given(
    st.lists(st.sampled_from(["函数", "导数，", "bfloat16、", "（磅）", "float64 ", "。[默认：", "x"])),
    st.integers(14, 40),
)
@example(
    ["函数", "函数", "bfloat16、", "x", "bfloat16、", "。[默认：", "float64 "], 29
)  # blanks at the end need no line
@example(["导数，", "float64 ", "。[默认："], 14)
def test_lines_are_broken_where_chinese_may_be(parts: list[str], width: int) -> None:
    text = re.sub(r"(?<=[，。、：（）x])(?=[，。、）x])|^(?=。)", "值", "".join(parts))
    lines = [text[start:end] for start, end in pairwise([0, *line_breaks(text, width), len(text)])]
    for line in lines:
        assert display_width(line.rstrip(" ")) <= width
    for line, following in pairwise(lines):
        assert following[0] not in "，。、：）"
        assert line[-1] not in "（["
        assert not (line[-1].isascii() and line[-1].isalnum() and following[0].isascii() and following[0].isalnum())


WRONG = [
    "relu --nope 1",
    "relu --rang 1 2",
    "relu --range 5",
    "relu gelu",
    "--range 1 2",
    "relu --samples many",
    "relu --at here",
    "relu --show=3",
    "relu --quiet=3",
    "plot",
    "sigmod",
    "relu --range 5 -5",
    "plot sin(x",
    "plot sin(x]",
    "plot 0777",
    "plot y.z(x)",
    "plot relu(x,1,2)",
    "plot 1~2",
    "elu --alpha -1",
    "again",
    "again nothing.png",
    "info",
    "info nothing.py:f",
    "compare",
    "boundary --epochs 0",
    "boundary --hidden 512 --samples 100000",
    "depth --init he",
    "audit",
    "list --family nobody",
    "gallery nobody",
    "softmax --scores a,b",
    "relu --out relu.xyz",
    "relu --out nowhere/relu.png",
    "relu --style nothing",
    "relu --lang fr",
]


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_command_is_told_in_the_language_that_is_spoken(
    command: str, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = act(*command.split())
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = act(*command.split())
    assert english.code == chinese.code == 2 if "nowhere" not in command else 1
    assert not CHINESE.search(english.err)
    said = chinese.err.removeprefix("actplot: ")
    assert CHINESE.search(said)
    assert not HALF_WIDTH.search(said)
    assert not re.search("[a-z]{2,} (is|are|must|takes|needs|has|of|for|no) ", said), said


def test_lang_beside_a_mistake_is_the_language_of_the_complaint(act: Act) -> None:
    assert act("relu", "--nope", "--lang", "zh").err.startswith("actplot: 没有选项 --nope")
    assert act("relu", "--lang=zh", "--nope").err.startswith("actplot: 没有选项 --nope")
    assert CHINESE.search(act("elu", "--help", "--lang", "zh").out)


LOCALES: list[tuple[list[str], dict[str, str], Language]] = [
    ([], {}, "en"),
    ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
    ([], {"LANG": "zh_TW.Big5"}, "zh"),
    ([], {"LANG": "de_DE.UTF-8"}, "en"),
    ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
    ([], {"LC_ALL": "", "LC_MESSAGES": "zh_CN.GBK", "LANG": "C"}, "zh"),
    ([], {"LANG": "zh_CN.UTF-8", "ACTPLOT_LANG": "en"}, "en"),
    ([], {"LANG": "zh_CN.UTF-8", "ACTPLOT_LANG": "klingon"}, "zh"),
    (["relu", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
    (["relu", "--lang"], {"LANG": "zh_CN.UTF-8"}, "zh"),
    (["relu", "--lang", "zh", "--lang=en"], {}, "en"),
    (["plot", "--", "--lang", "zh"], {}, "en"),
]


@pytest.mark.parametrize(("words", "environment", "language"), LOCALES)
def test_the_language_of_a_command(words: list[str], environment: dict[str, str], language: Language) -> None:
    assert language_of_command(words, environment) == language


@pytest.mark.parametrize(("code", "language"), [(0x0804, "zh"), (0x0404, "zh"), (0x0409, "en")])
def test_windows_says_what_its_language_is(code: int, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: code)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr("actplot.language.sys", SimpleNamespace(platform="win32"))
    assert language_of_command([], {}) == language
    assert language_of_command([], {"LANG": "de_DE.UTF-8"}) == "en"


def test_figures_are_chinese_and_words_follow_the_locale(act: Act) -> None:
    assert "公式" in act("info", "elu").out
    assert act("list").out.isascii()
    assert act("elu", *SMALL, "--at", "1", "--out", "e.png").out.splitlines()[1].split()[0] == "x"


def test_tables_have_chinese_heads(act: Act) -> None:
    scores = act("softmax", "--labels", "猫,狗,鱼", "--scores", "1,2,3", "--lang", "zh", *SMALL[:5], "--out", "s.png")
    head, *rows = scores.out.splitlines()[1:]
    assert head.split() == ["类别", "得分", "p"]
    places = {display_width(row[: row.index(row.split()[1])]) for row in (head, *rows)}
    assert places == {6}
    assert "曲线" in act("compare", "elu", "selu", "--at", "1", *SMALL, "--lang", "zh", "--out", "c.png").out


def test_errors_speak_english_to_python_unless_told_otherwise() -> None:
    code = "import actplot\ntry: actplot.sample('elu', range=(5, -5))\nexcept ValueError as error: print(error)"
    assert script(code) == "range=(5, -5): LO must be less than HI; try range=(-5, 5)\n"
    assert script(code, ACTPLOT_LANG="zh") == "range=(5, -5)：下限须小于上限；试试 range=(-5, 5)\n"
    assert script(code, LANG="zh_CN.UTF-8").startswith("range=(5, -5): LO")


def test_an_error_has_both_languages_wherever_it_is_caught() -> None:
    with pytest.raises(BadValue) as raised:
        CATALOG["elu"].bind(alpha=-1)
    assert raised.value.parts("en", options=True) == ("elu: alpha must be >= 0, got -1", "try --alpha 1")
    assert raised.value.parts("zh") == ("elu：alpha 须为 >= 0，这里是 -1", "试试 alpha=1")


# Chinese as input


@pytest.mark.parametrize("entry", CATALOG.values(), ids=list(CATALOG))
def test_names_in_both_languages_are_known(entry: Any) -> None:
    for name in (entry.title.zh, entry.title.en, entry.title.zh.removesuffix("函数")):
        assert CATALOG[name] is entry


def test_a_misspelt_chinese_name(act: Act) -> None:
    assert "修正线性单元" in act("修正线性单圆").err
    assert "恒等函数" in act("info", "恒等函").err
    assert act("修正线性单元", *SMALL, "--out", "r.png").code == 0
    assert "relu" in act("info", "修正线性单元", "--json").out


@pytest.mark.parametrize(
    ("wide", "read"),
    [
        ("max（0，x）＋１", "max(0,x)+1"),
        ("x × x ÷ 2 − 1", "x * x / 2 - 1"),
        ("where（x＞０，　x，０）", "where(x>0, x,0)"),
        ("leaky_relu：slope＝０.１", "leaky_relu:slope=0.1"),
    ],
)
def test_signs_as_wide_as_chinese_characters_are_read(wide: str, read: str) -> None:
    assert narrow(wide) == read
    assert source.function(wide).label == source.function(read).label


def test_wide_scores_labels_and_numbers(act: Act) -> None:
    plain = act("softmax", "--scores=-1,2,3", "--labels", "a,b,c", "--json", "--data", "n.csv")
    wide = act("softmax", "--scores=－１，２、３", "--labels", "a，b，c", "--json", "--data", "n.csv")
    assert (wide.code, wide.err) == (0, "")
    of_plain, of_wide = (json.loads(answer.out) for answer in (plain, wide))
    assert {**of_wide, "command": ""} == {**of_plain, "command": ""}
    assert act("elu", "--range", "－５", "５", "--samples", "１０", "--data", "n.csv").code == 0


def test_the_name_of_a_file_keeps_its_signs(act: Act, tmp_path: Path) -> None:
    (tmp_path / "我的（1）.py").write_text("def f(x):\n    return x\n", "utf-8")
    assert act("plot", "我的（1）.py：f", *SMALL, "--out", "f.png").code == 0


def test_an_interruption_is_told_in_the_language_that_is_spoken() -> None:
    code = "import actplot.__main__ as m, sys; sys.argv = ['actplot', '--lang', 'zh']; sys.stderr = sys.stdout; m._leave = lambda: None; import os; os.dup2(1, 2); m._end()"
    assert "已中断" in script(code)


def test_a_text_needs_both_languages() -> None:
    with pytest.raises(TypeError, match="both languages"):
        Text("something", " ")


# Any terminal


@pytest.mark.parametrize("encoding", ["gbk", "cp936", "latin-1", "ascii", "cp437", "cp1252", "utf-8"])
def test_whatever_is_printed_has_a_form_in_every_encoding(encoding: str) -> None:
    for _, *both in texts():
        for text in both:
            shown = (text or "").encode(encoding, "actplot").decode(encoding)
            assert "\\" not in shown or "\\" in (text or "")


def test_what_stands_for_a_character_reads_well() -> None:
    assert "x² − 1 ≥ √2 → ∞".encode("ascii", "actplot") == b"x^2 - 1 >= sqrt2 -> inf"
    assert "x² − 1，≥ 2".encode("gbk", "actplot").decode("gbk") == "x^2 - 1，≥ 2"
    assert "一\ud800".encode("ascii", "actplot") == rb"?\ud800"


@pytest.mark.parametrize(
    ("encoding", "command", "code", "told"),
    [
        ("gbk", "info elu", 0, "指数线性单元"),
        ("ascii", "list --lang zh", 0, "leaky_relu"),
        ("latin-1", "relu --nope --lang zh", 2, "--nope"),
        pytest.param(
            *("cp437", "info elu", 0, "this terminal cannot show Chinese; give --lang en"), marks=pytest.mark.slow
        ),
    ],
)
def test_a_terminal_of_another_encoding(encoding: str, command: str, code: int, told: str, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "actplot", *command.split()],
        cwd=tmp_path,
        env=environment(PYTHONIOENCODING=encoding),
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    with suppress(OSError):  # the other end is closed
        while part := os.read(ours, 65536):
            said += part
    os.close(ours)
    assert running.wait(60) == code
    text = said.decode(encoding)
    assert told in text
    assert "Traceback" not in text


def test_an_encoding_that_is_asked_for_is_that_of_a_pipe(tmp_path: Path) -> None:
    code, out, err = run("list", "--lang", "zh", cwd=tmp_path, PYTHONIOENCODING="gbk")
    assert (code, err) == (0, "")
    assert "修正线性单元" in out.decode("gbk")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_list_fits_the_terminal(columns: int, lang: Language, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = act("list", "--lang", lang).out
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = act("list", "--lang", lang).out.splitlines()
    assert max(map(display_width, lines)) <= columns
    told = " ".join(lines).split()
    assert {*piped.replace(",", " ").split()} <= {word.strip(",") for word in told}
