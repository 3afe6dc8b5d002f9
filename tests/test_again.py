"""From a figure back to its command: every kind of figure, and files that someone has tampered with."""

import html
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from command import script
from conftest import FUNCTIONS
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.cli import main
from actplot.cli.app import command_group
from actplot.cli.commands.again import check_command, picture
from actplot.cli.functions import entry_to_argv
from actplot.errors import BadValue
from actplot.output import metadata

MODEL = "import torch\ndef bump(x, a=1.0):\n    return torch.exp(-a * x * x)\n"
FIGURES = [
    "elu --alpha 2 --title '中文 <&> (1)\\ $x^2$'",
    "leaky_relu --slope 0.01 --slope -0.3 --order 2 --lang en",
    "compare relu leaky_relu:slope=0.2 '(-x)' --layout overlay --at 0 --at 1",
    "plot 'x*sigmoid(b*x)' --param b=1 --param b=-2",
    "hardtanh --min-val -2 --range -1e-3 1e-3 -n 50 --dtype float32 --style dark_background --size 8 3 --dpi 90",
    "softmax --scores=-1,2,0.5 --scores=1,1,1 --labels=a,b,c --temperature 2",
    "softmax --vary 2 --range -3 3",
    "boundary relu --epochs 5 --dpi 60",
    "depth tanh relu --depth 4",
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "ACTPLOT_LANG"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def run(*words: str) -> int:
    return main(list(words))


def written(command: str, *more: str) -> None:
    assert run(*shlex.split(command), *more, "--quiet") == 0


CASES = [(command, "png") for command in FIGURES]
CASES += [(command, form) for form in ("svg", "pdf", "html") for command in FIGURES[:2]]


@pytest.mark.parametrize(("command", "form"), CASES)
def test_every_figure_comes_back_with_the_same_bytes(command: str, form: str, capsys: Any) -> None:
    if form == "html":
        command = command.replace(" $x^2$", "")
    written(command, "--out", f"old.{form}")
    assert run("again", f"old.{form}") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"actplot {shlex.split(command)[0]} ")
    assert run("again", f"old.{form}", "--out", f"new.{form}") == 0
    assert Path(f"new.{form}").read_bytes() == Path(f"old.{form}").read_bytes()
    if form == "png":
        written(shown[len("actplot ") :], "--out", "typed.png")
        assert Path("typed.png").read_bytes() == Path("old.png").read_bytes()


@pytest.mark.parametrize("form", ["gif", "webp", "apng"])
def test_animations_come_back_with_the_same_bytes(form: str, capsys: Any) -> None:
    command = "elu --alpha 0.5 --alpha 2 --frames 5 --fps 10 --size 4 2 --title 标题"
    written(command, "--animate", f"old.{form}")
    assert run("again", f"old.{form}", "--animate", f"new.{form}") == 0
    assert Path(f"new.{form}").read_bytes() == Path(f"old.{form}").read_bytes()
    capsys.readouterr()
    assert run("again", f"old.{form}") == 0
    assert "--frames 5" in (shown := capsys.readouterr().out)
    assert "标题" in shown
    assert run("again", f"old.{form}", "--out", "still.png") == 0  # frames are of no use there
    assert "--frames" not in metadata.read("still.png")


