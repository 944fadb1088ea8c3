"""Explorables: interactive figures in notebooks and on the course's site.

Each explorable is HTML that includes its style, script and data: nothing is fetched, and a reader's
own picture stays in the page. Without scripts, as on GitHub and in print, a still figure is shown
instead. Each has a module and a script of its name in this folder; `drawing.js` has the code that
the scripts share.
"""

from lesson_tools.explorables.activation import explore_activation
from lesson_tools.explorables.edges import explore_edges
from lesson_tools.explorables.kernel import explore_kernel
from lesson_tools.explorables.padding import explore_padding
from lesson_tools.explorables.pooling import explore_pooling
from lesson_tools.explorables.sizes import explore_sizes

__all__ = [
    "explore_activation",
    "explore_edges",
    "explore_kernel",
    "explore_padding",
    "explore_pooling",
    "explore_sizes",
]
