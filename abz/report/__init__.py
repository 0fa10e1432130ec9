"""What people see of a run: numbers, tables, figures, maps, and the site that shows them.

`Results` is everything a run holds. `collect_numbers` makes numbers.json of it, `make_tables` the
tables, `draw_figures` the figures, `write_geotiffs` and `write_netcdf` the maps; published numbers
stand beside them, never among them.

The site is built by mkdocs with the Markdown extension `abz.report.markdown`, which puts numbers,
tables, figures and references into pages, and the hooks in `abz.report.site`, which fit pages and
navigation to the run.
"""

from abz.report.figures import draw_figures, figure_plans
from abz.report.maps import write_geotiff, write_geotiffs, write_netcdf
from abz.report.members import member_means, omitted_vegetation
from abz.report.number import Number
from abz.report.numbers import collect_numbers, number_records
from abz.report.offline import remote_resources
from abz.report.paper_tables import paper_tables, paper_text, shown_value, status_counts
from abz.report.results import Results, slug, zone_key
from abz.report.table import Table, markdown_table
from abz.report.tables import make_tables
from abz.report.time_means import annual_maps, mean_over_time, monthly_spread
from abz.report.truth import map_likeness, paired_years, recovery

__all__ = [
    "Number",
    "Results",
    "Table",
    "annual_maps",
    "collect_numbers",
    "draw_figures",
    "figure_plans",
    "make_tables",
    "map_likeness",
    "markdown_table",
    "mean_over_time",
    "member_means",
    "monthly_spread",
    "number_records",
    "omitted_vegetation",
    "paired_years",
    "paper_tables",
    "paper_text",
    "recovery",
    "remote_resources",
    "shown_value",
    "slug",
    "status_counts",
    "write_geotiff",
    "write_geotiffs",
    "write_netcdf",
    "zone_key",
]