def test_options_can_be_changed(capsys: Any) -> None:
    written("elu --alpha 1 --alpha 2 --lang zh --range -5 5", "--out", "old.png")
    for changes, expected in (
        (["--lang", "en"], "actplot elu --alpha 1 --alpha 2 --range -5 5 --lang en"),
        (["--alpha", "3"], "actplot elu --alpha 3 --range -5 5 --lang zh"),
        (["--range=-2", "2", "--at", "1"], "actplot elu --alpha 1 --alpha 2 --range -2 2 --at 1 --lang zh"),
        (["--range=-2", "--at", "1"], None),
        (["--range", "-2", "2", "--at", "1"], "actplot elu --alpha 1 --alpha 2 --range -2 2 --at 1 --lang zh"),
        (
            ["-n", "50", "--alpha", "2", "--alpha", "1"],
            "actplot elu --alpha 2 --alpha 1 --range -5 5 --samples 50 --lang zh",
        ),
    ):
        code = run("again", "old.png", *changes, "-o", "new.svg")
        if expected is None:
            assert code == 2
        else:
            assert (code, metadata.read("new.svg")) == (0, expected)
    assert not capsys.readouterr().out.count("old.png")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["again"], "needs a figure"),
        (["again", "--out", "x.png", "old.png"], "takes the figure first, got '--out'"),
        (["again", "nothing.png"], "cannot read nothing.png: no such file"),
        (["again", "."], "cannot read .: is a directory"),
        (["again", "old.png", "--lang", "en"], "is not said; add --out FILE"),
        (["again", "old.png", "--bogus", "--out", "x.png"], "No such option: --bogus"),
        (["again", "old.png", "relu", "--out", "x.png"], "takes one figure"),
        (["again", "old.png", "--out"], "'--out' requires an argument"),
        (["again", "old.png", "--range", "1", "--out", "x.png"], "--range lacks a value; it takes 2"),
        (["again", "old.png", "--alpha", "-1", "--out", "x.png"], "alpha must be"),
    ],
)
def test_wrong_use_is_one_line(words: list[str], said: str, folder: Path, capsys: Any) -> None:
    written("elu", "--out", "old.png")
    capsys.readouterr()
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err, err
    assert [path.name for path in folder.iterdir()] == ["old.png"]


TAMPERED = [
    "",
    "rm -rf /",
    "actplot",
    "actplot elu; rm -rf /",
    "actplot elu --alpha $(touch owned) --lang zh",
    "actplot elu `touch owned`",
    "actplot elu --range -5 5 --lang zh --out /etc/owned.png",
    "actplot elu --range -5 5 --lang zh -o owned.png",
    "actplot elu --range -5 5 --data=owned.csv",
    "actplot elu --show",
    "actplot elu --web --port 1",
    "actplot elu --animate owned.gif",
    "actplot elu --json",
    "actplot gallery --out owned",
    "actplot again other.png",
    "actplot list",
    "actplot explore",
    "actplot nosuchfunction --lang zh",
    "actplot elu --nosuchoption 1",
    "actplot elu --alpha",
    "actplot elu 'unfinished",
    "actplot elu\nrm -rf /",
    "actplot elu --title '\x1b[31m'",
    "actplot  elu",
    "x" * 200_000,
    # Another spelling of what actplot would write.
    *(
        f"actplot elu {words}"
        for words in (
            "--range -5 5",
            "--lang zh",
            "--lang zh --range -5 5",
            "--range -5 5 --lang fr",
            "--range -5.0 5 --lang zh",
            "--range=-5 5 --lang zh",
            "'--range' -5 5 --lang zh",
            "--range -5 5 --lang zh --lang zh",
            "--range -5 5 --order 1 --lang zh",
            "--range -5 5 --lang zh --order 2",
            "--range -5 5 --order 02 --lang zh",
            "--range -5 5 -n 50 --lang zh",
            "--range -5 5 -n50 --lang zh",
            "-n5 --range -5 5 --lang zh",
            "--range -5 5 --samples 1e3 --lang zh",
            "--range 5 -5 --lang zh",
            "--alpha 1 --range -5 5 --lang zh",
            "--alpha 2.0 --range -5 5 --lang zh",
            "--alpha nan --range -5 5 --lang zh",
            "--range -5 5 --lang zh --title 'a'",
            '--range -5 5 --lang zh --title "a"',
            "--range -5 5 --lang zh --title $'a'",
            "--range -5 5 --lang zh --title $'\\x1b'",
            "--range -5 5 --lang zh --title \u202ea",
            "--range -5 5 --device auto --lang zh",
            "--range -5 5 --device tpu --lang zh",
            "--range -5 5 --lang zh --size 10 4",
            "-oowned.png --range -5 5 --lang zh",
            "-qoowned.png --range -5 5 --lang zh",
            "-q --range -5 5 --lang zh",
            "--range -5 5 --lang zh -- -q",
            "--range -5 5 --lang zh --",
            "stray --range -5 5 --lang zh",
            "--range -5 5 --lang zh stray",
            "--help",
            "--help --range -5 5 --lang zh",
            "--range -5 5 --lang zh --help",
            "--install-completion",
            "--range -5 5 --lang zh --port 80",
            "--range -5 5 --lang zh --frames 5",
        )
    ),
    "actplot ELU --range -5 5 --lang zh",
    "actplot --version",
    "actplot compare --range -5 5 --lang zh",
    "actplot compare relu relu --range -5 5 --lang zh",
    "actplot compare linear --range -5 5 --lang zh",
    "actplot compare 'relu\u3000gelu' --range -5 5 --lang zh",
    "actplot compare ' relu' --range -5 5 --lang zh",
    "actplot plot 'x  +  1' --range -5 5 --lang zh",
    "actplot plot x:f:b --range -5 5 --lang zh",
    "actplot plot '../*.py:a b' --range -5 5 --lang zh",
    "actplot softmax --scores=1,2.0 --lang zh",
    "actplot softmax --scores 1,2 --lang zh",
    "actplot depth --lang zh",
]


