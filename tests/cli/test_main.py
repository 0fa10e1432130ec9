"""The command line."""

import pytest

from abz.cli.main import STAGES, main


def test_errors_name_problem_rule_value_and_remedy(tmp_path, capsys):
    assert main(["all", "--config", str(tmp_path / "none.toml")]) == 2
    message = capsys.readouterr().err
    assert "ConfigError" in message
    assert all(word in message for word in ("rule:", "got:", "remedy:"))


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_explains_itself(stage, capsys):
    with pytest.raises(SystemExit) as end:
        main([stage, "--help"])
    assert end.value.code == 0
    assert STAGES[stage][:20] in capsys.readouterr().out


def test_stages_and_modules_are_the_same_set(repository):
    modules = {path.stem for path in (repository / "abz/cli/stages").glob("[!_]*.py")}
    assert modules == set(STAGES)
