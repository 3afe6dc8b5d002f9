"""From a figure back to its command: every kind of figure, and files that someone has tampered with."""

import html
import io
import json
import shlex
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from command import SMALL, Act, Answer, Forks, check_refusal, names, script
from conftest import FUNCTIONS, first_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.cli.app import command_group
from actplot.cli.commands.again import picture
from actplot.cli.functions import entry_to_argv
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.output import metadata

MODEL = "import torch\ndef bump(x, a=1.0):\n    return torch.exp(-a * x * x)\n"
FIGURES = [
    "elu --alpha 2 --title '中文 <&> (1)\\ $x^2$'",
    "leaky_relu --slope 0.01 --slope -0.3 --order 2 --lang en",
    "compare relu leaky_relu:slope=0.2 '(-x)' --layout overlay --at 0 --at 1",
    "plot 'x*sigmoid(b*x)' --param b=1 --param b=-2 --font 'DejaVu Serif'",
    "hardtanh --min-val -2 --range -1e-3 1e-3 --dtype float32 --style dark_background",
    "relu --device auto --no-show",
    "softmax --scores=-1,2,0.5 --scores=1,1,1 --labels=a,b,c --temperature 2",
    "softmax --vary 2 --range -3 3",
    "boundary relu --epochs 5",
    "depth tanh relu --depth 4 --width 16",
    "audit elu --inputs 1000 --param alpha=2",
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


CASES = [(command, "png") for command in FIGURES]
CASES += [(FIGURES[0], form) for form in ("svg", "pdf", "html")]
MORE = [pytest.param(FIGURES[1], form, marks=pytest.mark.slow) for form in ("svg", "pdf", "html")]


@pytest.mark.parametrize(("command", "form"), [*CASES, *MORE])
def test_every_figure_comes_back_with_the_same_bytes(
    command: str, form: str, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    if form == "html":
        command = command.replace(" $x^2$", "")
    small = ["--size", "5", "3"] if form != "html" else []  # which a page does not have
    if form == "png" and shlex.split(command)[0] in CATALOG:
        small = [*SMALL]
    monkeypatch.setenv("ACTPLOT_LANG", "en")
    made = act(*shlex.split(command), *small, "--out", f"old.{form}", "--json")
    assert made.code == 0, made.err
    monkeypatch.setenv("ACTPLOT_LANG", "zh")
    shown = json.loads(made.out)["command"]
    assert act("again", f"old.{form}") == Answer(0, f"{shown}\n", "")
    assert act("again", f"old.{form}", "--out", f"new.{form}").code == 0
    assert Path(f"new.{form}").read_bytes() == Path(f"old.{form}").read_bytes()
    if form == "png":
        program, *typed = shlex.split(shown)
        assert program == "actplot"
        assert not {"--out", "--show", "--no-show", "--json"}.intersection(typed)
        assert act(*typed, "--out", "typed.png").code == 0
        assert Path("typed.png").read_bytes() == Path("old.png").read_bytes()


@pytest.mark.parametrize("form", first_of(["gif", "webp", "apng"]))
def test_animations_come_back_with_the_same_bytes(form: str, act: Act) -> None:
    command = "elu --alpha 0.5 --alpha 2 --frames 3 --fps 10 --size 4 2 --dpi 20 --title 标题"
    assert act(*shlex.split(command), "--animate", f"old.{form}").code == 0
    assert act("again", f"old.{form}", "--animate", f"new.{form}").code == 0
    assert Path(f"new.{form}").read_bytes() == Path(f"old.{form}").read_bytes()
    shown = act("again", f"old.{form}").out
    assert shown.endswith(f" --frames 3 --fps 10 --animate old.{form}\n")
    Path(f"new.{form}").unlink()
    assert act(*shlex.split(shown)[1:-1], f"new.{form}").code == 0  # it draws the same, not a still
    assert Path(f"new.{form}").read_bytes() == Path(f"old.{form}").read_bytes()
    assert "标题" in shown
    assert act("again", f"old.{form}", "--out", "still.png").code == 0  # frames are of no use there
    assert "--frames" not in metadata.read("still.png")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["--lang", "en"], "elu --alpha 1 --alpha 2 --range -5 5 --lang en"),
        (["--alpha", "3"], "elu --alpha 3 --range -5 5 --lang zh"),
        (["--range=-2", "2", "--at", "1"], "elu --alpha 1 --alpha 2 --range -2 2 --at 1 --lang zh"),
        (["--range", "-2", "2", "--at", "1"], "elu --alpha 1 --alpha 2 --range -2 2 --at 1 --lang zh"),
        (["-n", "50", "--alpha", "2", "--alpha", "1"], "elu --alpha 2 --alpha 1 --range -5 5 --samples 50 --lang zh"),
    ],
)
def test_options_can_be_changed(changes: list[str], expected: str, act: Act) -> None:
    Path("old.png").write_bytes(forged("png", "actplot elu --alpha 1 --alpha 2 --range -5 5 --lang zh"))
    made = act("again", "old.png", *changes, "--data", "new.csv", "--json")
    assert json.loads(made.out)["command"] == f"actplot {expected}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs a figure"),
        (["--out", "x.png", "old.png"], "takes the figure first, got '--out'"),
        (["nothing.png"], "cannot read nothing.png: no such file"),
        (["."], "cannot read .: is a directory"),
        (["old.png", "--lang", "en"], "is not said; add --out FILE"),
        (["old.png", "--bogus", "--out", "x.png"], "No such option: --bogus"),
        (["old.png", "relu", "--out", "x.png"], "takes one figure"),
        (["old.png", "--out"], "'--out' requires an argument"),
        (["old.png", "--range", "1", "--out", "x.png"], "--range lacks a value; it takes 2"),
        (["old.png", "--range=-2", "--at", "1"], "--range lacks a value; it takes 2"),
        (["old.png", "--alpha", "-1", "--out", "x.png"], "alpha must be"),
    ],
)
def test_wrong_use_is_one_line(words: list[str], said: str, act: Act, tmp_path: Path) -> None:
    Path("old.png").write_bytes(forged("png", "actplot elu --range -5 5 --lang zh"))
    check_refusal(act("again", *words), 2, said)
    assert names(tmp_path) == ["old.png"]


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


