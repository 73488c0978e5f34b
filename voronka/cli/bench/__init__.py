"""How near the jobs of a working day come to the limit: the same job done by one bare view with one indexed statement, or by raw COPY."""
