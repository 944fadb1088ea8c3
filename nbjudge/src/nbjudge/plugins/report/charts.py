"""Draw histograms as SVG; the page's style sheet sets their colors."""

from collections.abc import Sequence

from markupsafe import Markup

from nbjudge.plugins.report.statistics import BINS

_WIDTH, _HEIGHT, _STEP = 340, 120, 30  # viewBox units


def histogram(counts: Sequence[int], title: str) -> Markup:
    """Return a histogram with its axis and counts.

    Parameters
    ----------
    counts
        Number of students in each tenth of the point range.
    title
        Description for screen readers.
    """
    left, bottom, most = (_WIDTH - BINS * _STEP) / 2, _HEIGHT - 20, max([*counts, 1])
    parts = [Markup("<title>{}</title>").format(f"{title}: {_in_words(counts)}")]
    for number, count in enumerate(counts):
        x, height = left + number * _STEP, 80 * count / most
        bar = '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>'
        parts.append(Markup(bar).format(x + 1, bottom - height, _STEP - 2, height))
        if count:
            text = '<text x="{:g}" y="{:g}">{}</text>'
            parts.append(Markup(text).format(x + _STEP / 2, bottom - height - 4, count))
    axis = '<path d="M{:g} {:g}h{:g}"/>'
    parts.append(Markup(axis).format(left, bottom, BINS * _STEP))
    for tenth in range(0, BINS + 1, 2):
        text = '<text x="{:g}" y="{:g}">{} %</text>'
        parts.append(Markup(text).format(left + tenth * _STEP, _HEIGHT - 5, 10 * tenth))
    picture = '<svg class="histogram" role="img" viewBox="0 0 {} {}">{}</svg>'
    return Markup(picture).format(_WIDTH, _HEIGHT, Markup().join(parts))


def small_histogram(counts: Sequence[int], title: str) -> Markup:
    """Return a histogram without labels, for a table row."""
    most = max([*counts, 1])
    bars = [
        Markup('<rect x="{}" y="{:g}" width="7" height="{:g}"/>').format(
            8 * number, 20 - 20 * count / most, 20 * count / most
        )
        for number, count in enumerate(counts)
    ]
    words = Markup("<title>{}</title>").format(f"{title}: {_in_words(counts)}")
    axis = Markup('<path d="M0 20.5h{}"/>').format(8 * BINS - 1)
    picture = '<svg class="small histogram" role="img" viewBox="0 0 {} 21">{}{}{}</svg>'
    return Markup(picture).format(8 * BINS - 1, words, Markup().join(bars), axis)


def _in_words(counts: Sequence[int]) -> str:
    """Return the counts of the nonempty bins as text."""
    ranges = (f"{10 * n} to {10 * n + 10} %" for n in range(BINS))
    return ", ".join(f"{c} with {r}" for c, r in zip(counts, ranges, strict=True) if c)
