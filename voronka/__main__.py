"""`python -m voronka` is the console script `voronka`."""

from voronka.cli.main import main

main()
