"""The files around the package say the same thing."""

import json
import re
import tomllib
from importlib.metadata import packages_distributions

import jsonschema
import pytest
import yaml


@pytest.fixture(scope="module")
def pixi(repository):
    return tomllib.loads((repository / "pixi.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def tasks_run(repository):
    return (repository / "tasks" / "run").read_text("utf-8")


@pytest.fixture(scope="module")
def lock(repository):
    return (repository / "tasks" / "requirements.lock").read_text("utf-8")


def test_pixi_manifest_obeys_the_schema(pixi, real_data):
    schema = real_data / "pixi" / "manifest-schema-0.77.0.json"
    if not schema.is_file():
        pytest.skip("the schema of pixi's manifest is not there")
    jsonschema.validate(pixi, json.loads(schema.read_text("utf-8")))


def test_only_the_interpreter_comes_from_conda(pixi):
    assert list(pixi["dependencies"]) == ["python"]
    assert list(pixi["pypi-dependencies"]) == ["abz"]
    assert pixi["workspace"]["channels"] == ["conda-forge"]


def test_pixi_and_project_agree(pixi, project):
    workspace, package = pixi["workspace"], project["project"]
    assert pixi["dependencies"]["python"].split(",")[0] == package["requires-python"]
    assert set(pixi["pypi-dependencies"]["abz"]["extras"]) == {*package["optional-dependencies"]}
    for key in ("name", "version", "description", "license"):
        assert workspace[key] == package[key]


def test_both_ways_know_the_same_tasks(pixi, tasks_run):
    listed = set(re.findall(r"^  ([a-z]+) ", tasks_run.split("END")[1], re.MULTILINE))
    assert listed - {"abz"} == set(pixi["tasks"])
    assert all(task["description"] for task in pixi["tasks"].values())


def test_both_ways_run_the_same_commands(pixi, tasks_run):
    body = tasks_run.rsplit("case $task in", 1)[1]
    for name in ("all", "demo", "test", "docs", "bench"):
        command = re.search(rf"^{name}\) exec (.*?)(?: \"\$@\")? ;;", body, re.MULTILINE).group(1)
        assert pixi["tasks"][name]["cmd"] == command
    for command in pixi["tasks"]["lint"]["cmd"].split(" && "):
        assert command in body


def test_the_lock_pins_every_dependency_with_hashes(project, lock):
    wanted = [*project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    pinned = {m.lower().replace("_", "-") for m in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    for requirement in wanted:
        assert re.match(r"[\w.-]+", requirement).group().lower() in pinned
    blocks = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?://", lock)


def test_every_library_of_the_core_list_is_used(project, repository):
    modules = {}
    for module, names in packages_distributions().items():
        for name in names:
            modules.setdefault(name.lower().replace("_", "-"), set()).add(module)
    source = "".join(path.read_text("utf-8") for path in (repository / "abz").rglob("*.py"))
    words = set(re.findall(r"\w+", source)) | {"pyarrow"}  # pandas writes Parquet with it
    for requirement in project["project"]["dependencies"]:
        name = re.match(r"[\w.-]+", requirement).group().lower()
        assert modules[name] & words, requirement


def test_citation_names_the_article_and_the_data(repository, project):
    citation = yaml.safe_load((repository / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["project"]["version"]
    assert citation["preferred-citation"]["doi"] == "10.1038/s41558-024-02234-5"
    assert [r["doi"] for r in citation["references"]] == ["10.3334/ORNLDAAC/1934"]


def test_codecheck_lists_outputs_of_the_demo(repository):
    check = yaml.safe_load((repository / "codecheck.yml").read_text("utf-8"))
    files = [item["file"] for item in check["manifest"]]
    assert "runs/demo/results/numbers.json" in files
    assert all(item["comment"] for item in check["manifest"])
    assert all(name.startswith("runs/demo/") for name in files)


def test_readme_is_short_and_names_both_ways(repository):
    text = (repository / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 120
    for command in ("pixi run all", "tasks/run all", "pixi run test", "tasks/run test"):
        assert command in text
    assert "pixi.lock" in text
    for folder in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE):
        assert (repository / folder).exists(), folder


def test_ci_runs_the_tests_of_the_readme(repository):
    text = (repository / ".ci" / "run").read_text("utf-8")
    assert "tasks/run test" in text
    assert "tasks/config/ci.toml" in text
