"""A copy of the package whose catalog holds every entry many times, under other names."""

import ast
import copy
import shutil
from pathlib import Path

import actplot


def enlarge(folder: Path, times: int) -> Path:
    """Copies the package into ``folder`` with a catalog ``times`` as large, and returns the folder to import it from."""
    source = Path(actplot.__file__).parent
    shutil.copytree(source, folder / "actplot", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "actplot/functions/catalog").glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        entries = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
        for number in range(2, times + 1):
            tree.body += [_renamed(entry, number) for entry in entries]
        path.write_text(ast.unparse(tree), "utf-8")
    return folder


def _renamed(entry: ast.FunctionDef, number: int) -> ast.FunctionDef:
    """The same function under a name and a title of its own, without aliases."""
    renamed = copy.deepcopy(entry)
    renamed.name = f"{entry.name}_copy_{number}"
    for decorator in renamed.decorator_list:
        if isinstance(decorator, ast.Call):
            decorator.keywords = [keyword for keyword in decorator.keywords if keyword.arg != "aliases"]
            for text in decorator.args:
                for word in ast.walk(text):
                    if isinstance(word, ast.Constant):
                        word.value = f"{word.value} copy {number}"
    return renamed
