"""An audit as JSON, as a table for the terminal and as rows of Markdown."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from actplot.functions.registry import FRAMEWORKS
from actplot.numerics.audit.result import WITHIN, Audit, Case, Quantity
from actplot.output.tables import aligned
from actplot.output.versions import versions
from actplot.text import PART, WRONG_RESULTS, Language, Text, number

_HEAD = Text("{name}  {dtype}  {device}  {inputs}", "{name}  {dtype}  {device}  {inputs}")
_ALL = Text("all {count:,} finite inputs", "全部 {count:,} 个有限输入")
_SOME = Text("{count:,} inputs, evenly over the representations", "{count:,} 个输入，按表示均匀取样")
_PART = Text("{count:,} of {planned:,} inputs, interrupted", "{planned:,} 个输入中的 {count:,} 个，已中断")
_AGAINST = Text("against {name}, evaluated exactly", "对照 {name} 的精确值")
_LARGEST = Text("largest error", "最大误差")
_AT = Text("  at x", "  x")
_EXPECTED = Text("  expected", "  应为")
_COMPUTED = Text("  computed", "  结果")
_ABSOLUTE = Text("  absolute", "  绝对误差")
_RELATIVE = Text("  relative", "  相对误差")
_MEAN = Text("mean error", "平均误差")
_ROUNDED = Text("correctly rounded (0.5 ULP)", "正确舍入（0.5 ULP）")
_WITHIN = Text("within {limit} ULP", "{limit} ULP 以内")
_REGIONS = Text("{part}: {count:,} inputs above {level} ULP", "{part}：{count:,} 个输入超过 {level} ULP")
_REGION = Text(
    "{low} … {high}  {count:,} inputs, up to {ulps} ULP at {x}",
    "{low} … {high}  {count:,} 个输入，最大 {ulps} ULP，x = {x}",
)
_FINDING = Text("{part}: {kind}", "{part}：{kind}")
_WHERE = Text("{low} … {high}  {count:,} inputs", "{low} … {high}  {count:,} 个输入")
_EXAMPLE = Text("{sign}({x}) = {expected}, computed {computed}", "{sign}({x}) = {expected}，结果 {computed}")
_UNPROVED = Text(
    "{count:,} true values are not known to a thousandth of an ULP", "{count:,} 个真值未达到 ULP 的千分之一"
)
_BEYOND = Text(
    "{sign} is off by {ulps} ULP at x = {x} ({hex}), above {option} {limit}",
    "{sign} 在 x = {x}（{hex}）处误差 {ulps} ULP，超过 {option} {limit}",
)
_BREACH = (
    _BEYOND,
    Text(
        f"{_BEYOND.en}: {{count}} inputs from {{low}} to {{high}}",
        f"{_BEYOND.zh}：{{low}} 到 {{high}} 共 {{count}} 个输入",
    ),
)
_KINDS, _KINDS_BETWEEN = Text("{sign}: {kinds}", "{sign}：{kinds}"), Text(", ", "、")
_HEADS = (
    Text("function", "函数"),
    Text("f max ULP", "f 最大 ULP"),
    Text("at x", "x"),
    Text("f rounded", "f 正确舍入"),
    Text("f' max ULP", "f' 最大 ULP"),
    Text("at x", "x"),
    Text("f' rounded", "f' 正确舍入"),
    Text("wrong results", "错误结果"),
)
_SIGNS = ("f", "f'")
# The packages that an implementation depends on, beside those of every figure.
_PACKAGES: dict[str, tuple[str, ...]] = {"torch": (), "jax": ("jax", "jaxlib"), "numpy": ("scipy",)}


def summary(audit: Audit) -> dict[str, Any]:
    """What ``--json`` prints: null stands for what is infinite or no number."""
    result: dict[str, Any] = {
        "function": audit.function.name,
        "parameters": audit.function.parameters,
        "against": audit.against.name,
        "dtype": audit.format.name,
        "device": audit.device,
        "framework": audit.framework,
        "inputs": audit.covered,
        "exhaustive": audit.is_exhaustive and audit.is_complete,
        "versions": versions("python-flint", *_PACKAGES[audit.framework]),
        "f": _quantity(audit.f),
    }
    if audit.gradient is not None:
        result["gradient"] = _quantity(audit.gradient)
    return result


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "max_ulp": _finite(quantity.max_ulp),
        "worst": None if quantity.worst is None else _case(quantity.worst),
        "mean_ulp": _finite(quantity.mean),
        "correctly_rounded": _finite(quantity.correctly_rounded),
        "within": {str(limit): _finite(share) for limit, share in quantity.within.items()},
        "regions": [
            {"low": _finite(r.low), "high": _finite(r.high), "count": r.count, "max_ulp": _finite(r.worst.ulps)}
            for r in quantity.regions
        ],
        "findings": [
            {
                "kind": finding.kind,
                "low": _shown(finding.low),
                "high": _shown(finding.high),
                "count": finding.count,
                "example": _case(finding.example),
            }
            for finding in quantity.findings
        ],
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "x": _shown(case.x),
        "hex": case.hex,
        "expected": case.expected,
        "computed": _shown(case.computed),
        "ulp": _finite(case.ulps),
        "absolute": _finite(case.absolute),
        "relative": _finite(case.relative),
        "confirmed": case.confirmed,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _shown(value: float) -> float | str:
    """A number, or the name of what JSON has no number for."""
    return value if math.isfinite(value) else repr(value)


def table(audit: Audit, lang: Language) -> list[str]:
    """The same as lines of text."""
    return [*_head(audit, lang), "", *_numbers(audit, lang), *_regions(audit, lang), *_findings(audit, lang)]


def _quantities(audit: Audit) -> list[Quantity]:
    return [audit.f] if audit.gradient is None else [audit.f, audit.gradient]


def _head(audit: Audit, lang: Language) -> Iterator[str]:
    counted = _ALL if audit.is_exhaustive else _SOME
    if not audit.is_complete:
        counted = _PART
    inputs = counted[lang].format(count=audit.covered, planned=audit.planned)
    label = audit.function.label
    device = audit.device if audit.framework == "torch" else f"{FRAMEWORKS[audit.framework]}, {audit.device}"
    yield _HEAD[lang].format(name=label, dtype=audit.format.name, device=device, inputs=inputs)
    yield _AGAINST[lang].format(name=audit.against.label)


def _numbers(audit: Audit, lang: Language) -> list[str]:
    quantities = _quantities(audit)
    worst = [quantity.worst for quantity in quantities]
    rows = [["", *_SIGNS[: len(quantities)]]]
    rows.append([_LARGEST[lang], *(f"{short(quantity.max_ulp)} ULP" for quantity in quantities)])
    rows.append([_AT[lang], *(f"{_x(case.x)} ({case.hex})" if case else "-" for case in worst)])
    rows.append([_EXPECTED[lang], *(case.expected if case else "-" for case in worst)])
    rows.append([_COMPUTED[lang], *(_x(case.computed) if case else "-" for case in worst)])
    rows.append([_ABSOLUTE[lang], *(short(case.absolute) if case else "-" for case in worst)])
    rows.append([_RELATIVE[lang], *(short(case.relative) if case else "-" for case in worst)])
    rows.append([_MEAN[lang], *(f"{short(quantity.mean)} ULP" for quantity in quantities)])
    rows.append([_ROUNDED[lang], *(_share(quantity.correctly_rounded) for quantity in quantities)])
    shares = [
        [_WITHIN[lang].format(limit=limit), *(_share(quantity.within[limit]) for quantity in quantities)]
        for limit in WITHIN
    ]
    return aligned(rows + shares)


def _regions(audit: Audit, lang: Language) -> Iterator[str]:
    for sign, quantity in zip(_SIGNS, _quantities(audit), strict=False):
        if quantity.regions:
            yield ""
            yield _REGIONS[lang].format(part=sign, count=quantity.above, level=number(quantity.level))
        for region in quantity.regions:
            yield "  " + _REGION[lang].format(
                low=_x(region.low),
                high=_x(region.high),
                count=region.count,
                ulps=short(region.worst.ulps),
                x=_x(region.worst.x),
            )


def _findings(audit: Audit, lang: Language) -> Iterator[str]:
    for sign, quantity in zip(_SIGNS, _quantities(audit), strict=False):
        told = ""
        for finding in quantity.findings:
            if finding.kind != told:
                yield ""
                yield _FINDING[lang].format(part=sign, kind=WRONG_RESULTS[finding.kind][lang])
            told = finding.kind
            where = _WHERE[lang].format(low=_x(finding.low), high=_x(finding.high), count=finding.count)
            case = finding.example
            if finding.kind in ("rises", "falls", "odd", "even"):
                yield f"  {where}"
                continue
            computed = _x(case.computed)
            example = _EXAMPLE[lang].format(
                sign=sign, x=_x(case.x), expected=_trimmed(case.expected), computed=computed
            )
            yield f"  {example}" if finding.count == 1 else f"  {where}  {example}"
        if quantity.unproved:
            yield ""
            yield _UNPROVED[lang].format(count=quantity.unproved)


def breach(quantity: Quantity, sign: str, option: str, limit: float) -> Text | None:
    """What of a quantity is beyond a limit, in one line; None where nothing is."""
    if quantity.max_ulp <= limit or quantity.worst is None:
        return None
    worst = quantity.worst
    region = quantity.regions[0] if quantity.regions else None
    found = _BREACH[0 if region is None else 1]
    values = dict(sign=sign, ulps=short(worst.ulps), x=_x(worst.x), hex=worst.hex, option=option, limit=number(limit))
    if region is not None:
        values |= dict(count=f"{region.count:,}", low=_x(region.low), high=_x(region.high))
    return Text(found.en.format(**values), found.zh.format(**values))


def overview(audits: Sequence[Audit], lang: Language) -> list[list[str]]:
    """A row for each function, with the largest errors and how many results are right."""
    rows = [[head[lang] for head in _HEADS]]
    for audit in audits:
        row = [audit.function.label]
        for quantity in (audit.f, audit.gradient):
            if quantity is None:
                row += ["-", "-", "-"]
                continue
            x = _x(quantity.worst.x) if quantity.worst and quantity.max_ulp else "-"
            row += [short(quantity.max_ulp), x, _share(quantity.correctly_rounded)]
        kinds = [
            _KINDS[lang].format(sign=sign, kinds=_KINDS_BETWEEN[lang].join(_kinds(quantity, lang)))
            for sign, quantity in zip(_SIGNS, _quantities(audit), strict=False)
            if quantity.findings
        ]
        rows.append([*row, PART[lang].join(kinds) or "-"])
    return rows


def _kinds(quantity: Quantity, lang: Language) -> list[str]:
    """The kinds of wrong results, each once."""
    kinds = dict.fromkeys(finding.kind for finding in quantity.findings)
    return [kind if lang == "en" else WRONG_RESULTS[kind].zh for kind in kinds]


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table in Markdown, the first one as its head."""
    head, *body = [" | ".join(cell.replace("|", r"\|") for cell in row) for row in rows]
    return [f"| {head} |", "|" + "---|" * len(rows[0]), *(f"| {line} |" for line in body)]


def short(value: float) -> str:
    """A size with four digits."""
    return "∞" if math.isinf(value) else f"{value:.4g}"


def _x(value: float) -> str:
    return f"{value:.9g}"


def _trimmed(digits: str) -> str:
    """A true value with seven of its digits."""
    try:
        return f"{float(digits):.7g}" if float(digits) else digits
    except ValueError:
        return digits


def _share(value: float) -> str:
    """A share as a percentage that is 100 only where nothing is missing."""
    if math.isnan(value):
        return "-"
    percent = 100 * value
    return "100 %" if percent == 100 else f"{min(percent, 99.9999):.4f} %"
