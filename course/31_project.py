# %% [markdown]
# # Project
#
# Ten students hand in the same project. All of them took the same three photographs, of bricks, grass and gravel,
# and trained the same network to tell small patches of them apart. Only the seed differs: each cut other patches, and
# began with other random weights. Run the next three cells to see what each of them reports.

# %% include="lesson_setup"

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from convnet.data import digits, load_sample_image
from convnet.edges import load_blocks, sobel_edges
from convnet.functional import conv2d, cross_entropy_backward
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.models import digits_network
from convnet.network import Network
from convnet.own_edges import photograph
from convnet.training import Adam, train
from lesson_tools import small_edges
from lesson_tools.drawings import project as draw
from lesson_tools.page_to_keep import closing_page, closing_picture
from lesson_tools.project import Sealed, hand_in, summary
from lesson_tools.questions.project import check, predict

# %%
PHOTOS = ["brick.jpg", "grass.jpg", "gravel.jpg"]  # or files of your own, one for each class
PARTS = {"train": (0.0, 0.5), "validation": (0.5, 0.75), "test": (0.75, 1.0)}  # of the width
SIZE = 16


def patches(part, count, seed):
    """Cut `count` patches from one part of each photograph, and take out light and contrast."""
    rng = np.random.default_rng(seed)
    X, labels = [], []
    for label, name in enumerate(PHOTOS):
        photo = photograph(name, 256).mean(axis=2)
        left, right = (round(edge * photo.shape[1]) for edge in PARTS[part])
        rows = rng.integers(0, photo.shape[0] - SIZE + 1, count)
        columns = rng.integers(left, right - SIZE + 1, count)
        X += [photo[r : r + SIZE, c : c + SIZE, None] for r, c in zip(rows, columns, strict=True)]
        labels += [label] * count
    X = np.array(X) - np.mean(X, axis=(1, 2, 3), keepdims=True)
    X /= X.std(axis=(1, 2, 3), keepdims=True) + 1e-6
    return X, np.array(labels)


