from abz.seeds import derive_seed


def test_seeds_are_stable_across_machines():
    assert derive_seed(448, "fine", "nee") == 3485905838
    assert 0 <= derive_seed(0) < 2**32


def test_words_and_numbers_make_seeds_of_their_own():
    seeds = {derive_seed(448, flux, m) for flux in ("nee", "gpp", "reco") for m in range(100)}
    assert len(seeds) == 300
