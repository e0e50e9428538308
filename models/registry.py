"""Where model packages lie: by name in ``models/weights``, or in any folder by its path."""

from difflib import get_close_matches
from pathlib import Path

from core.errors import ModelError

DEFAULT_MODEL = "gridpatrol-n"
"""The package that is used when the configuration names none."""

WEIGHTS_FOLDER = Path(__file__).resolve().parent / "weights"
MANIFEST_NAME = "manifest.json"
CARD_NAME = "CARD.md"


def package_names(weights_folder: Path = WEIGHTS_FOLDER) -> tuple[str, ...]:
    """Names of the packages that come with Gridpatrol, sorted."""
    return tuple(sorted(path.parent.name for path in weights_folder.glob(f"*/{MANIFEST_NAME}")))


def package_folder(name_or_path: str | Path, weights_folder: Path = WEIGHTS_FOLDER) -> Path:
    """The folder of a package: a shipped name first, else a path to a folder or to its ``manifest.json``.

    Raises:
        ModelError: neither a shipped name nor a folder with a manifest.
    """
    if isinstance(name_or_path, str) and name_or_path in package_names(weights_folder):
        return weights_folder / name_or_path
    path = Path(name_or_path).expanduser()
    folder = path.parent if path.name == MANIFEST_NAME else path
    if (folder / MANIFEST_NAME).is_file():
        return folder
    if folder.is_dir():
        raise ModelError(
            f"{folder} has no {MANIFEST_NAME}; name the folder that holds model.onnx, {MANIFEST_NAME} and {CARD_NAME}"
        )
    if path.is_file():
        raise ModelError(f"{path} is a file; name its package folder, or make one with `gridpatrol models export`")
    raise ModelError(f"no model package {str(name_or_path)!r}; {_known(str(name_or_path), weights_folder)}")


def _known(name: str, weights_folder: Path) -> str:
    names = package_names(weights_folder)
    if not names:
        return f"none are installed in {weights_folder.name}/: reinstall Gridpatrol, or give a package folder's path"
    nearest = get_close_matches(name, names, n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}known: {', '.join(names)}, or give a package folder's path"