def texture_network(rate, seed):
    """Train a small network on 600 patches; return a function from images to classes."""
    layers = [Conv2D(8, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers += [Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2), Flatten(), Dense(len(PHOTOS))]
    network = Network(layers, (SIZE, SIZE, 1), seed, "float64")
    X, labels = patches("train", 200, seed)
    train(network, X, labels, epochs=12, optimizer=Adam(rate), seed=seed, progress=False)
    return lambda X: network.forward(X, training=False).argmax(axis=1)


X, labels = patches("validation", 300, seed=1000)
students = [np.mean(texture_network(0.01, seed)(X) == labels) for seed in range(10)]
draw.students(students)

# %% [markdown]
# The lucky one writes [94%]{= f"{100 * max(students):.0f}%" } on the title page, the unlucky one
# [85%]{= f"{100 * min(students):.0f}%" }, and nobody has cheated. To know how well the method works, you have to run
# it ten times.
#
# In this last lesson you choose a question about images yourself, and answer it so that a stranger can
# believe you. That takes no new layer, but more care than any lesson before.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. turn an idea into a question that an experiment can answer, with data, a baseline and a plan;
# 2. carry the plan out fairly: tuned alike, several seeds, a test set that is opened once;
# 3. write a page that others can check, and judge such a page with a rubric.
#
# **Time:** about 60 minutes, and 25 for the exercises; your own project takes one or two weekends. **You need:**
# [Training](14_training.ipynb) and [Overfitting](15_overfitting.ipynb). For photographs, see
# [Transfer learning](28_transfer_learning.ipynb), and for long runs
# [Saving and resuming training](30_working_in_colab.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Recall.** You tried ten learning rates and kept the one with the best accuracy on some images. How good is your
# network? To say so, you need accuracy on ... `"a"`: the same images. `"b"`: images that played no part in any
# choice. `"c"`: the training images. (If this was new, go back to [Overfitting](15_overfitting.ipynb).)

# %%
predict("unseen", None)

# %% [markdown]
# **Recall.** Which of these does a checkpoint need in order to continue a run with Adam, but *not* in order to
# predict? `"a"`: the weights. `"b"`: the two averages for each weight. `"c"`: the architecture. (If this was new, go
# back to [Saving and resuming training](30_working_in_colab.ipynb).)

# %%
predict("averages", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# `"b"` and `"b"`. The best of ten results is partly skill and partly luck, and on the same images the luck counts,
# too. And Adam's averages say how far to step, which is of no use once training is over.
#
# </details>

# %% [markdown]
# ## A question that a number can answer
#
# "I want to do something with mushrooms" is an idea. A question names what is compared, on which images, and by
# which number, and the answer can be "no".
#
# | idea | question |
# |---|---|
# | something with mushrooms | Do features of a pretrained network tell two species in my photographs apart better than their mean color does? |
# | augmentation | Which errors of a digit reader disappear if the training images are shifted, and which stay? |
# | make edges nicer | Can 2,000 parameters of my own draw edges as HED's 260,000 do? |
# | my network is slow | How much accuracy do I lose if I halve the resolution, the filters or the layers? |
#
# Good questions are small. If you are sure of the answer beforehand, or if no result could change your mind, look
# for another one.

# %% [markdown]
# ## Data: yours, or the course's
#
# **Your own photographs** make the best projects, because nobody has the answer yet. With a pretrained network, thirty
# photographs of each class are enough to begin. For textures, one sharp photograph of each will do. Ask before you
# photograph people, and do not publish the photographs. If you do not want to collect images, take those of the course:
#
# | data | images | where |
# |---|---|---|
# | digits | 1,797 of 8 x 8 | `digits()`; lesson 06 |
# | twelve photographs | up to 640 pixels | `photograph("chelsea.jpg")` |
# | Fashion-MNIST | 70,000 of 28 x 28 | `fashion_mnist()`, downloads 30 MB; lesson 21 |
# | CIFAR-10 | 60,000 of 32 x 32 x 3 | `cifar10()`, downloads 170 MB; lesson 28 |
#
# Divide your data **before you look at them**, into training, validation and test images, and divide what belongs
# together as a whole: all photographs of one mushroom, one person or one afternoon go to the same side.

# %% [markdown]
# Why? Take the photograph of grass, and cut two patches of 16 x 16 from the same rows, at columns 100 and 108.
#
# **Predict.** How many of the 256 pixels of one patch are also in the other?

# %%
predict("shared", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# [128]{= 16 * 8 }: columns 108 to 115, in all 16 rows. If one of the two is used for training and the other for the
# test, half of the "unseen" image has been seen. So the students of this lesson cut each kind of patch from another part
# of a photograph: that is `PARTS`. The ten at the beginning used the validation part, and left the test part alone.
# (We did not. While we wrote this lesson we tried its code on the whole photographs, so our own test is not as clean
# as yours will be.)
#
# </details>

# %%
draw.parts([photograph(name, 256) for name in PHOTOS], PARTS)

# %% [markdown]
# ## A baseline that is hard to beat
#
# Is 92% good? That depends on what is possible without a network. A [**baseline**](glossary.md#baseline) is the best
# *simple* method that you can think of, and you should honestly try to make it win. Here is one for textures. Six
# numbers describe a patch: how strong its horizontal edges, vertical edges and spots are, on average, and how much that
# varies.


# %%
def six_numbers(X):
    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    spots = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    W = np.stack([sobel, sobel.T, spots], axis=-1)[:, :, None]
    Z = np.abs(conv2d(X.astype(float), W))
    return np.concatenate([Z.mean(axis=(1, 2)), Z.std(axis=(1, 2))], axis=1)


def texture_baseline(C, seed):
    """Logistic regression of six numbers; C is large if large weights are allowed."""
    X, labels = patches("train", 200, seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
    model.fit(six_numbers(X), labels)
    return lambda X: model.predict(six_numbers(X))


# %% [markdown]
# ## A plan, before the result
#
# Write down what you will do before you see any result, as scientists do when they preregister a study:
#
# 1. **Tuned alike.** Each method tries equally many settings, and the validation images choose. A tuned network
#    against an untuned baseline proves that you can tune.
# 2. **Several runs**, at least five, with other seeds *and* other training images.
# 3. **The test set is opened once**, when everything else is decided.
# 4. **What would count as an answer?** "I will say that the network is better if its lowest run is above the
#    baseline's mean", for example.
#
# The third is the hardest. The test set is at hand, and one more look does no harm, does it? `Sealed` counts
# the looks, and the page that you hand in shows the count.


# %%
def tuned(method, settings, X, labels, seeds=3):
    """Return the mean accuracy on validation images, for each setting."""
    means = {
        setting: np.mean([np.mean(method(setting, seed)(X) == labels) for seed in range(seeds)])
        for setting in settings
    }
    print(
        f"{method.__name__:16}", {setting: round(float(mean), 3) for setting, mean in means.items()}
    )
    return means


sealed = Sealed(*patches("test", 300, seed=2000))

# %% [markdown]
# **Predict.** A method has three settings. It is tuned with three seeds, and then runs five times for the test. How
# many trainings is that?

# %%
predict("trainings", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $3 \cdot 3 + 5 =$ [14]{= 3 * 3 + 5 }. With an epoch of a minute and twelve epochs, this is an evening, so plan for
# it, and keep networks small.
#
# </details>

# %% [markdown]
# ## First example: textures
#
# *Question: does a small network tell the textures of my photographs apart better than six numbers?* Now the plan is
# carried out. It takes about twenty seconds.

# %%
X_validation, labels_validation = patches("validation", 200, seed=1)
tuning = {
    "six numbers": tuned(texture_baseline, [0.1, 1, 10], X_validation, labels_validation),
    "network": tuned(texture_network, [0.01, 0.03, 0.06], X_validation, labels_validation),
}
C, rate = (max(means, key=means.get) for means in tuning.values())

X_texture, labels_texture = sealed.open()
read = {
    "six numbers": [texture_baseline(C, 10 + seed)(X_texture) for seed in range(5)],
    "network": [texture_network(rate, 10 + seed)(X_texture) for seed in range(5)],
}
textures = {name: [np.mean(r == labels_texture) for r in runs] for name, runs in read.items()}
print(summary(textures))
draw.results(textures, "accuracy on the test patches")

# %% [markdown]
# By the rule of our plan, the answer is **no**. On average, the network classifies [0.924]{= f"{np.mean(textures['network']):.3f}" } of the test
# patches correctly, and six numbers [0.949]{= f"{np.mean(textures['six numbers']):.3f}" }. It learned from pixels what
# somebody who knows Sobel could have written down: an achievement, but no gain.
#
# Are six numbers better, then? Look at the tuning again. On the *validation* patches the network was ahead, with
# [0.935]{= f"{max(tuning['network'].values()):.3f}" } against [0.905]{= f"{max(tuning['six numbers'].values()):.3f}" }. The
# order changed from one quarter of the photographs to the next. And when we trained both on other patches and tested
# them on other patches of the *validation* quarter, it changed again. More of our patches will not help, because we have
# only three photographs. So all we may write is: *no, and with three photographs we cannot tell which is better.*
#
# You may be tempted to try a few more settings now, with the test patches at hand. Do not. The result would be a
# validation result with the wrong name.
#
# How many patches would do? Here are 900. If $p$ of them are right, chance alone moves the result by
# the **standard error** $\sqrt{p(1-p)/n}$.
#
# **Predict.** How large is it for $p = 0.95$ and $n = 900$, in percentage points? One decimal is enough.

# %%
predict("standard_error", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $\sqrt{0.95 \cdot 0.05/900} =$ [0.0073]{= f"{np.sqrt(0.95 * 0.05 / 900):.4f}" }, so 0.7 percentage points, and more
# in truth, since patches of one photograph resemble each other. The formula counts independent images, and we have
# three.
#
# </details>
#
# So put your own photographs into `PHOTOS`, several of each class if you can. And never write that a network knows
# *grass*. It knows this lawn, on this afternoon.

# %% [markdown]
# ## Second example: which errors survive?
#
# *Question: which errors of a digit reader disappear if its training images are shifted by up to one pixel, and
# which stay?* This question is about errors, not about a score, so we keep the predictions of each run. Each seed
# picks 1,200 of the 1,500 training digits. The baseline is the nearest neighbor, and to be fair, it may use shifted
# copies as well.


# %%
data = digits()
sealed_digits = Sealed(data.test_images, data.test_labels)


def shifted(X, rows, columns):
    """Shift each image by -1, 0 or 1 rows and columns."""
    padded = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    pairs = zip(padded, rows, columns, strict=True)
    return np.stack([image[1 - r : 9 - r, 1 - c : 9 - c] for image, r, c in pairs])


def picked(seed):
    """1,200 training digits and 300 validation digits, different for each seed."""
    order = np.random.default_rng(seed).permutation(len(data.train_images))
    X, labels = data.train_images[order], data.train_labels[order]
    return X[:1200], labels[:1200], X[1200:], labels[1200:]


def digit_network(setting, seed):
    rate, with_shifts = setting
    X, labels, *_ = picked(seed)
    network, optimizer = digits_network(seed, "float64"), Adam(rate)
    for epoch in range(12):
        rng = np.random.default_rng((seed, epoch))
        for batch in rng.permutation(len(X)).reshape(-1, 30):
            images = shifted(X[batch], *rng.integers(-1, 2, (2, 30))) if with_shifts else X[batch]
            scores = network.forward(images, training=True)
            network.backward(cross_entropy_backward(scores, labels[batch]))
            optimizer.step(network.parameters, network.gradients)
    return lambda X: network.forward(X, training=False).argmax(axis=1)


def nearest(setting, seed):
    k, with_shifts = setting
    X, labels, *_ = picked(seed)
    if with_shifts:
        moves = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
        X = np.concatenate([shifted(X, *np.full((2, len(X)), [[r], [c]])) for r, c in moves])
        labels = np.tile(labels, 9)

    def read(images):
        A, B = images.reshape(len(images), -1), X.reshape(len(X), -1)
        distances = (B**2).sum(axis=1) - 2 * A @ B.T  # up to a number for each row
        votes = labels[np.argpartition(distances, k, axis=1)[:, :k]]
        return np.array([np.bincount(row, minlength=10).argmax() for row in votes])

    return read


# %% [markdown]
# Each of the four methods tries three settings, and is tuned on the validation digits of its seed.


# %%
def best_setting(method, values, with_shifts):
    means = {}
    for value in values:
        right = []
        for seed in range(2):
            *_, X, labels = picked(seed)
            right.append(np.mean(method((value, with_shifts), seed)(X) == labels))
        means[value] = round(float(np.mean(right)), 3)
    print(f"{method.__name__:14} {'shifted' if with_shifts else 'plain':8}", means)
    return max(means, key=means.get), with_shifts


settings = {
    "nearest neighbor": (nearest, best_setting(nearest, [1, 3, 5], False)),
    "nearest, shifted copies": (nearest, best_setting(nearest, [1, 3, 5], True)),
    "network": (digit_network, best_setting(digit_network, [0.003, 0.01, 0.03], False)),
    "network, shifted": (digit_network, best_setting(digit_network, [0.003, 0.01, 0.03], True)),
}

# %%
readers = {
    name: [method(setting, 10 + seed) for seed in range(5)]
    for name, (method, setting) in settings.items()
}
X_test, labels_test = sealed_digits.open()
readings = {name: np.array([read(X_test) for read in runs]) for name, runs in readers.items()}
reading = {name: (read == labels_test).mean(axis=1) for name, read in readings.items()}
print(summary(reading))

# %% [markdown]
# On average, shifts raise the network's accuracy from [0.938]{= f"{reading['network'].mean():.3f}" } to
# [0.948]{= f"{reading['network, shifted'].mean():.3f}" }, but its lowest run,
# [0.916]{= f"{reading['network, shifted'].min():.3f}" }, is below all runs without shifts. By the rule of our plan, we
# may not say that it has become better. And the nearest neighbor, the oldest method of all, reads
# [0.960]{= f"{reading['nearest, shifted copies'].mean():.3f}" } with the same shifts. A project that compared the two
# networks, one seed each, might have reported a success of augmentation.
#
# But the question was about errors. We count how many of the five networks misread each digit:

# %%
wrong = {name: (read != labels_test).sum(axis=0) for name, read in readings.items()}
plain, augmented = wrong["network"], wrong["network, shifted"]
draw.errors(X_test, labels_test, readings["network, shifted"], plain, augmented)

# %% [markdown]
# At least four of the five plain networks misread the same [11]{= (plain >= 4).sum() } digits. Of these,
# [4]{= ((plain >= 4) & (augmented >= 4)).sum() } survive, and
# [2]{= ((plain >= 4) & (augmented <= 1)).sum() } disappear. In return,
# [7]{= ((plain == 0) & (augmented >= 2)).sum() } digits that no plain network misread are misread by two or more. Over five
# runs, the errors have become a little fewer, [77]{= augmented.sum() } instead of [92]{= plain.sum() }, and above all
# different. Or would any other five networks differ as much? We have to ask, because we picked out the digits
# that these five networks happened to misread.

# %%
others = np.array([digit_network(settings["network"][1], 20 + seed)(X_test) for seed in range(5)])
again = (others != labels_test).sum(axis=0)
print(
    "five more networks without shifts:", ((plain >= 4) & (again >= 4)).sum(), "survive,", end=" "
)
print(
    ((plain >= 4) & (again <= 1)).sum(), "disappear,", ((plain == 0) & (again >= 2)).sum(), "appear"
)

# %% [markdown]
# Five more networks *without* shifts misread [11]{= ((plain >= 4) & (again >= 4)).sum() } of the 11 again, and only
# [1]{= ((plain == 0) & (again >= 2)).sum() } digit is new. So the change comes from the shifts.
#
# **What did not work:** we expected shifts to remove errors of position. Perhaps there are none? That can be tested:
# move the test digits, too.

# %%
rng = np.random.default_rng(0)
X_again, _ = sealed_digits.open()
moved = shifted(X_again, *rng.integers(-1, 2, (2, len(X_again))))
on_moved = {
    name: [np.mean(read(moved) == labels_test) for read in runs] for name, runs in readers.items()
}
print(summary(on_moved))

# %% [markdown]
# On moved digits, the plain network falls to [0.50]{= f"{np.mean(on_moved['network']):.2f}" } and the one with shifts
# stays at [0.92]{= f"{np.mean(on_moved['network, shifted']):.2f}" }, a difference far beyond any spread. So shifts do what
# they promise, but the test digits, which somebody has centered for us, hardly need it. That answers a question which
# nobody asked, and it is the best sentence of the project. It has a price: the test set was opened a second time, for a
# question that came after the first answer, and the page has to say so.

# %% [markdown]
# ## Third example: edges against HED
#
# *Question: can a small network of my own draw edges as the trained network of the milestones does, HED's first two
# blocks?* The small one has [2,017]{= f"{small_edges.small_network(0).parameters.size:,}" } parameters instead of
# 260,289, and learns from HED's drawings of six photographs. The baseline is Sobel's kernels on blurred photographs, at
# up to three scales, combined by logistic regression: four numbers. The measure is the correlation with HED's drawing,
# 1 for the same image.
#
# The next cell trains once, which takes ten seconds, and draws a photograph that the network has not seen.

# %%
names, validation_names, test_names = small_edges.split(seed=0)
by_network = small_edges.fit_network(names, rate=0.003, seed=0, steps=300)
by_sobel = small_edges.fit_sobel(names, scales=(0, 1, 2))
draw.edges(small_edges.photos()[validation_names[0]], by_sobel, by_network)

# %% [markdown]
# Did you notice the gray sky? There is no edge in it to draw. To find out where the gray comes from, we show both
# methods an image without any edge, in black, gray and white.

# %%
for name, draw_edges in {"Sobel": by_sobel, "network": by_network}.items():
    flat = [draw_edges(np.full((40, 40), gray))[20, 20] for gray in (-2.0, 0.0, 2.0)]
    print(f"{name:8} edges in black {flat[0]:.2f}, in gray {flat[1]:.2f}, in white {flat[2]:.2f}")

# %% [markdown]
# The network sees edges in plain white. Sobel's kernels cannot, because their weights add up to 0. Nobody has
# told the network to ignore brightness, and six photographs have not taught it to.
#
# The whole plan, with four settings of each method, five random splits of the twelve photographs and twice as many
# steps, takes minutes, so its result is stored: `python -m benchmarks.project` repeats it.

# %%
edges = small_edges.stored()
means = {
    method: np.array([np.mean(list(photos.values())) for photos in edges[method]["test"]])
    for method in ("Sobel", "network")
}
gains = means["network"] - means["Sobel"]
print(summary(means))
draw.edge_results(edges)

# %% [markdown]
# Over the five splits, Sobel's drawings agree with HED's by
# [0.66]{= f"{means['Sobel'].mean():.2f}" } on average, and the network's
# by [0.66]{= f"{means['network'].mean():.2f}" }. Of the 20 dots,
# [9]{= sum(edges['network']['test'][s][name] > value for s in range(5) for name, value in edges['Sobel']['test'][s].items()) }
# are above the diagonal. So the answer is **no** once more: with 500 times as many numbers, the network resembles
# HED about as well as Sobel does. The mean difference depends on the split, and ranges from
# [-0.08]{= f"{min(gains):+.2f}" } to [+0.06]{= f"{max(gains):+.2f}" }.
#
# **What did not work:** in first tries with two seeds, we used 3x3 kernels on colors. An output value then sees 7
# pixels, HED's second block 14, and the network lost clearly. So we took 5x5 kernels on gray values. Whether the
# [receptive field](glossary.md#receptive-field) is the reason is a guess, since other things changed as well.
#
# And one limit is easily forgotten. HED is not the truth. It is another network,
# and "like HED" is not "like a person".

# %% [markdown]
# ## The page to hand in
#
# All three examples end in "no", or in "yes, but", and all three are good projects. A reader wants the
# question, the evidence and its limits, on **one page**. `hand_in` writes it to a single file that you can upload, mail
# or print. It computes the table with its spread, and lists what is missing. Here is the page of the first example.

# %%
import tempfile
from pathlib import Path

page = hand_in(
    title="Three textures",
    author="A student",
    question="Does a small network tell patches of my photographs of bricks, grass and gravel apart "
    "better than six numbers about their edges?",
    data="Three photographs, one per class, 16 x 16 patches, without light and contrast. Left half "
    "for training, next quarter for validation, right quarter for the test.",
    plan="Both methods try three settings with three seeds on validation patches, and run five times "
    "on the test, with other training patches each time. I say 'better' if the network's lowest "
    "run is above the mean of the six numbers.",
    results=textures,
    answer="No: the network's lowest run is below the mean of the six numbers. On the validation "
    "patches the order was the opposite, so with one photograph of each class I cannot tell.",
    pictures=[draw.confusion(labels_texture, read["network"][0], PHOTOS)],
    did_not_work="Without taking out light and contrast, the network was about ten points worse in a "
    "first try with two seeds, which I did not follow up. Averaging the feature maps over the patch, "
    "because a texture has no position, changed nothing that I could tell from chance.",
    limits="One photograph of each class: I cannot say whether the network knows grass, or this lawn.",
    sealed=sealed,
    path=Path(tempfile.mkdtemp()) / "project.html",
)
page

# %% [markdown]
# For your own, open the notebook [The page of my project](project_page.ipynb). It is this plan as a skeleton, with a
# small example that runs. Replace its parts one after another.

# %% [markdown]
# ## How a project is judged
#
# A project earns up to 20 points, in six rows. The points are for evidence and not for success: a "no" can
# earn all of them, and an accuracy of 98% may earn ten.
#
# | row | full points | some points | few |
# |---|---|---|---|
# | **a** question, 3 | what is compared, on which images, by which number; could be "no" | one is missing | an idea |
# | **b** data, 3 | divided before use; what belongs together stays together | related images on both sides | no test images |
# | **c** baseline, 3 | the strongest simple method, tuned | weak, or not tuned | chance |
# | **d** plan, 4 | written before; equally many settings for each method; test opened once | one is missing | two are missing |
# | **e** result, 4 | at least five runs, their spread, an answer that follows, errors shown | spread, but not used | the best run |
# | **f** honesty, 3 | what did not work, limits; guesses are called guesses | one is missing | claims beyond the data |

# %% [markdown]
# ## Further: grading projects with nbgrader
#
# This section is for instructors. A project cannot be checked by code, but [nbgrader](https://nbgrader.readthedocs.io)
# also has cells that a person grades. In [The page of my project](project_page.ipynb), each row of the rubric is such
# a cell, a *manually graded task* with its points and levels. To use it:
#
# 1. Copy the notebook to `source/project/project.ipynb` of your course, and generate and release it as always.
# 2. Students work in the cells below each task, and submit the notebook together with `project.html`.
# 3. After `autograde`, the formgrader lists each task as "needs manual grade". Grade row by row, all students before
#    the next row, so that equal work earns equal points.
# 4. Write one sentence for each row that loses points. Students see points and comments on their feedback page.
#
# Let students grade each other first. Nothing teaches the value of a spread like not finding one on somebody else's page.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: how many test images?
#
# Your classifier reads 90% of 400 test images.
#
# 1. How large is the standard error $\sqrt{p(1-p)/n}$ of this accuracy?
# 2. How many test images would you need for a standard error of 0.005?
#
# Answer with two numbers, such as `(0.1, 1000)`.

# %%
errors = None
### BEGIN SOLUTION
errors = (np.sqrt(0.9 * 0.1 / 400), 0.9 * 0.1 / 0.005**2)
### END SOLUTION

# %%
check("errors", errors)

# %% [markdown]
# ### Exercise 2: split by photograph
#
# `groups` holds, for each image, the name of what it belongs to: the mushroom, the person, the afternoon. Write
# `test_images(groups, fraction, seed)`, which returns an array of `True` for test images and `False` for the others,
# so that no group is on both sides:
#
# 1. take the different names in alphabetical order, `np.unique(groups)`;
# 2. permute them with `np.random.default_rng(seed).permutation`;
# 3. the first `round(fraction * number of names)` are the test groups; `np.isin` finds their images.


# %%
def test_images(groups, fraction, seed):
    is_test = None
    ### BEGIN SOLUTION
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    is_test = np.isin(groups, names[: round(fraction * len(names))])
    ### END SOLUTION
    return is_test


# %%
check("test_images", test_images)

# %% [markdown]
# ### Exercise 3: you are the grader
#
# A page is handed in:
#
# > **Question.** Does a network tell my two cats apart better than their mean color does?
# > **Data.** 240 photographs from 12 videos, 20 from each, shuffled and divided into 160, 40 and 40.
# > **Baseline.** Logistic regression of the mean color, C = 1.
# > **Plan.** The network tries nine combinations of learning rate and width on the validation images, then five seeds;
# > the test set is opened once.
# > **Result.** Baseline 0.85. Network: 0.98, the best of five seeds.
# > **What did not work, limits.** Pictures taken at night were confused. Two cats in one flat: no other cats were tried.
#
# Which rows of the rubric lose points? Answer with their letters in alphabetical order, such as `"af"`: **a**
# question, **b** data, **c** baseline, **d** plan, **e** result, **f** honesty.

# %%
rows = None
### BEGIN SOLUTION
rows = "bcde"
### END SOLUTION

# %%
check("rows", rows)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the code above.
#
# 1. ... you put photographs of your own into `PHOTOS`?
# 2. ... patches for the test come from everywhere, `PARTS["test"] = (0.0, 1.0)`? Which method gains from it?
# 3. ... the training digits are shifted by up to *two* pixels? Do the survivors change?
#
# <details>
# <summary>Discussion</summary>
#
# 1. If one of them is out of focus, both methods will be nearly perfect, and will have learned what blur is.
#    Photograph all classes with the same camera, from the same distance and in the same light.
# 2. A method that can remember patches gains most. In a first try, the nearest neighbor of raw pixels gained about four
#    points. The gain depends on the data, so afterwards nobody can say how much of a result it explains.
# 3. A digit of 8 x 8 pixels that is shifted by two may lose its edge. Augmentation must not change the class.
#
# </details>

# %% [markdown]
# ## The closing picture
#
# The course opened with a photograph of a cat that was spoiled by an addition. Let the same cat close it. The next
# cell draws her with **your own** layers, if your functions have passed the checks of milestone 2, and writes a page to
# keep. Put in a photograph of your own.

# %%
closing_page("chelsea.jpg")

# %% [markdown]
# If it says that there is no page yet, some of your functions are missing, and the [milestones](milestones.ipynb) list
# them. Until then, here is the same drawing, made by the course's layers:

# %%
cat = photograph("chelsea.jpg", 640)
closing_picture(cat, sobel_edges(cat), load_blocks().draw(cat), "the course's layers")

# %% [markdown]
# Every gray value of this drawing is a sum of products, from kernels that slide, through a ReLU and a maximum over four
# pixels, to a 1x1 convolution and a sigmoid. You have computed each of these by hand, written it, and derived its
# gradient. Nothing in it is left that you could not open.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **turn an idea into a question:** what is compared, on which images, by which number; data that are divided before
#    anybody looks, by photograph and not by patch; a [baseline](glossary.md#baseline) that you tried to make win;
# 2. **carry out a plan:** tuned alike on [validation](glossary.md#validation-set) images, at least five runs with other
#    seeds and other training images, a sealed [test set](glossary.md#test-set);
# 3. **write a page and judge one:** mean and spread of all runs, what did not work, and limits.

# %% [markdown]
# ## What to read next
#
# - J. Pineau and others, [Improving reproducibility in machine learning
#   research](https://jmlr.org/papers/v22/20-303.html) (2021), with the checklist that conferences use.
# - D. Sculley and others, [Winner's curse? On pace, progress, and empirical
#   rigor](https://openreview.net/forum?id=rJWF0Fywf) (2018): what happens to results when baselines are tuned, too.
# - A. Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/) (2019): how to
#   find mistakes that raise no error.
# - *Dive into Deep Learning*, [Computer vision](https://d2l.ai/chapter_computer-vision/index.html): detection,
#   segmentation, and two Kaggle competitions, if you are looking for data.
# - nbgrader, [Creating and grading
#   assignments](https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html): manually
#   graded answers and tasks.
