"""`python -m abz.cli` is `abz`."""

from abz.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
