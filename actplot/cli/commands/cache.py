"""``actplot cache``: where curves and facts are kept between commands, and how much that is."""

import json
from typing import Annotated

from actplot import cache
from actplot.cli.options import JsonOption, LanguageOption
from actplot.cli.words import option
from actplot.text import Text, choose_language

_KEPT = Text(
    "folder: {folder}\nfiles: {files}\nsize: {size:.1f} MiB of at most {limit:.0f} MiB",
    "文件夹：{folder}\n文件数：{files}\n大小：{size:.1f} MiB，上限 {limit:.0f} MiB",
)
_OFF = Text("off", "已关闭")
_CLEARED = Text("files removed: {files} ({size:.1f} MiB)", "已删除文件：{files} 个（{size:.1f} MiB）")
_MIB = 2**20


def show_cache(
    clear: Annotated[
        bool, option("--clear", help=Text("Remove everything that is kept.", "删除缓存的全部内容。"))
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """What is kept of curves and facts, and where."""
    language = choose_language(lang)
    folder = cache.folder()
    used = cache.clear() if clear else cache.usage()
    if as_json:
        about = {"folder": folder and str(folder), "limit": cache.LIMIT}
        print(json.dumps(about | {"removed" if clear else "kept": used._asdict()}, ensure_ascii=False, indent=2))
        return
    where = _OFF[language] if folder is None else folder
    words = _CLEARED if clear else _KEPT
    print(words[language].format(folder=where, files=used.files, size=used.bytes / _MIB, limit=cache.LIMIT / _MIB))
