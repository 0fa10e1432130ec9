"""From the flux maps to budgets, trends, numbers and the site."""

LEARNS = RUN.kind != "published_maps"
MAPPING, GRIDDING = mapping_stage(RUN), "harmonise" if LEARNS else "adopt"
UPSCALED = [receipt(MAPPING, model_set=name) for name in SETS]
FORESTS = [(name, flux) for name in SETS for flux in FLUXES] if LEARNS else []
FIRE = [receipt("fire")] if RUN.kind != "climatology" and "fine" in SETS else []
JUDGED = [receipt("validate", model_set=name, flux=flux) for name, flux in FORESTS]
TRENDS = [receipt("trends", model_set=name) for name in SETS] if RUN.kind != "climatology" else []
SITES = [TRAINING] if LEARNS else []


if FIRE:

    rule fire:
        input:
            ARCHIVE,
            [] if LEARNS else if_there("gfed500m"),
            receipt(GRIDDING, model_set="fine"),
            sources("fire"),
        params:
            settings=settings("fire", "sets"),
        output:
            receipt("fire"),
        threads: RUN.workers
        shell:
            command("fire")


if TRENDS:

    rule trends:
        input:
            receipt(MAPPING, model_set="{model_set}"),
            FIRE,
            sources("trends"),
        params:
            settings=settings("trends", "fire"),
        output:
            receipt("trends", model_set="{model_set}"),
        shell:
            command("trends", "--set", "{wildcards.model_set}")


    rule budgets:
        input:
            UPSCALED,
            TRENDS,
            FIRE,
            [] if LEARNS else [receipt("mean_maps", model_set=name) for name in SETS],
            SITES,
            JUDGED,
            sources("budgets"),
        params:
            settings=settings("budgets", "trends", "fire", "sets", "sites"),
        output:
            receipt("budgets"),
        shell:
            command("budgets")

    BUDGETS = receipt("budgets")

    if not LEARNS:

        rule mean_maps:
            input:
                ARCHIVE,
                if_there("ornl_2377_means", "ornl_2377_trends"),
                UPSCALED,
                FIRE,
                sources("mean_maps"),
            params:
                settings=settings("budgets", "trends", "fire", "sets"),
            output:
                receipt("mean_maps", model_set="{model_set}"),
            shell:
                command("mean_maps", "--set", "{wildcards.model_set}")

    if FIRE and LEARNS:

        rule postfire:
            input:
                BUDGETS,
                TRAINING,
                FIRE,
                receipt("fit", model_set="fine", flux="nee"),
                receipt("upscale", model_set="fine"),
                sources("postfire"),
            params:
                settings=settings("budgets", "fire", "postfire", "sets"),
            output:
                receipt("postfire"),
            shell:
                command("postfire")

else:

    rule climatology_budgets:
        input:
            UPSCALED,
            sources("climatology_budgets"),
        params:
            settings=settings("sets"),
        output:
            receipt("climatology_budgets"),
        shell:
            command("climatology_budgets")

    BUDGETS = receipt("climatology_budgets")


rule compare:
    input:
        UPSCALED,
        sources("compare"),
    params:
        settings=settings("budgets", "sets"),
    output:
        receipt("compare"),
    shell:
        command("compare")


if RUN.kind != "climatology":

    rule products:
        input:
            UPSCALED,
            ARCHIVE,
            SITES,
            FIRE,
            sources("products"),
        params:
            settings=settings("trends", "sets"),
        output:
            receipt("products"),
        shell:
            command("products")


if RUN.kind == "climatology":

    # Files of the authors, few and small: the page appears with them and follows them.
    SMALL_RESULTS = [
        str(path)
        for folder in ("published", "cmip6_permafrost_region")
        for path in sorted((Path(config["here"]) / (RUN.data or ".") / folder).rglob("*.csv"))
    ]

    rule authors:
        input:
            SMALL_RESULTS,
            CATALOG,
            TRAINING,
            BUDGETS,
            receipt("drivers"),
            [receipt("fit", model_set=name, flux=flux) for name in SETS for flux in FLUXES],
            str(repository() / "docs/records/ranger.json"),
            sources("authors"),
        params:
            settings=settings("forest", "drivers"),
        output:
            receipt("authors"),
        threads: RUN.workers
        shell:
            command("authors")


rule report:
    input:
        [receipt("authors")] if RUN.kind == "climatology" else [],
        BUDGETS,
        [receipt("postfire")] if FIRE and LEARNS else [],
        receipt("compare"),
        [receipt("products")] if RUN.kind != "climatology" else [],
        [receipt("drivers")] if LEARNS else [],
        [receipt("applicability", model_set=name) for name in SETS] if LEARNS else [],
        JUDGED,
        [CATALOG] if Path(CATALOG).is_file() else [],
        sources("report"),
    params:
        settings=RUN.model_dump_json(exclude={"workers", "data", "output", "catalog"}),
    output:
        receipt("report"),
    shell:
        command("report")


rule site:
    input:
        receipt("report"),
        [name for name in ["dag.svg"] if Path(name).is_file()],
        str(repository() / "mkdocs.yml"),
        sorted(str(path) for path in (repository() / "docs").rglob("*") if path.is_file()),
        sorted(str(path) for path in PACKAGE.rglob("*.py")),
    output:
        receipt("site"),
    shell:
        command("site")
