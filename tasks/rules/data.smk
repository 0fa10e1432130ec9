"""From the archive to the predictor cube and the training table."""

if RUN.synthetic:

    rule world:
        input:
            sources("world"),
        params:
            settings=settings("world", "sets", "fire"),
        output:
            receipt("world"),
        shell:
            command("world")


ARCHIVE = [receipt("world")] if RUN.synthetic else [CATALOG, *LOCK]


if RUN.kind == "study":

    rule harmonise:
        input:
            ARCHIVE,
            sources("harmonise"),
        params:
            settings=lambda wildcards: settings("sets", "zones"),
            zones=ZONE_DIGESTS,
        output:
            receipt("harmonise", model_set="{model_set}"),
        threads: RUN.workers
        shell:
            command("harmonise", "--set", "{wildcards.model_set}")

    rule sites:
        input:
            ARCHIVE,
            [receipt("harmonise", model_set=name) for name in SETS],
            sources("sites"),
        params:
            settings=settings("sites"),
        output:
            receipt("sites"),
        shell:
            command("sites")

    CUBE = receipt("harmonise", model_set="{model_set}")
    TRAINING = receipt("sites")

elif RUN.kind == "published_maps":

    def if_there(*names):
        """Files of products that a run does without where they are not there; they may come later."""
        if RUN.synthetic or RUN.data is None:
            return []
        folder = Path(config["here"]) / RUN.data
        return [str(path) for name in names for path in sorted(folder.glob(f"{name}/*"))]

    rule adopt:
        input:
            ARCHIVE,
            if_there("esa_cci_lc", "cavm"),
            sources("adopt"),
        params:
            settings=settings("sets", "zones"),
            zones=ZONE_DIGESTS,
            precision=str(RUN.upscaling.precision),
        output:
            receipt("adopt", model_set="{model_set}"),
        threads: RUN.workers
        shell:
            command("adopt", "--set", "{wildcards.model_set}")

    CUBE = TRAINING = None

else:

    rule climatology:
        input:
            ARCHIVE,
            sources("climatology"),
        params:
            settings=settings("sets", "sites", "zones"),
            zones=ZONE_DIGESTS,
        output:
            receipt("climatology"),
        shell:
            command("climatology")

    CUBE = TRAINING = receipt("climatology")