def forged(form: str, command: str) -> bytes:
    """A file like those of actplot with another command in it."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", (20, 20))
    if form == "png":
        notes = PngInfo()
        notes.add_itxt("Command", command)
        picture.save(buffer, "png", pnginfo=notes)
    elif form == "gif":
        picture.save(buffer, "gif", comment=command.encode())
    elif form == "svg":
        return f'<?xml version="1.0"?><svg><dc:description>{html.escape(command)}</dc:description></svg>'.encode()
    elif form == "html":
        return f'<!DOCTYPE html>\n<meta name="actplot-command" content="{html.escape(command)}">'.encode()
    else:
        escaped = command.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"%PDF-1.4\n<< /Subject (" + escaped.encode("latin-1", "replace") + b") >>"
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["png", "gif", "svg", "html", "pdf"])
def test_what_was_tampered_with_is_refused(form: str, folder: Path, capsys: Any) -> None:
    for command in TAMPERED if form == "png" else TAMPERED[::4]:
        (folder / f"figure.{form}").write_bytes(forged(form, command))
        for words in [[], ["--out", "new.png"]] if form == "png" else [["--out", "new.png"]]:
            assert run("again", f"figure.{form}", *words) == 2, command
            out, err = capsys.readouterr()
            assert (out, err.count("\n")) == ("", 1), command[:80]
            assert len(err) < 400
            assert all(character.isprintable() for character in err[:-1])
    assert [path.name for path in folder.iterdir()] == [f"figure.{form}"]
    # The forgery itself is not what is refused.
    (folder / f"figure.{form}").write_bytes(forged(form, "actplot elu --alpha 2 --range -5 5 --lang zh"))
    assert run("again", f"figure.{form}", "--out", "new.png") == 0
    assert (folder / "new.png").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"GIF89a",
        b"%PDF-1.4",
        b"<svg>",
        b"text",
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_files_from_elsewhere_carry_no_command(content: bytes, folder: Path) -> None:
    (folder / "figure").write_bytes(content)
    with pytest.raises(BadValue, match="carries no command"):
        metadata.read("figure")


COMMANDS = [
    "compare relu leaky_relu:slope=0.2 (-x) 'where(x<0, -1, x)' x*b:b=2 --at -1 --at 2",
    "compare -- -x*2 x",
    "compare relu mine.py:bump mine.py:bump:a=2 os.path:join package.module:Class.method:a=1,b=-2",
    "plot -x*2",
    "plot --title -- -- --x*2",
    "plot -x*2 --title --",
    "plot -n==x --param n=1",
    "plot 'x  *  b' --param b=1 --param b=-2 --range=-1e-3 1e3",
    "plot leaky_relu:slope=0.1",
    "plot leaky_relu --param slope=0.1 --param slope=3",
    "plot mine.py:bump --param a=2 --title mine.py:bump",
    "plot relu -n 50 --order 2 --layout overlay --dtype float32 --device cuda:1",
    "relu --device auto --font nowhere --style no.such --size 8 3 --dpi 99.5 --lang en --title ''",
    "elu --alpha 1 --alpha 2 --frames 5 --fps 10 --animate x.webp",
    "elu --alpha 1 --alpha 2 --animate x.webp --out x.png --data - --quiet",
    "softmax",
    "softmax --scores=-1,2 --scores 3,4 --labels=--a,b --title ' '",
    "log_softmax --vary --b --labels=--b,a --scores=1,2 --temperature 0.5 --range -1 1 -n 30",
    "boundary",
    "boundary relu mine.py:bump x*x --hidden 3 --hidden 4 --lr 1e-3 --dataset xor --samples 40 --noise 0 --seed 7",
    "depth -- -x tanh",
    "depth relu mine.py:bump:a=3 --init normal --depth 3 --width 7 --batch 9",
]


def comes_back(words: list[str]) -> None:
    """What a command writes into its figure is accepted, and writes the same again."""
    command = picture(command_group(), words[0], words[1:]).canonical_command
    assert command, words
    verb, (arguments, options) = check_command(command_group(), "figure", command)
    again = [*(word for each in options.values() for word in each), *(["--", *arguments] if arguments else [])]
    if {"frames", "fps"} & options.keys():
        again = ["--animate", "x.gif", *again]
    assert picture(command_group(), verb, again).canonical_command == command


@pytest.fixture
def sources_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and modules need not exist."""
    monkeypatch.setattr("actplot.functions.source.os.path.isfile", lambda path: True)
    monkeypatch.setattr("actplot.functions.source._look_for", lambda module: None)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_actplot_writes_is_accepted(command: str, sources_are_there: None) -> None:
    comes_back(shlex.split(command))