@pytest.mark.parametrize("form", ["png", "gif", "svg", "html", "pdf"])
def test_what_was_tampered_with_is_refused(form: str, act: Act, tmp_path: Path) -> None:
    for command in TAMPERED if form == "png" else TAMPERED[::16]:
        (tmp_path / f"figure.{form}").write_bytes(forged(form, command))
        for words in [[], ["--out", "new.png"]] if command in TAMPERED[::16] else [["--out", "new.png"]]:
            answer = act("again", f"figure.{form}", *words)
            check_refusal(answer, 2)
            assert len(answer.err) < 400
            assert all(character.isprintable() for character in answer.err[:-1])
    assert names(tmp_path) == [f"figure.{form}"]
    # The forgery itself is not what is refused.
    (tmp_path / f"figure.{form}").write_bytes(forged(form, "actplot elu --alpha 2 --range -5 5 --lang zh"))
    assert act("again", f"figure.{form}", "--data", "new.csv") == Answer(0, "new.csv\n", "")


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
def test_files_from_elsewhere_carry_no_command(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "figure").write_bytes(content)
    with pytest.raises(BadValue, match="carries no command"):
        metadata.read(str(tmp_path / "figure"))


# The law of commands: what a figure's command asks for is that figure. No number is computed for it.


def content(words: list[str]) -> tuple[dict[str, Any], str]:
    """What decides a figure, and the command that it would carry."""
    made = picture(command_group(), words[0], words[1:])
    values = {field.name: getattr(made, field.name) for field in fields(made) if field.name != "options"}
    if "spec" in values:
        values["spec"] = [(function.name, function.parameters) for function in values["spec"].functions]
    sampling = values["sampling"]
    if sampling.device == "auto":  # a figure carries the one that was found
        values["sampling"] = replace(sampling, device="cpu")
    if "--animate" in words:
        values["animation"] = made.options.frames, made.options.fps
    return {name: value for name, value in values.items() if not callable(value)}, made.canonical_command


def comes_back(words: list[str]) -> str:
    """The command of a figure; it asks for the same figure, and is the command of that."""
    asked, command = content(words)
    program, *again = metadata.split(command)
    assert program == "actplot"
    animated = ["--animate", "x.gif"] if "--animate" in words else []
    assert content([*again[:1], *animated, *again[1:]]) == (asked, command)
    return command


def check_accepted(command: str, act: Act) -> None:
    """A figure with this command is taken for one of actplot's."""
    Path("figure.png").write_bytes(forged("png", command))
    assert act("again", "figure.png") == Answer(0, f"{command}\n", "")


