"""The paper, number by number, beside a run: printed, and written to its results."""

from __future__ import annotations

from pathlib import Path

from abz.cli.layout import Layout
from abz.cli.storage import atomic_path, read_json, write_json
from abz.errors import InputError, MissingDataError
from abz.published import (
    CONTRADICTIONS,
    all_checks,
    unexpected,
    verification_table,
    verify_paper,
)
from abz.report import paper_text, status_counts

__all__ = ["check_paper"]


def check_paper(run: Path) -> int:
    """Print every published number beside a run's; write results/paper.csv and paper.json.

    Parameters
    ----------
    run : Path
        Folder of the run.

    Returns
    -------
    int
        0 if the published numbers hold as declared, 1 if one contradicts another in a way that is
        not known.

    Raises
    ------
    MissingDataError
        If the run has no numbers.json.
    InputError
        If it holds no numbers.
    """
    results = Layout(run).results
    numbers = _numbers(results / "numbers.json")
    rows = verify_paper(numbers)
    table, wrong = verification_table(rows), unexpected(all_checks())
    with atomic_path(results / "paper.csv") as path:
        table.to_csv(path, index=False, lineterminator="\n")
    write_json(
        {
            "synthetic": numbers["run_data"]["value"] == "synthetic",
            "counts": status_counts(rows),
            "unexpected": wrong,
            "rows": table.astype(object).where(table.notna(), None).to_dict("records"),
        },
        results / "paper.json",
    )
    texts = {key: str(number["text"]) for key, number in numbers.items()}
    print(paper_text(rows, texts))
    print()
    for known in CONTRADICTIONS:
        print(f"{known.name} ({known.where}): {known.explanation}")
    print()
    print(", ".join(f"{status}: {count}" for status, count in status_counts(rows).items()))
    for sentence in wrong:
        print(f"not known: {sentence}")
    return 1 if wrong else 0


def _numbers(path: Path) -> dict[str, dict[str, object]]:
    """The numbers of a run."""
    if not path.is_file():
        raise MissingDataError(
            "the run has no numbers to hold against the paper",
            rule="the folder of a run holds results/numbers.json",
            value=path,
            remedy="run `abz all --config FILE`, or name the folder of a finished run",
        )
    remedy = "run `abz report --config FILE` again"
    rule = "numbers.json is a mapping of numbers, and says whether the data are real"
    try:
        found = read_json(path)
    except ValueError as error:
        raise InputError("the numbers of the run are no JSON", rule=rule, value=path,
                         remedy=remedy) from error  # fmt: skip
    whole = isinstance(found, dict) and all(
        isinstance(number, dict) and {"value", "text", "period"} <= set(number)
        for number in found.values()
    )
    if not whole or "run_data" not in found:
        raise InputError("the numbers of the run are not whole", rule=rule, value=path,
                         remedy=remedy)  # fmt: skip
    return found
