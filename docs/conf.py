"""Sphinx: Markdown by MyST, the furo theme, the reference taken from the docstrings."""

from importlib.metadata import version as installed_version

project = "carepolicy"
author = "The carepolicy maintainers"
release = version = installed_version("carepolicy")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"carepolicy {release}"
