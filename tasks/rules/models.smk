"""From the training table to the flux maps, and what explains them."""

if RUN.kind != "published_maps":

    rule fit:
        input:
            TRAINING,
            sources("fit"),
        params:
            settings=settings("forest", "sets"),
        output:
            receipt("fit", model_set="{model_set}", flux="{flux}"),
        shell:
            command("fit", "--set", "{wildcards.model_set}", "--flux", "{wildcards.flux}")


    rule upscale:
        input:
            CUBE,
            [receipt("fit", model_set="{model_set}", flux=flux) for flux in FLUXES],
            sources("upscale"),
        params:
            settings=settings("sets"),
            precision=str(RUN.upscaling.precision),
            keep_members=RUN.upscaling.keep_members,
        output:
            receipt("upscale", model_set="{model_set}"),
        threads: RUN.workers
        shell:
            command("upscale", "--set", "{wildcards.model_set}")


    rule drivers:
        input:
            [receipt("fit", model_set=name, flux=flux) for name in SETS for flux in FLUXES],
            sources("drivers"),
        params:
            settings=settings("drivers"),
        output:
            receipt("drivers"),
        threads: RUN.workers
        shell:
            command("drivers")


    rule applicability:
        input:
            CUBE,
            TRAINING,
            [receipt("fit", model_set="{model_set}", flux=flux) for flux in FLUXES],
            receipt("drivers"),
            receipt("upscale", model_set="{model_set}"),
            sources("applicability"),
        params:
            settings=settings("sets"),
        output:
            receipt("applicability", model_set="{model_set}"),
        threads: RUN.workers
        shell:
            command("applicability", "--set", "{wildcards.model_set}")


    rule validate:
        input:
            CUBE,
            TRAINING,
            receipt("fit", model_set="{model_set}", flux="{flux}"),
            receipt("drivers"),
            sources("validate"),
        params:
            settings=settings("forest", "validation", "sets"),
        output:
            receipt("validate", model_set="{model_set}", flux="{flux}"),
        shell:
            command("validate", "--set", "{wildcards.model_set}", "--flux", "{wildcards.flux}")
