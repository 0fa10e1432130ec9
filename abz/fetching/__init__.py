"""Getting the data of a run: what it needs, what is there, fetching the rest, holding to it.

`needs` says which datasets and years a configuration reads, `survey` what of them is there; both
only look. `fetch` brings what lacks: open addresses through pooch with a downloader that resumes
and tries again, NASA Earthdata through earthaccess, the Copernicus Climate Data Store through
ecmwf-datastores-client. A file takes its name only when its size and digest are right, and its
digest is kept in the catalog's lock file. `adopt` takes files from a folder on disk, `verify` reads
all bytes again, `lock` pins what is there. Accounts and keys come from the tools' own stores or the
environment; no message, lock file or manifest holds them.
"""

from __future__ import annotations

from abz.fetching.adopting import adopt
from abz.fetching.answers import Stopped
from abz.fetching.asking import with_sizes
from abz.fetching.fetch import Failure, Outcome, fetch
from abz.fetching.http import Meter, Patience, download
from abz.fetching.needs import Need, needs
from abz.fetching.progress import Progress
from abz.fetching.room import alone_in
from abz.fetching.survey import Item, Survey, survey
from abz.fetching.verifying import Finding, lock, verify

__all__ = [
    "Failure",
    "Finding",
    "Item",
    "Meter",
    "Need",
    "Outcome",
    "Patience",
    "Progress",
    "Stopped",
    "Survey",
    "adopt",
    "alone_in",
    "download",
    "fetch",
    "lock",
    "needs",
    "survey",
    "verify",
    "with_sizes",
]
