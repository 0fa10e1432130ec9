"""Where each stage of a run puts what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """Paths inside the folder of a run.

    Parameters
    ----------
    root : Path
        Folder of the run.

    Examples
    --------
    >>> Layout(Path("runs/demo")).cube("fine").as_posix()
    'runs/demo/cube/fine.zarr'
    """

    root: Path

    @property
    def truth(self) -> Path:
        """What the synthetic world knows about itself, kept aside for scoring."""
        return self.root / "truth"

    def cube(self, model_set: str) -> Path:
        """Predictors of a model set: monthly (time, y, x), annual (year, y, x), static (y, x)."""
        return self.root / "cube" / f"{model_set}.zarr"

    def zones(self, model_set: str) -> Path:
        """Zones, land fraction and area (y, x) of a model set, and its table of atoms."""
        return self.root / "zones" / f"{model_set}.zarr"

    @property
    def sites(self) -> Path:
        """Folder of the screened site-months, the training tables and the annual sums."""
        return self.root / "sites"

    def training(self, model_set: str) -> Path:
        """Training table of a model set: a row is a site-month with its predictors."""
        return self.sites / f"training_{model_set}.parquet"

    def models(self, model_set: str, flux: str) -> Path:
        """Folder of the central forest, its members, its held-out predictions and scores."""
        return self.root / "models" / model_set / flux

    def validation(self, model_set: str, flux: str) -> Path:
        """Folder of the tables that judge a forest: scores, fold designs, intervals, spread."""
        return self.root / "validation" / model_set / flux

    def flux(self, model_set: str) -> Path:
        """Monthly flux maps (time, y, x): central value, members' mean and SD."""
        return self.root / "flux" / f"{model_set}.zarr"

    def totals(self, model_set: str) -> Path:
        """Grams of each flux per atom, month and member."""
        return self.root / "totals" / f"{model_set}.zarr"

    @property
    def fire(self) -> Path:
        """Fire emission and burned fraction (time, y, x) on the fine grid, with their totals."""
        return self.root / "fire" / "fine.zarr"

    @property
    def postfire(self) -> Path:
        """Folder of what follows a fire: composites, the bias at burned sites, its correction."""
        return self.root / "postfire"

    def trends(self, model_set: str) -> Path:
        """Annual means and trends (flux, y, x) per cell."""
        return self.root / "trends" / f"{model_set}.zarr"

    def season_trends(self, model_set: str) -> Path:
        """Trends (layer, y, x) per cell of NEE by season and of the environment."""
        return self.root / "trends" / f"{model_set}_seasons.zarr"

    def trend_table(self, model_set: str, name: str) -> Path:
        """A table beside the trend maps: shares, overlay, greening, latitude and the like."""
        return self.root / "trends" / f"{model_set}_{name}.parquet"

    @property
    def budgets(self) -> Path:
        """Folder of the budget tables."""
        return self.root / "budgets"

    @property
    def drivers(self) -> Path:
        """Folder of importance and response curves."""
        return self.root / "drivers"

    @property
    def applicability(self) -> Path:
        """Folder of what the maps rest on: dissimilarity, area of applicability, clusters."""
        return self.root / "applicability"

    @property
    def compare(self) -> Path:
        """Folder of fluxes beside each other: NEE and Reco − GPP, the sets of a run."""
        return self.root / "compare"

    @property
    def products(self) -> Path:
        """Folder of the run beside products of others: inversions, simulations, upscaled fluxes."""
        return self.root / "products"

    @property
    def authors(self) -> Path:
        """Folder of the run beside the authors' own results, in a run on real data."""
        return self.root / "authors"

    @property
    def mean_maps(self) -> Path:
        """Folder of what the published mean maps say, in a run on the published maps."""
        return self.root / "mean_maps"

    @property
    def results(self) -> Path:
        """Folder of what people take away: numbers, tables, figures, maps."""
        return self.root / "results"

    @property
    def site(self) -> Path:
        """The built website."""
        return self.root / "site"

    @property
    def receipts(self) -> Path:
        """One small file a finished stage: what it made, with sha256."""
        return self.root / "receipts"

    @property
    def costs(self) -> Path:
        """Seconds and peak memory of each stage; these alone differ between equal runs."""
        return self.root / "costs"

    @property
    def inputs(self) -> Path:
        """Pinned files that each stage opened, with sha256."""
        return self.root / "inputs"

    @property
    def locks(self) -> Path:
        """Lock files of the run and of its stages."""
        return self.root / "locks"

    @property
    def manifest(self) -> Path:
        """Versions, configuration, seeds, hashes and times of the whole run."""
        return self.root / "manifest.json"

    @property
    def crate(self) -> Path:
        """The same in short, as a Process Run RO-Crate."""
        return self.root / "ro-crate-metadata.json"