def test_every_function_is_accepted_at_every_setting() -> None:
    for function in FUNCTIONS:
        comes_back(entry_to_argv([function])[1:])


NUMBERS = st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-6)
TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["--", "-o", "--out=x", "\n"])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_options_are_accepted(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from([["elu"], ["plot", "-x*2"], ["compare", "relu", "x-1"]]))
    choices: dict[str, st.SearchStrategy[list[Any]]] = {
        "--title": st.tuples(TITLES).map(list),
        "--style": st.tuples(TITLES).map(list),
        "--font": st.tuples(TITLES).map(list),
        "--range": st.tuples(NUMBERS, NUMBERS).filter(lambda ends: ends[0] + 1 < ends[1]).map(list),
        "--samples": st.integers(2, 10**7).map(lambda value: [value]),
        "--order": st.sampled_from([[0], [1], [2]]),
        "--size": st.tuples(st.floats(4, 15), st.floats(2, 15)).map(list),
        "--dpi": st.floats(10, 200).map(lambda value: [value]),
        "--lang": st.sampled_from([["zh"], ["en"]]),
        "--layout": st.sampled_from([["side"], ["overlay"]]),
    }
    for option in data.draw(st.lists(st.sampled_from([*choices]), unique=True)):
        words = [*words, option, *map(str, data.draw(choices[option]))]
    comes_back(words)


# What reaches the file system or the importer, in every place of a command.
REACHING = [
    "actplot plot evil:f --range -5 5 --lang zh",
    "actplot plot evil.sub:f --param a=2 --range -5 5 --lang zh",
    "actplot plot evil.py:f --range -5 5 --lang zh",
    "actplot compare relu evil.py:f:a=2 --range -5 5 --lang zh",
    "actplot compare relu evil:f --range -5 5 --lang zh",
    "actplot boundary evil:f --dataset circles --hidden 3 --epochs 400 --lr 0.1 --noise 0.05 --samples 200 --seed 0 --lang zh",
    "actplot depth evil.py:f --depth 30 --width 256 --init lecun --batch 256 --seed 0 --lang zh",
    "actplot elu --range -5 5 --lang zh --style evil.style",
    "actplot elu --range -5 5 --lang zh --style evil.sub.style",
    "actplot elu --range -5 5 --lang zh --style evil.mplstyle",
    "actplot elu --range -5 5 --lang zh --style own",
    "actplot elu --range -5 5 --lang zh --style ./evil.mplstyle",
    "actplot elu --range -5 5 --lang zh --font evil.TTF",
    "actplot softmax --scores=1,2 --lang zh --font ./evil.otf",
    "actplot softmax --scores=1,2 --lang zh --style evil.mplstyle",
    "actplot softmax --scores=1,2 --vary 1 --range -5 5 --lang zh --style evil.sub.style",
    "actplot depth relu --depth 30 --width 256 --init lecun --batch 256 --seed 0 --lang zh --style evil.style",
]
# Runs command lines, and tells which files of a folder were opened and which of its modules were imported.
WATCH = """
import json, os, sys
sys.path.insert(0, os.getcwd())
seen = []
def watch(event, given):
    if event == "open" and isinstance(given[0], str) and "evil" in given[0] or event == "import" and "evil" in given[0]:
        seen.append([event, str(given[0])])
from actplot.cli import main
sys.addaudithook(watch)
told = []
for words in json.loads(sys.argv[1]):
    seen.clear()
    told.append([main(words), list(seen)])
print("\\n" + json.dumps(told))
"""


