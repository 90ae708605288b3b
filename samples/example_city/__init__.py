"""The example city: invented returns for Yixing, so that every promise of the plan can be seen at work.

Belongs here: the figures (`figures/`, each one documented and worked with by hand in the tests) and
what turns them into files of the canonical layouts. Does not belong here: any calculation of the
system, real data, anything random or dated today.

Every file says `origin = synthetic`; only a sample home takes such files, and a real row wins over a
synthetic one. `python -m samples.example_city` writes them into the bundled inbox; a test compares.
"""
