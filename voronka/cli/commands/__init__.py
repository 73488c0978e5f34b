"""One module per command (or family of commands); each has `register(app)`. See voronka/cli/main.py."""