def watched(*commands: list[str], first: str = "") -> list[tuple[int, list[list[str]]]]:
    """The exit code of each command, and what it has opened and imported in its own process."""
    told = script(first + WATCH, json.dumps(commands), MPLCONFIGDIR=str(Path.cwd()))
    return [(code, seen) for code, seen in json.loads(told.splitlines()[-1])]


@pytest.fixture
def evil(folder: Path) -> Path:
    """Modules, styles and fonts that nobody should touch."""
    (folder / "evil/sub").mkdir(parents=True)
    (folder / "stylelib").mkdir()
    code = "def f(x, a=1.0):\n    return a * x\nopen('ran', 'w').close()\n"
    for name in ("evil.py", "evil/__init__.py", "evil/sub/__init__.py"):
        (folder / name).write_text(code)
    for name in ("evil.mplstyle", "evil/style.mplstyle", "evil/sub/style.mplstyle", "stylelib/own.mplstyle"):
        (folder / name).write_text("lines.linewidth: 9\n")
    for name in ("evil.TTF", "evil.otf"):
        (folder / name).write_bytes(b"")
    return folder


def test_nothing_is_read_or_imported_for_a_figure_that_is_not_trusted(evil: Path) -> None:
    for index, command in enumerate(REACHING):
        (evil / f"{index}.png").write_bytes(forged("png", command))
    before = sorted(evil.rglob("*"))
    figures = [f"{index}.png" for index in range(len(REACHING))]
    told = watched(*(["again", name] for name in figures), *(["again", name, "--out", "new.png"] for name in figures))
    assert told == [(0, [])] * len(figures) + [(2, [])] * len(figures)
    assert sorted(evil.rglob("*")) == before
    # The watch sees what is there to see.
    trusted = watched(
        *(["again", name, "--out", "new.png", "--trust"] for name in ("2.png", "9.png")), first="import torch"
    )
    assert [(code, bool(seen)) for code, seen in trusted] == [(0, True)] * 2


def test_a_style_that_is_not_there_imports_nothing(evil: Path) -> None:
    styles = [
        "evil.nothing",
        "evil.sub.nothing",
        "evil.sub.f.x",
        "this.a.b",
        "evil..sub",
        "evil.",
        ".evil",
        "evil/sub.x",
    ]
    told = watched(*(["elu", "--style", style, "--out", "new.png"] for style in styles))
    assert told == [(2, [])] * len(styles)


def test_styles_of_matplotlib_need_no_trust(capsys: Any) -> None:
    written("elu --style ggplot --font 'DejaVu Sans'", "--out", "old.png")
    assert run("again", "old.png", "--out", "new.png") == 0
    assert Path("new.png").read_bytes() == Path("old.png").read_bytes()


def test_code_is_run_only_for_those_who_trust_the_figure(folder: Path, capsys: Any) -> None:
    (folder / "mine.py").write_text(MODEL + "open('ran', 'w').close()\n")
    for command in ("plot mine.py:bump --param a=2", "compare relu mine.py:bump:a=2"):
        written(command, "--out", "old.png")
        (folder / "ran").unlink(missing_ok=True)
        capsys.readouterr()
        assert run("again", "old.png") == 0
        assert run("again", "old.png", "--lang", "en", "--out", "new.png") == 2
        assert "whose code would be run; actplot again --trust old.png" in capsys.readouterr().err
        assert not (folder / "ran").exists()
        assert run("again", "old.png", "--out", "new.png", "--trust") == 0
        assert run("again", "--trust", "old.png", "--out", "new.png") == 0
        assert (folder / "new.png").read_bytes() == (folder / "old.png").read_bytes()
