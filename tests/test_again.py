"""From a figure back to its command: every kind of figure, and files that someone has tampered with."""

import html
import io
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot import embedded
from actplot.cli import main
from actplot.errors import BadValue

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
    assert "--frames" not in embedded.read("still.png")


def test_options_can_be_changed(capsys: Any) -> None:
    written("elu --alpha 1 --alpha 2 --lang zh --range -5 5", "--out", "old.png")
    for changes, expected in (
        (["--lang", "en"], "actplot elu --alpha 1 --alpha 2 --range -5 5 --lang en"),
        (["--alpha", "3"], "actplot elu --alpha 3 --range -5 5 --lang zh"),
        (["--range=-2", "2", "--at", "1"], None),
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
            assert (code, embedded.read("new.svg")) == (0, expected)
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
]


def forged(form: str, command: str) -> bytes:
    """A file like those of actplot with another command in it."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", (20, 20))
    if form == "png":
        notes = PngInfo()
        notes.add_text("Command", command)
        picture.save(buffer, "png", pnginfo=notes)
    elif form == "gif":
        picture.save(buffer, "gif", comment=command.encode())
    elif form == "svg":
        return f'<?xml version="1.0"?><svg><dc:description>{html.escape(command)}</dc:description></svg>'.encode()
    elif form == "html":
        return f'<!DOCTYPE html>\n<meta name="actplot-command" content="{html.escape(command)}">'.encode()
    else:
        escaped = command.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"%PDF-1.4\n<< /Subject (" + escaped.encode("latin-1") + b") >>"
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["png", "gif", "svg", "html", "pdf"])
def test_what_was_tampered_with_is_refused(form: str, folder: Path, capsys: Any) -> None:
    for command in TAMPERED:
        (folder / f"figure.{form}").write_bytes(forged(form, command))
        for words in [[], ["--out", "new.png"]] if form == "png" else [["--out", "new.png"]]:
            assert run("again", f"figure.{form}", *words) == 2, command
            out, err = capsys.readouterr()
            assert (out, err.count("\n")) == ("", 1), command[:80]
            assert len(err) < 400
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
        embedded.read("figure")


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
