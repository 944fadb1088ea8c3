# %% [markdown]
# # Project page template
#
# This notebook is the skeleton of a project, as the lesson [Project](31_project.ipynb) describes
# it. It runs as it is, with a small example: a network against the nearest neighbor, on digits.
# Replace the example part by part. The last cell writes `project.html`, the page that you hand in.
#
# The six headings are the rows of the rubric, with their points, 20 in all. In a class, your
# instructor grades by them; on your own, ask a friend.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.models import digits_network
from convnet.training import Adam, train
from lesson_tools.project.figures import confusion, results
from lesson_tools.project.submission import Sealed, hand_in, summary

# keep_in_drive()  # in Colab, if you want your checkpoints to survive

# %% [markdown] nbgrader={"grade_id": "question", "task": true, "points": 3}
# ## a. Question (3 points)
#
# | points | |
# |---|---|
# | 3 | names what is compared, on which images and by which number; the answer could be "no" |
# | 2 | one of these is missing |
# | 1 | an idea, not yet a question |

# %%
title = "Digits: a network against the nearest neighbor"
author = ""
question = """
Does a network of 3,818 parameters classify the digits of the course more accurately than a vote of
their nearest neighbors among the training images?
"""

# %% [markdown] nbgrader={"grade_id": "data", "task": true, "points": 3}
# ## b. Data (3 points)
#
# | points | |
# |---|---|
# | 3 | source and number per class; divided before use, what belongs together stays together |
# | 2 | divided before use, but related images may be on both sides |
# | 1 | no images were kept for the test, or nobody knows which |

# %%
data = """
The digits of the course, 1,797 images of 8 x 8, about 180 of each class. The test set is the
course's, the last 297 images. The 300 before them are for validation, and each run draws 1,000 of
the other 1,200 for training. Nothing is shuffled first, as neighbors often share a writer.
"""

dataset = digits()
names = dataset.names
sealed = Sealed(dataset.test_images, dataset.test_labels)


def picked(seed):
    """Return the training and validation images of one run."""
    X, labels = dataset.train_images, dataset.train_labels
    chosen = np.random.default_rng(seed).permutation(1200)[:1000]
    return (X[chosen], labels[chosen]), (X[1200:], labels[1200:])


# %% [markdown] nbgrader={"grade_id": "baseline", "task": true, "points": 3}
# ## c. Baseline (3 points)
#
# | points | |
# |---|---|
# | 3 | the strongest simple method that comes to mind, tuned like the others |
# | 2 | weaker than need be, or not tuned |
# | 1 | chance, or the most frequent class |


# %%
def baseline(k, seed):
    """k nearest neighbors; returns a function from images to classes."""
    (X, labels), _ = picked(seed)
    B = X.reshape(len(X), -1)

    def read(images):
        A = images.reshape(len(images), -1)
        nearest = np.argsort((B**2).sum(axis=1) - 2 * A @ B.T, axis=1)[:, :k]
        return np.array([np.bincount(votes).argmax() for votes in labels[nearest]])

    return read


# %% [markdown] nbgrader={"grade_id": "plan", "task": true, "points": 4}
# ## d. Plan (4 points)
#
# | points | |
# |---|---|
# | 4 | written before the test; as many settings for each method; the test is opened once |
# | 3 | one of these is missing |
# | 1 | two are missing |

# %%
plan = """
Each method tries three settings, with three seeds each, on the validation images, and the best one
runs five times for the test, with other seeds. I will say that the network is better if its lowest
run is above the mean of the baseline.
"""


def network(rate, seed):
    """A small network; returns a function from images to classes."""
    model = digits_network(seed)
    (X, labels), _ = picked(seed)
    train(model, X, labels, epochs=8, optimizer=Adam(rate), seed=seed, progress=False)
    return lambda images: model.forward(images, training=False).argmax(axis=1)


methods = {"nearest neighbors": (baseline, [1, 3, 5]), "network": (network, [0.003, 0.01, 0.03])}


def validated(method, setting):
    """Mean accuracy on the validation images of three runs."""
    accuracies = []
    for seed in range(3):
        _, (X, labels) = picked(seed)
        accuracies.append(np.mean(method(setting, seed)(X) == labels))
    return float(np.mean(accuracies))


best = {}
for name, (method, settings) in methods.items():
    means = {setting: validated(method, setting) for setting in settings}
    best[name] = max(means, key=means.get)
    print(name, {setting: round(mean, 3) for setting, mean in means.items()})

# %% [markdown] nbgrader={"grade_id": "result", "task": true, "points": 4}
# ## e. Result (4 points)
#
# | points | |
# |---|---|
# | 4 | at least five runs with their spread, an answer that follows, a picture of the errors |
# | 3 | the spread is shown, but the answer does not use it, or there are fewer runs |
# | 1 | one run, or the best one |

# %%
X_test, labels_test = sealed.open()
readings = {
    name: [method(best[name], 10 + seed)(X_test) for seed in range(5)]
    for name, (method, _) in methods.items()
}
scores = {name: [np.mean(r == labels_test) for r in read] for name, read in readings.items()}
print(summary(scores))
results(scores, "accuracy on the test images")

# %%
# What follows from the table, and nothing else: do the ranges overlap, and what does your plan say?
answer = ""
mistakes = confusion(labels_test, readings["network"][0], names)
mistakes

# %% [markdown] nbgrader={"grade_id": "honesty", "task": true, "points": 3}
# ## f. What did not work, and limits (3 points)
#
# | points | |
# |---|---|
# | 3 | what failed; what the data cannot show; explanations are tested or called guesses |
# | 2 | one of these is missing |
# | 1 | a claim that goes beyond the data |

# %%
did_not_work = ""
limits = ""

# %% [markdown]
# ## The page
#
# The cell lists what is missing. When the list is empty, restart, run everything once more, and
# hand in `project.html` with this notebook. (In Colab, download the file.) A restart resets the
# count of test openings, so report earlier ones under `limits`.

# %%
hand_in(
    title=title,
    author=author,
    question=question,
    data=data,
    plan=plan,
    results=scores,
    answer=answer,
    did_not_work=did_not_work,
    limits=limits,
    pictures=[mistakes],
    sealed=sealed,
)
