"""Where a study's recipes come from: a sampler, a population, or a list of recipes."""
