"""The one script bundle of all charts: Vega, Vega-Lite and Vega-Embed as a local file.

Belongs here: making it once and keeping it. Does not belong here: our own script (`static/report.js`).
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import vl_convert

NAME = "vega.js"

#: What the bundle leaves for our script to call.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


def vega_bundle(cache: Path) -> str:
    """The bundle's text. Making it costs seconds, so it is kept in `cache` under its versions."""
    kept = cache / f"vega-{vl_convert.get_vega_version()}-by-{version('vl-convert-python')}.js"
    if kept.is_file():
        return kept.read_text("utf-8")
    text = vl_convert.javascript_bundle(_SNIPPET)
    cache.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, "utf-8")
    part.replace(kept)
    return text
