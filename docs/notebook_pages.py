"""Pages of notebooks: an extension of Sphinx, beside myst_nb.

What is folded is a `details` element whose summary says what it holds. Cells that follow each other
and have tags such as `framework-PyTorch`, of at least two frameworks, become tabs. The tabs of all
pages are switched together, and a browser remembers the choice.
"""

from itertools import groupby
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator
from sphinx_design.shared import create_component

CLASS = "tag_framework-"  # which myst_nb makes of the tag


def framework(node: nodes.Node) -> str:
    """The framework of a cell's container, "" for all else."""
    names = node["classes"] if isinstance(node, nodes.container) else []
    return next((name.removeprefix(CLASS) for name in names if name.startswith(CLASS)), "")


class FrameworkTabs(SphinxPostTransform):
    """Puts neighboring cells of different frameworks into tabs."""

    default_priority = 100  # before sphinx_design makes HTML of tabs, and myst_nb folds cells

    def run(self) -> None:
        cells = [node for node in self.document.findall(nodes.container) if framework(node)]
        for parent in {id(cell.parent): cell.parent for cell in cells}.values():
            for several, run in groupby(list(parent), key=lambda node: bool(framework(node))):
                together = list(run)
                if several and len({framework(cell) for cell in together}) > 1:
                    place = parent.index(together[0])
                    for cell in together:
                        parent.remove(cell)
                    parent.insert(place, tabs(together))


def tabs(cells: list[nodes.Node]) -> nodes.Node:
    """A set of tabs, one for each framework in the order of its first cell."""
    tab_set = create_component("tab-set", classes=["sd-tab-set"])
    for name in dict.fromkeys(framework(cell) for cell in cells):
        label = nodes.rubric("", "", nodes.Text(name), classes=["sd-tab-label"])
        label["sync_group"], label["sync_id"] = "framework", name.lower()
        content = create_component("tab-content", classes=["sd-tab-content"])
        content += [cell for cell in cells if framework(cell) == name]
        tab_set += create_component("tab-item", classes=["sd-tab-item"], children=[label, content])
    return tab_set


def open_fold(self: HTML5Translator, node: nodes.Element) -> None:
    if "above-input" in node["classes"]:
        self.body.append('<details class="folded-code"><summary>Code of this cell</summary>\n')
    else:
        self.body.append("<details><summary>Result: compare it with your prediction</summary>\n")


def close_fold(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append("</details>\n")


def give_captions_a_level(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Sphinx makes headings of the captions in the navigation, and does not say of which level."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(open_fold, close_fold))
    app.add_post_transform(FrameworkTabs)
    app.connect("html-page-context", give_captions_a_level, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