COMMANDS = [
    *FIGURES,
    "elu --alpha 0.30000000000000004",
    "hardtanh --min-val -2.5 --max-val 1e-05 --range -1e-3 1e-3 --samples 77",
    "hardtanh --min-val -2 --min-val -1 --max-val 1 --max-val 2",
    "threshold --threshold -0.5 --lang en --layout overlay --title 'Over $x^2$; it'\"'\"'s -1'",
    "LeakyReLU --slope -0.1 --slope 0.01 --dtype float32 --style ggplot --size 7 3.5 --dpi 72.5",
    "silu --title '中文 --out x' --font 'DejaVu Serif'",
    "elu --alpha 1 --alpha 2 --order 2 --at -1 --lang en --layout overlay",
    "swish --beta 2",
    "mse --target 0 --target -1.5",
    "huber --delta 0.5 --delta 2",
    "bce --target 0 --target 1 --base 2",
    "hinge --target -1",
    "compare relu leaky_relu:slope=0.2 (-x) 'where(x<0, -1, x)' x*b:b=2 --at -1 --at 2",
    "compare hardtanh:min_val=-2,max_val=2 x*sigmoid(b*x):b=1.702",
    "compare -- -x*2 x",
    "compare relu mine.py:bump mine.py:bump:a=2 os.path:join json.decoder:JSONDecoder.decode:a=1,b=-2",
    "plot -x*2",
    "plot --title -- -- --x*2",
    "plot -x*2 --title --",
    "plot -n==x --param n=1",
    "plot 'x  *  b' --param b=1 --param b=-2 --range=-1e-3 1e3",
    "plot '  where(x > 0, x,  a*x) ' --param a=-0.1",
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
    "audit gelu --dtype float16 --max-ulp 2 --max-ulp-grad 8 --against gelu_tanh",
    "audit -x*2 --forward-only --inputs 5000",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_asks_for_the_same_figure(command: str, act: Act, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODEL)
    check_accepted(comes_back(shlex.split(command)), act)


@pytest.mark.slow
def test_the_command_of_every_function_at_every_setting_asks_for_it() -> None:
    for function in FUNCTIONS:
        comes_back(entry_to_argv([function])[1:])


def listed(*options: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Some of the options, in the order of the command line."""
    return st.tuples(*(st.just([]) | option for option in options)).map(
        lambda chosen: [word for each in chosen for word in each]
    )


def option(name: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*values).map(lambda given: [name, *map(str, given)])


def repeated(name: str, values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[str]]:
    several = st.lists(values, min_size=1, max_size=most, unique=True)
    return several.map(lambda given: [word for value in given for word in (name, str(value))])


NUMBERS = st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-6)
POSITIVE = st.floats(1e-3, 100)
TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["--", "-o", "--out=x", "\n"])
WORDS = st.text("abcxyz-=中 '", min_size=1, max_size=4).filter(lambda word: word.strip() == word)
LANGUAGE = option("--lang", st.sampled_from(["zh", "en"]))
RANGE = st.tuples(NUMBERS, NUMBERS).filter(lambda ends: ends[0] + 1 < ends[1])
LOOK = listed(
    LANGUAGE,
    option("--title", TITLES),
    option("--font", TITLES),
    option("--style", TITLES),
    option("--size", st.floats(4, 15), st.floats(2, 15)),
    option("--dpi", st.floats(10, 200)),
)
SAMPLING = listed(
    RANGE.map(lambda ends: ["--range", *map(str, ends)]),
    option("--samples", st.integers(2, 10**7)),
    option("--order", st.sampled_from([0, 1, 2])),
    option("--dtype", st.sampled_from(["float64", "float32"])),
    option("--device", st.sampled_from(["cpu", "cuda", "cuda:3", "auto"])),
    option("--layout", st.sampled_from(["side", "overlay"])),
)
CURVES = st.one_of(
    repeated("--alpha", POSITIVE).map(lambda words: ["elu", *words]),
    st.tuples(repeated("--min-val", st.floats(-5, -1)), repeated("--max-val", st.floats(1, 5))).map(
        lambda both: ["hardtanh", *both[0], *both[1]]
    ),
    repeated("--target", st.floats(-5, 5)).map(lambda words: ["huber", *words]),
    repeated("--param", NUMBERS.map("b={}".format)).map(lambda words: ["plot", "-x*b", *words]),
    st.lists(st.sampled_from(["relu", "x-1", "-x", "leaky_relu:slope=0.3", "gelu"]), min_size=1, unique=True).map(
        lambda sources: ["compare", *(source if source[0] != "-" else f"({source})" for source in sources)]
    ),
)
AT = repeated("--at", st.floats(-3, 3)) | st.just([])
SCORES = st.integers(2, 4).flatmap(
    lambda count: st.tuples(
        st.lists(st.lists(NUMBERS, min_size=count, max_size=count), min_size=1, max_size=3).map(
            lambda rows: [f"--scores={','.join(map(str, row))}" for row in rows]
        ),
        st.just([])
        | st.lists(WORDS, min_size=count, max_size=count, unique=True).map(
            lambda labels: [f"--labels={','.join(labels)}"]
        ),
    ).map(lambda both: [*both[0], *both[1]])
)
NETWORKS = st.lists(st.sampled_from(["relu", "tanh", "x*x", "elu:alpha=2"]), min_size=1, unique=True)
SEED = option("--seed", st.integers(0, 10**6))
COMMAND_LINES = st.one_of(
    st.tuples(CURVES, AT, LOOK),
    st.tuples(CURVES, SAMPLING, LOOK),
    st.tuples(st.sampled_from([["softmax"], ["log_softmax"]]), SCORES, listed(option("--temperature", POSITIVE)), LOOK),
    st.tuples(
        st.just(["softmax", "--vary", "1"]),
        listed(RANGE.map(lambda ends: ["--range", *map(str, ends)]), option("--samples", st.integers(2, 1000))),
        LOOK,
    ),
    st.tuples(
        NETWORKS.map(lambda names: ["boundary", *names]),
        listed(
            option("--dataset", st.sampled_from(["circles", "xor"])),
            repeated("--hidden", st.integers(1, 9)),
            option("--epochs", st.integers(1, 500)),
            option("--lr", st.floats(1e-4, 1)),
            option("--noise", st.floats(0, 0.5)),
            option("--samples", st.integers(10, 500)),
            SEED,
        ),
        LOOK,
    ),
    st.tuples(
        NETWORKS.map(lambda names: ["depth", *names]),
        listed(
            option("--depth", st.integers(1, 50)),
            option("--width", st.integers(2, 300)),
            option("--init", st.sampled_from(["lecun", "normal", "kaiming"])),
            option("--batch", st.integers(2, 300)),
            SEED,
        ),
        LOOK,
    ),
).map(lambda parts: [word for part in parts for word in part])


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=COMMAND_LINES)
def test_any_command_asks_for_the_same_figure(words: list[str], act: Act) -> None:
    check_accepted(comes_back(words), act)


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
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules, styles and fonts that nobody should touch, where commands are given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil/sub").mkdir(parents=True)
    (tmp_path / "stylelib").mkdir()
    code = "def f(x, a=1.0):\n    return a * x\nopen('ran', 'w').close()\n"
    for name in ("evil.py", "evil/__init__.py", "evil/sub/__init__.py"):
        (tmp_path / name).write_text(code)
    for name in ("evil.mplstyle", "evil/style.mplstyle", "evil/sub/style.mplstyle", "stylelib/own.mplstyle"):
        (tmp_path / name).write_text("lines.linewidth: 9\n")
    for name in ("evil.TTF", "evil.otf"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


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
        *(["again", name, "--data", "new.csv", "--trust"] for name in ("2.png", "9.png")), first="import torch"
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


def test_styles_of_matplotlib_need_no_trust(act: Act) -> None:
    assert act("elu", *SMALL, "--style", "ggplot", "--font", "DejaVu Sans", "--out", "old.png").code == 0
    assert act("again", "old.png", "--out", "new.png").code == 0
    assert Path("new.png").read_bytes() == Path("old.png").read_bytes()


@pytest.mark.parametrize("command", ["plot mine.py:bump --param a=2", "compare relu mine.py:bump:a=2"])
def test_code_is_run_only_for_those_who_trust_the_figure(command: str, warm: Forks, tmp_path: Path) -> None:
    def again(*words: str) -> tuple[int, bool]:
        """The exit code, and whether the code was run."""
        (tmp_path / "ran").unlink(missing_ok=True)
        return warm("again", *words, cwd=tmp_path).code, (tmp_path / "ran").exists()

    (tmp_path / "mine.py").write_text(MODEL + "open('ran', 'w').close()\n")
    assert warm(*command.split(), *SMALL, "--out", "old.png", cwd=tmp_path).code == 0
    assert again("old.png") == (0, False)
    refused = warm("again", "old.png", "--lang", "en", "--out", "new.png", cwd=tmp_path)
    assert "whose code would be run; actplot again --trust old.png" in refused.err
    assert again("old.png", "--lang", "en", "--out", "new.png") == (2, False)
    assert again("--trust", "old.png", "--data", "new.csv") == (0, True)
    assert again("old.png", "--out", "new.png", "--trust") == (0, True)
    assert (tmp_path / "new.png").read_bytes() == (tmp_path / "old.png").read_bytes()
