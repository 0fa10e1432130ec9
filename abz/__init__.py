"""abz, the open, re-runnable Arctic–boreal carbon budget.

Rooms, in the order in which data flows through them:

`catalog` (what each dataset is) → `fetching` (getting it) → `readers` (file to canonical arrays) →
`harmonise` (the predictor cube, on the grids of `grid`) → `sites` (towers to training table) →
`modelling` (forests, scores, ensembles) → `upscaling` (every cell, every month) → `fire` → `trends`
→ `budgets` → `drivers` → `applicability` → `compare` (answers beside each other) → `report`
(numbers, tables, figures).
`export` writes the maps as files for others; `world` makes a synthetic Arctic in the products' own
formats; `cli` is the command line that runs it all.
"""

__version__ = "0.1.0"
