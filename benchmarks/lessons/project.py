"""Compare a small network with Sobel's kernels in drawing like HED, for the lesson on projects.

    python -m benchmarks.lessons.project

Both methods are tuned on the validation photographs of five random splits, and then tested once
on the test photographs of each. The result is course/lesson_tools/project/results.json. It takes
about five minutes of one core.
"""

import json

import numpy as np

from benchmarks import LESSON_TOOLS
from lesson_tools.project.small_edges import RATES, SCALES, agreement, fit_network, fit_sobel, split

FILE = LESSON_TOOLS / "project/results.json"
SPLITS = range(5)


def main() -> None:
    """Tune, test and store both methods."""
    stored = {}
    for method, settings in (("Sobel", SCALES), ("network", RATES)):
        drawing = {}
        for setting in settings:
            for seed in SPLITS:
                names = split(seed)[0]
                drawing[setting, seed] = (
                    fit_sobel(names, setting)
                    if method == "Sobel"
                    else fit_network(names, setting, seed)
                )
        validation = {
            setting: [
                round(float(np.mean(agreement(drawing[setting, seed], split(seed)[1]))), 4)
                for seed in SPLITS
            ]
            for setting in settings
        }
        best = max(settings, key=lambda setting: np.mean(validation[setting]))
        test = [
            {
                name: round(value, 4)
                for name, value in zip(
                    split(seed)[2], agreement(drawing[best, seed], split(seed)[2]), strict=True
                )
            }
            for seed in SPLITS
        ]
        stored[method] = {
            "validation": {str(setting): values for setting, values in validation.items()},
            "best": best,
            "test": test,
        }
        print(method, best, {str(s): round(float(np.mean(v)), 3) for s, v in validation.items()})
        print([round(float(np.mean(list(run.values()))), 3) for run in test])
    FILE.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
