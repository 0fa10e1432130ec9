"""`abz data`: what a run needs, what of it is there, getting the rest, holding to it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from abz.catalog import Catalog
from abz.cli.product_fire import FIRES
from abz.cli.products import PRODUCTS
from abz.cli.progress import gauge
from abz.cli.winter import WINTER_ENTRY
from abz.config import Config, load_config
from abz.errors import ConfigError
from abz.fetching import (
    Failure,
    Finding,
    Need,
    Outcome,
    Progress,
    Stopped,
    Survey,
    adopt,
    alone_in,
    fetch,
    lock,
    needs,
    survey,
    verify,
    with_sizes,
)
from abz.validation import check_choice

__all__ = ["run_data"]


def run_data(parsed: argparse.Namespace) -> int:
    """Run an action.

    Returns
    -------
    int
        0 if all is there and right; 1 if something is missing, damaged, changed or could not be
        had.

    Raises
    ------
    ConfigError
        If datasets are named for a run on a synthetic Arctic.
    """
    config = load_config(parsed.config)
    if parsed.action == "list":
        return _list(config, parsed)
    if config.synthetic:
        return _none_to_fetch(config, parsed.datasets)
    catalog = Catalog.load(config.catalog, config.archive)
    wanted = _wanted(catalog, config, parsed.datasets)
    return _DOING[parsed.action](catalog, wanted, parsed)


def _none_to_fetch(config: Config, datasets: Sequence[str]) -> int:
    """What there is to do for a synthetic run: its files must never pass for those of a product."""
    words = f"{config.name} runs on a synthetic Arctic and makes its data itself"
    if datasets:
        raise ConfigError(
            words,
            rule="datasets are named for a run on real files",
            value=" ".join(datasets),
            remedy="name the configuration of that run: `--config FILE`",
        )
    print(f"{words}: none to fetch; `--config FILE` names another run")
    return 0


def _wanted(catalog: Catalog, config: Config, names: Sequence[str]) -> list[Need]:
    """What the run needs, or the datasets that were named; of those it needs, its years."""
    needed = {need.name: need for need in needs(config)}
    if not names:
        return list(needed.values())
    chosen = sorted({check_choice(name, catalog.names(), "dataset") for name in names})
    return [needed.get(name, Need(name)) for name in chosen]


def _list(config: Config, parsed: argparse.Namespace) -> int:
    """A line for each dataset."""
    catalog = Catalog.load(config.catalog, config.data or Path("data"))
    needed = {need.name for need in needs(config)}
    beside = set() if config.kind == "climatology" else {*PRODUCTS, *FIRES, WINTER_ENTRY}
    rows = [("", "dataset", "product", "version", "access", "fetched by", "licence")]
    for name in catalog.names():
        pin = catalog.pin(name)
        ways = ", ".join(dict.fromkeys(origin.by for origin in pin.origins)) or "hand"
        mark = "*" if name in needed else "+" if name in beside else ""
        rows.append((mark, name, pin.product, pin.version, pin.access, ways, pin.license))
    _print_table(rows)
    print(f"\n* read by {config.name}" if needed else f"\n{config.name} reads none of them")
    if needed and beside:
        gets = _command(parsed, "fetch", "NAME")
        print(f"+ laid beside the run where it is there: {gets} gets it, or says how")
    return 0


def _status(catalog: Catalog, wanted: Sequence[Need], parsed: argparse.Namespace) -> int:
    """A line for each dataset, and the sum."""
    surveys = [survey(catalog, need) for need in wanted]
    if parsed.ask:
        surveys = with_sizes(surveys)
    rows = [("dataset", "there", "missing", "damaged", "on disk", "to come")]
    for state in surveys:
        missing = str(state.count("missing"))
        if state.unlisted:
            missing += " + ?"
        rows.append(
            (
                state.need.name, str(state.count("there", "unpinned")), missing,
                str(state.count("damaged")), _bytes_text(state.here), _to_come(state),
            )
        )  # fmt: skip
    _print_table(rows)
    remarks: dict[str, list[str]] = {}
    for state in surveys:
        for remark in _remarks(state, parsed):
            remarks.setdefault(remark, []).append(state.need.name)
    for remark, names in remarks.items():
        print(f"{', '.join(names)}: {remark}")
    known = sum(state.to_come[0] for state in surveys)
    unknown = sum(state.to_come[1] for state in surveys)
    print(f"\n{catalog.root}: {_sum_to_come(known, unknown, asked=parsed.ask)}")
    return 0 if all(state.is_complete for state in surveys) else 1


def _command(parsed: argparse.Namespace, action: str, *words: str) -> str:
    """A command for the same run, as it is typed.

    Examples
    --------
    >>> _command(argparse.Namespace(config=Path("my run.toml")), "lock", "gimms3g", "--renew")
    "`abz data lock gimms3g --renew --config 'my run.toml'`"
    """
    return f"`{shlex.join(['abz', 'data', action, *words, '--config', str(parsed.config)])}`"


def _remarks(state: Survey, parsed: argparse.Namespace) -> Iterator[str]:
    """What a line of numbers does not say."""
    for item in state.items:
        if item.state == "damaged":
            yield f"{item.path} is damaged: {item.fault}"
    if state.beyond:
        years = ", ".join(map(str, state.beyond))
        yield f"the product does not cover {years}, which the run asks for"
    if state.count("unpinned"):
        yield f"held to no digest: {_command(parsed, 'lock')} pins what is there"
    asks = f"{_command(parsed, 'fetch')} asks"
    if state.unlisted and state.pin.origins:
        yield f"how many files there are is known when the archive was asked: {asks}"
    elif state.unasked:
        yield f"the archive has not been asked whether these are all: {asks}"
    if not state.is_complete and not state.pin.origins:
        where = state.pin.url or f"its provider, {state.pin.provider}"
        yield f"to be had by hand: {where}"


def _fetch(catalog: Catalog, wanted: Sequence[Need], parsed: argparse.Namespace) -> int:
    """Get what lacks, and say what could not be had."""
    with alone_in(catalog.root):
        if parsed.folder is not None:
            outcome = adopt(catalog, wanted, parsed.folder)
            done = "linked"
        else:
            with _bar("fetch") as progress:
                try:
                    outcome = fetch(catalog, wanted, jobs=parsed.jobs, progress=progress)
                except Stopped:
                    raise KeyboardInterrupt from None
            done = "fetched"
    _tell(outcome)
    after = Catalog.load(catalog.path, catalog.root)
    surveys = [survey(after, need) for need in wanted]
    lacking = [state.need.name for state in surveys if not state.is_complete]
    print(f"{_count_text(len(outcome.fetched), 'file')} {done} into {catalog.root}")
    if lacking:
        print(f"still incomplete: {', '.join(lacking)}")
        print(f"{_command(parsed, 'status', *parsed.datasets)} says what they lack")
    return 1 if lacking or outcome.failures else 0


def _tell(outcome: Outcome) -> None:
    """Failures, each message once, with the datasets that it concerns."""
    once: dict[str, list[Failure]] = {}
    for failure in outcome.failures:
        once.setdefault(str(failure.error), []).append(failure)
    for message, same in once.items():
        names = ", ".join(dict.fromkeys(failure.name for failure in same))
        print(f"abz: {type(same[0].error).__name__}: {names}: {message}", file=sys.stderr)


def _verify(catalog: Catalog, wanted: Sequence[Need], parsed: argparse.Namespace) -> int:
    """Read everything and say what is not as pinned."""
    with _bar("verify") as progress:
        right, findings = verify(catalog, wanted, jobs=parsed.jobs, progress=progress)
    unpinned = Counter(finding.name for finding in findings if finding.kind == "unpinned")
    for finding in findings:
        words = f": {finding.words}" if finding.words else ""
        if finding.kind != "unpinned":
            print(f"{finding.name}: {finding.path} {finding.kind}{words}")
    for name, count in unpinned.items():
        print(f"{name}: {_count_text(count, 'file')} unpinned")
    print(f"{catalog.root}: {right} files are as pinned, {len(findings)} are not")
    for remedy in _remedies(findings, parsed):
        print(f"remedy: {remedy}")
    return 1 if findings else 0


def _remedies(findings: Sequence[Finding], parsed: argparse.Namespace) -> Iterator[str]:
    """What to do about each kind of finding."""
    kinds = {finding.kind for finding in findings}
    if kinds & {"missing", "damaged"}:
        yield f"{_command(parsed, 'fetch')} gets missing and damaged files, or says how"
    if "changed" in kinds:
        names = sorted({finding.name for finding in findings if finding.kind == "changed"})
        yield (
            "bring the pinned bytes of changed files back: remove these and fetch them again; "
            f"if the change is meant, {_command(parsed, 'lock', *names, '--renew')}"
        )
    if "unpinned" in kinds:
        yield f"{_command(parsed, 'lock')} pins what is there"


def _lock(catalog: Catalog, wanted: Sequence[Need], parsed: argparse.Namespace) -> int:
    """Pin what is there."""
    renew = parsed.datasets if parsed.renew else ()
    if parsed.renew and not renew:
        print("abz: --renew wants the datasets named whose pins are given up", file=sys.stderr)
        return 2
    with alone_in(catalog.root), _bar("lock") as progress:
        pinned = lock(catalog, wanted, renew=renew, jobs=parsed.jobs, progress=progress)
    print(f"{_count_text(len(pinned), 'file')} pinned in {catalog.path.with_suffix('.lock')}")
    return 0


_DOING: dict[str, Callable[[Catalog, Sequence[Need], argparse.Namespace], int]] = {
    "status": _status,
    "fetch": _fetch,
    "verify": _verify,
    "lock": _lock,
}


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """One bar for all files."""
    with gauge(label, unit="B") as move:
        progress = Progress(move)
        try:
            yield progress
        except BaseException:
            progress.stop.set()
            raise


def _to_come(state: Survey) -> str:
    """Bytes to come, as far as they are known."""
    known, unknown = state.to_come
    if state.is_complete:
        return "-"
    if not unknown:
        return _bytes_text(known)
    mean = state.mean_size
    if mean is None or state.unlisted:
        return f"{_bytes_text(known)} + ?" if known else "?"
    return f"about {_bytes_text(known + mean * unknown)}"


def _sum_to_come(known: float, unknown: int, *, asked: bool) -> str:
    """Bytes to come of all datasets, and what is not known of them.

    Examples
    --------
    >>> _sum_to_come(0, 0, asked=True), _sum_to_come(2e9, 3, asked=True)
    ('nothing to come', '2.0 GB to come, and 3 files or patterns of unknown size')
    >>> _sum_to_come(0, 1, asked=False)
    '1 file or pattern of unknown size to come (`--ask` asks open archives)'
    """
    if not unknown:
        return f"{_bytes_text(known)} to come" if known else "nothing to come"
    rest = f"{_count_text(unknown, 'file')} or {'pattern' if unknown == 1 else 'patterns'}"
    rest += " of unknown size"
    hint = "" if asked else " (`--ask` asks open archives)"
    return f"{_bytes_text(known)} to come, and {rest}{hint}" if known else f"{rest} to come{hint}"


def _count_text(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _bytes_text(count: float) -> str:
    """A size in decimal units.

    Examples
    --------
    >>> _bytes_text(0), _bytes_text(1.5e9)
    ('0 B', '1.5 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns of text, the widest cell of each deciding."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())
