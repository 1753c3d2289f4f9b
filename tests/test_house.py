"""The house rules: who imports whom, what is light, what agrees with what."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("geneml", "data_sim", "lessons")


def _tracked() -> list[Path]:
    """Files that git tracks or would track; every file where there is no git."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout: no list of the project's own files")
    files = (ROOT / name for name in listing.split("\0") if name)
    return [file for file in files if file.is_file()]


def _imports(path: Path) -> set[str]:
    """Top-level names that a module imports anywhere, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


FORBIDDEN = {
    "data_sim": {"keras", "tensorflow", "torch", "jax", "geneml", "lessons", "sklearn"},
    "geneml": {"data_sim", "lessons"},
    "lessons/grader": {"keras", "tensorflow"},
}
# `geneml simulate` writes genotype files, so this one command reaches for the
# writers; and the grader reads a learner's saved model when a check asks for one.
EXCEPTIONS = {("data_sim/commands.py", "geneml"), ("lessons/grader/models.py", "keras")}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_import_only_what_they_may(room):
    modules = _modules(room)
    assert modules, f"no modules found in {room}"
    for path in modules:
        name = path.relative_to(ROOT).as_posix()
        wrong = {x for x in _imports(path) & FORBIDDEN[room] if (name, x) not in EXCEPTIONS}
        assert not wrong, f"{name} imports {sorted(wrong)}"


def test_keras_code_is_free_of_its_backend():
    # The fast epoch is written for TensorFlow; every other backend takes the general path.
    # Derivatives by an input have no common form in Keras: one module writes all three.
    allowed = {"_tensorflow_engine.py", "gradients.py"}
    for path in _modules("geneml"):
        assert not _imports(path) & {"tensorflow", "torch", "jax"} or path.name in allowed, (
            f"{path.relative_to(ROOT)} names a backend; use keras.ops"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "import geneml",
        "import data_sim",
        "import lessons",
        "import geneml.cohort, geneml.readers, geneml.datasets, geneml.encoding",
        "import geneml.splits, geneml.metrics, geneml.intervals, geneml.cli",
        "import data_sim.studies, data_sim.traits, data_sim.populations",
    ],
)
def test_light_imports_stay_light(statement):
    heavy = "('tensorflow', 'keras', 'shap')"
    program = f"{statement}\nimport sys\nprint([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def _lock_tool():
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".ci" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_environment_lock_and_pyproject_agree():
    lock_text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert written == _lock_tool().environment(lock_text), "run: python .ci/lock.py --mirror"

    locked: dict[str, set[str]] = {}
    for pin in _lock_tool().pins(lock_text):
        requirement = Requirement(pin)
        if requirement.marker is None or requirement.marker.evaluate():
            locked.setdefault(requirement.name.lower(), set()).add(str(requirement.specifier)[2:])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    assert len(wanted) > 20
    for line in wanted:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        versions = locked.get(requirement.name.lower(), set())
        assert len(versions) == 1, f"{requirement.name} is locked to {sorted(versions)}"
        (version,) = versions
        assert requirement.specifier.contains(version, prereleases=True), f"{line}: {version}"


def test_lock_serves_every_python_with_the_same_versions():
    pins = [Requirement(pin) for pin in _lock_tool().pins((ROOT / "requirements.lock").read_text())]
    for python in ("3.11.9", "3.12.4", "3.13.1"):
        place = {
            "python_full_version": python,
            "python_version": python.rsplit(".", 1)[0],
            "sys_platform": "linux",
            "platform_machine": "x86_64",
        }
        chosen = [p for p in pins if p.marker is None or p.marker.evaluate(place)]
        names = [p.name for p in chosen]
        assert len(names) == len(set(names))
        by_name = {p.name: str(p.specifier) for p in chosen}
        assert {"numpy", "pandas", "keras", "tensorflow", "jupyter-book", "shap"} <= set(by_name)
        if python.startswith("3.11"):
            first = by_name
        shared = {n for n in first if n in by_name}
        assert {n for n in shared if first[n] != by_name[n]} == set()


def test_files_name_no_index_and_no_path_of_a_machine():
    # Put together from pieces, so that this file does not name them either.
    index = "|".join(
        [
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "registry." + r"npmjs",
            r"deb\.deb" + r"ian\.org",
        ]
    )
    places = "|".join(["/ro" + "ot/", "/wo" + "rk/", "/ho" + r"me/\w+/", r"/tmp/b" + "ash"])
    pattern = re.compile(f"{index}|(?<![\\w.])(?:{places})")
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        match = pattern.search(text)
        assert match is None, f"{path.relative_to(ROOT)} names {match.group()!r}"


def test_real_data_is_not_committed():
    names = {path.name for path in _tracked()}
    assert not {name for name in names if name.endswith((".RData", ".rda", ".bed", ".fam"))}


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_small_enough_to_read(package):
    for path in _modules(package):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        # The files of a lesson are a list of exercises, mostly words to the learner.
        limit = 500 if (path.parent / "worksheet.md").exists() else 320
        assert lines <= limit, f"{path.relative_to(ROOT)} has {lines} lines; does it do one thing?"


def test_readme_commands_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^(?:\$ )?make (\w+)", readme, flags=re.M))
    assert {"book", "test"} <= commands
    for target in commands:
        assert re.search(rf"^{target}:", makefile, flags=re.M), f"README names `make {target}`"


def test_changelog_names_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
