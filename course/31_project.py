# %% [markdown]
# # Project
#
# Ten students hand in the same project. They started from the same three photographs, of bricks, grass and gravel, and
# trained the same network to classify small patches of them. Only the seed differs, so each student cut different
# patches and started from different random weights. Run the next three cells to see what each of them reports.

# %% include="lesson_setup"

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
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
from lesson_tools.page_to_keep import closing_page, closing_picture
from lesson_tools.project import figures as draw
from lesson_tools.project import small_edges
from lesson_tools.project.questions import check, predict
from lesson_tools.project.submission import Sealed, hand_in, summary

# %%
PHOTOS = ["brick.jpg", "grass.jpg", "gravel.jpg"]  # or files of your own, one for each class
PARTS = {"train": (0.0, 0.5), "validation": (0.5, 0.75), "test": (0.75, 1.0)}  # of the width
SIZE = 16


def patches(part, count, seed):
    """Cut `count` patches from one part of each photograph, and normalize light and contrast."""
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
# The luckiest student writes [94%]{= f"{100 * max(students):.0f}%" } on the title page, the unluckiest
# [85%]{= f"{100 * min(students):.0f}%" }, and nobody has cheated. A single run does not tell you how well the method
# works.
#
# In this last lesson you choose a question about images yourself, and answer it in a way that convinces a stranger. You
# need no new layers for this, but more care than in any lesson before.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. turn an idea into a question that an experiment can answer, with data, a baseline and a plan;
# 2. carry the plan out fairly: tuned alike, several seeds, a test set that is opened once;
# 3. write a page that others can check, and judge such a page with a rubric.
#
# **Time:** about 65 minutes, and 35 for the exercises; your own project takes one or two weekends. **You need:**
# [Training](14_training.ipynb) and [Overfitting](15_overfitting.ipynb). For photographs, see
# [Transfer learning](28_transfer_learning.ipynb), and for long runs
# [Saving and resuming training](30_working_in_colab.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Recall.** You tried ten learning rates and kept the one with the best accuracy on some images. To find out how good
# your network is, you need its accuracy on ... `"a"`: the same images. `"b"`: images that played no part in any
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
# `"b"` and `"b"`. The best of ten results owes something to luck, and on the same images this luck is counted as skill.
# Adam's averages determine the size of a step, and prediction takes no steps.
#
# </details>

# %% [markdown]
# ## A question that a number can answer
#
# "I want to do something with mushrooms" is an idea. A question names the methods that are compared, the images, and the
# number that decides, and its answer can be "no".
#
# | idea | question |
# |---|---|
# | something with mushrooms | Do features of a pretrained network distinguish two species in my photographs better than the mean color does? |
# | augmentation | Which errors of a digit classifier disappear if the training images are shifted, and which remain? |
# | make edges nicer | Can a network with 2,000 parameters draw edges like HED with 260,000? |
# | my network is slow | How much accuracy do I lose if I halve the resolution, the filters or the layers? |
#
# Good questions are small. If you are sure of the answer in advance, or if no result could change your mind, look
# for a different one.

# %% [markdown]
# ## Data: yours, or the course's
#
# **Your own photographs** make the best projects, because nobody has the answer yet. With a pretrained network, thirty
# photographs of each class are enough to begin. For textures, one sharp photograph of each will do. Ask before you
# photograph people, and do not publish the photographs. If you do not want to collect images, take those of the course:
#
# | data | images | where |
# |---|---|---|
# | digits | 1,797 of 8 x 8 | `digits()`; lesson 11 |
# | twelve photographs | up to 640 pixels | `photograph("chelsea.jpg")` |
# | Fashion-MNIST | 70,000 of 28 x 28 | `fashion_mnist()`, downloads 30 MB; lesson 21 |
# | CIFAR-10 | 60,000 of 32 x 32 x 3 | `cifar10()`, downloads 170 MB; lesson 28 |
#
# Split your data into training, validation and test images **before you look at them**, and keep related images
# together: all photographs of one mushroom, one person or one afternoon go into the same part. (In scikit-learn,
# `GroupShuffleSplit` does this. You write it yourself in Exercise 2.)

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
# [128]{= 16 * 8 }: columns 108 to 115, in all 16 rows. If one patch is used for training and the other for the test,
# half of the "unseen" image has been seen. This is called **data leakage**. So training, validation and test patches come
# from different parts of each photograph, which `PARTS` defines. The ten students used the validation part and left the
# test part alone. (We did not. While writing this lesson we tried its code on the whole photographs, so our own test is
# not as clean as yours will be.)
#
# </details>

# %%
draw.parts([photograph(name, 256) for name in PHOTOS], PARTS)

# %% [markdown]
# ## A baseline that is hard to beat
#
# Is 92% good? That depends on how far you get without a network. A [**baseline**](glossary.md#baseline) is the best
# *simple* method that you can think of, and you should honestly try to make it win. Here is one for textures. It describes
# a patch by six numbers, the mean strengths of its horizontal edges, vertical edges and spots, and their standard
# deviations.


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
# 1. **Tune all methods alike.** Each method gets the same number of settings, and the validation images decide. A
#    tuned network against an untuned baseline only proves that you can tune.
# 2. **Plan several runs**, at least five, each with a different seed *and* different training images.
# 3. **Open the test set once**, when everything else is decided.
# 4. **Decide what counts as an answer**, for example "I will call the network better if its lowest run is above the
#    baseline's mean".
#
# The third rule is the hardest to follow. The test set is at hand, and one more look does no harm, does it? `Sealed`
# counts how often you open it, and the page that you hand in shows the count.
#
# In the code, a **method** is a function of a setting and a seed. It trains on the images of this seed and returns a
# function from images to classes. A network in PyTorch or Keras fits into this plan as well:


# %% needs="torch"
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def texture_network_torch(rate, seed, epochs=12):
    X, labels = patches("train", 200, seed)
    images = torch.tensor(X, dtype=torch.float32).permute(0, 3, 1, 2)  # (m, 1, 16, 16)
    dataset = TensorDataset(images, torch.tensor(labels))
    torch.manual_seed(seed)  # for the weights and the order of the images
    loader = DataLoader(dataset, batch_size=32, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, len(PHOTOS)),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        for batch, targets in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(batch), targets).backward()
            optimizer.step()
    model.eval()

    @torch.inference_mode()
    def predict_classes(X):
        images = torch.tensor(X, dtype=torch.float32).permute(0, 3, 1, 2)
        return model(images).argmax(dim=1).numpy()

    return predict_classes


print(f"validation accuracy: {np.mean(texture_network_torch(0.01, seed=0)(X) == labels):.2f}")


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
# often is it trained in total?

# %%
predict("trainings", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $3 \cdot 3 + 5 =$ [14]{= 3 * 3 + 5 } times. With twelve epochs of a minute each, this takes an evening, so keep your
# networks small.
#
# </details>

# %% [markdown]
# ## First example: textures
#
# *Question: does a small network classify the textures of my photographs better than six numbers do?* The next cell
# carries out the plan, in about twenty seconds.

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
# By the rule of our plan, the answer is **no**. On average, the network classifies
# [92.4%]{= f"{np.mean(textures['network']):.1%}" } of the test patches correctly, and the six numbers
# [94.9%]{= f"{np.mean(textures['six numbers']):.1%}" }. The network learned from pixels what somebody who knows Sobel
# filters could have written down. That is an achievement, but no gain.
#
# Are six numbers better, then? Look at the tuning again. On the *validation* patches the network was ahead, with
# [93.5%]{= f"{max(tuning['network'].values()):.1%}" } against
# [90.5%]{= f"{max(tuning['six numbers'].values()):.1%}" }. The order changed from one quarter of the photographs to the
# next. When we repeated the validation with new training and new validation patches, it changed again. More patches will
# not help, because they all come from three photographs. So all we may write is: *no, and with three photographs we cannot
# tell which is better.*
#
# You may be tempted to try a few more settings now, with the test patches at hand. Do not: that would turn the test set
# into a second validation set.
#
# How precise is an accuracy on 900 patches? If a classifier is correct with probability $p$ on each of $n$ independent
# images, its measured accuracy has the **standard error** $\sqrt{p(1-p)/n}$.
#
# **Predict.** How large is it for $p = 0.95$ and $n = 900$, in percentage points? One decimal is enough.

# %%
predict("standard_error", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $\sqrt{0.95 \cdot 0.05/900} =$ [0.0073]{= f"{np.sqrt(0.95 * 0.05 / 900):.4f}" }, so 0.7 percentage points. The true
# uncertainty is larger, since patches of one photograph resemble each other. The formula counts independent images, and we
# have three.
#
# </details>
#
# So put your own photographs into `PHOTOS`. And never write that a network recognizes *grass*. It recognizes this lawn, on
# this afternoon.

# %% [markdown]
# ## Second example: which errors survive?
#
# *Question: which errors of a digit classifier disappear if its training images are shifted by up to one pixel, and
# which remain?* The question is about individual errors, so we keep the predictions of each run. Each seed draws 1,200 of
# the 1,500 training digits. The baseline is the nearest neighbor, which may also use shifted copies, to be fair.


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

    model = KNeighborsClassifier(n_neighbors=k).fit(X.reshape(len(X), -1), labels)
    return lambda images: model.predict(images.reshape(len(images), -1))


# %% [markdown]
# Each of the four methods tries three settings, with two seeds, on the validation digits of the seed.


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
# may not call it better. And the nearest neighbor, the oldest method of all, reaches
# [0.96]{= f"{reading['nearest, shifted copies'].mean():.2f}" } with the same shifts. A project that compared the two
# networks, one seed each, might have reported a success of augmentation.
#
# But the question was about errors. For each digit, we count how many of the five networks misclassify it:

# %%
wrong = {name: (read != labels_test).sum(axis=0) for name, read in readings.items()}
plain, augmented = wrong["network"], wrong["network, shifted"]
draw.errors(X_test, labels_test, readings["network, shifted"], plain, augmented)

# %% [markdown]
# There are [11]{= (plain >= 4).sum() } digits that at least four of the five plain networks misclassify. With shifts,
# [4]{= ((plain >= 4) & (augmented >= 4)).sum() } of these errors survive, and
# [2]{= ((plain >= 4) & (augmented <= 1)).sum() } disappear. In return,
# [7]{= ((plain == 0) & (augmented >= 2)).sum() } new ones appear: digits that no plain network misclassified, and two or
# more networks with shifts do. In total, the five runs make slightly fewer errors, [77]{= augmented.sum() } instead of
# [92]{= plain.sum() }, but above all different ones. Or would *any* five new networks differ as much? We have to ask,
# because we selected the digits on which these five networks happened to fail.

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
# Five more networks *without* shifts misclassify [11]{= ((plain >= 4) & (again >= 4)).sum() } of the 11 again, and only
# [1]{= ((plain == 0) & (again >= 2)).sum() } digit is new. So the change comes from the shifts.
#
# **What did not work:** we expected shifts to remove the errors that a digit's position causes. Perhaps there are none? To
# test this, we move the test digits, too.

# %%
rng = np.random.default_rng(0)
X_again, _ = sealed_digits.open()
moved = shifted(X_again, *rng.integers(-1, 2, (2, len(X_again))))
on_moved = {
    name: [np.mean(read(moved) == labels_test) for read in runs] for name, runs in readers.items()
}
print(summary(on_moved))

# %% [markdown]
# On moved digits, the plain network falls to [0.50]{= f"{np.mean(on_moved['network']):.2f}" }, while the one with shifts
# stays at [0.92]{= f"{np.mean(on_moved['network, shifted']):.2f}" }, a difference far beyond any spread. So training with
# shifts does what it promises, but the test digits are centered and hardly need it. Nobody asked this question, and its
# answer is the best result of the project. It has a price: the test set was opened a second time, for a question that came
# after the first answer, and the page has to say so.

# %% [markdown]
# ## Third example: edges against HED
#
# *Question: can a small network draw edges like the trained network of the milestones, the first two blocks of HED?* The
# small network has [2,017]{= f"{small_edges.small_network(0).parameters.size:,}" } parameters instead of 260,289, and
# learns from HED's drawings of six photographs. The baseline applies Sobel kernels to the photograph at up to three
# levels of blur, and combines the results by logistic regression with four parameters. We measure the correlation
# with HED's drawing, which is 1 for equal drawings.
#
# The next cell trains once, which takes ten seconds, and draws a photograph that the network has not seen.

# %%
names, validation_names, test_names = small_edges.split(seed=0)
by_network = small_edges.fit_network(names, rate=0.003, seed=0, steps=300)
by_sobel = small_edges.fit_sobel(names, scales=(0, 1, 2))
draw.edges(small_edges.photos()[validation_names[0]], by_sobel, by_network)

# %% [markdown]
# Did you notice the gray sky? There is no edge in it. To find out where the gray comes from, we apply both methods to
# images without any edge: black, gray and white ones.

# %%
for name, draw_edges in {"Sobel": by_sobel, "network": by_network}.items():
    flat = [draw_edges(np.full((40, 40), gray))[20, 20] for gray in (-2.0, 0.0, 2.0)]
    print(f"{name:8} edges in black {flat[0]:.2f}, in gray {flat[1]:.2f}, in white {flat[2]:.2f}")

# %% [markdown]
# The network detects edges in plain white. Sobel kernels cannot do this, because their weights sum to 0. Nothing in the
# network's architecture makes it ignore brightness, and six photographs have not taught it to.
#
# The whole plan, with four settings of each method, five random splits of the twelve photographs and twice as many
# steps, takes minutes, so its result is stored: `python -m benchmarks.lessons.project` repeats it.

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
# are above the diagonal. So the answer is **no** once more: with 500 times as many parameters, the network resembles
# HED only about as well as Sobel does. The mean difference depends on the split, and ranges from
# [-0.08]{= f"{min(gains):+.2f}" } to [+0.06]{= f"{max(gains):+.2f}" }.
#
# **What did not work:** in first tries with two seeds, we used 3x3 kernels on color images. The
# [receptive field](glossary.md#receptive-field) was then 7 pixels wide, half of the 14 of HED's second block, and the
# network lost clearly. So we took 5x5 kernels on grayscale images. That the receptive field is the reason is a guess, since
# other things changed as well.
#
# And one limit is easily forgotten: HED is not the truth. It is just another network, and "like HED" does not mean "like a
# person".

# %% [markdown]
# ## The page to hand in
#
# All three examples end in "no" or "yes, but", and all three are good projects. A reader wants the question, the
# evidence and its limits on **one page**. `hand_in` writes this page as a single file that you can upload, mail or print.
# It computes the table of results, and lists the parts that are missing. Here is the page of the first example.

# %%
import tempfile
from pathlib import Path

page = hand_in(
    title="Three textures",
    author="A student",
    question="Does a small network classify patches of my photographs of bricks, grass and gravel "
    "better than six numbers about their edges do?",
    data="Three photographs, one per class, 16 x 16 patches, light and contrast normalized. Left half "
    "for training, next quarter for validation, right quarter for the test.",
    plan="Both methods try three settings with three seeds on validation patches, and run five times "
    "on the test, with new training patches each time. I say 'better' if the network's lowest "
    "run is above the mean of the six numbers.",
    results=textures,
    answer="No: the network's lowest run is below the mean of the six numbers. On the validation "
    "patches the order was the opposite, so with one photograph of each class I cannot tell.",
    pictures=[draw.confusion(labels_texture, read["network"][0], PHOTOS)],
    did_not_work="Without normalizing light and contrast, the network was about ten points worse in a "
    "first try with two seeds, which I did not follow up. Averaging the feature maps over the patch, "
    "because a texture has no position, made no difference that I could distinguish from chance.",
    limits="One photograph of each class: the network may recognize this lawn rather than grass.",
    sealed=sealed,
    path=Path(tempfile.mkdtemp()) / "project.html",
)
page

# %% [markdown]
# For your own project, open the notebook [The page of my project](project_page.ipynb). It contains this plan as a
# skeleton, with a small example that runs. Replace its parts one by one.

# %% [markdown]
# ## How a project is judged
#
# A project earns up to 20 points, in six rows. Points reward evidence, not success: a "no" can earn all of them, and an
# accuracy of 98% only ten.
#
# | row | full points | some points | few |
# |---|---|---|---|
# | **a** question, 3 | what is compared, on which images, by which number; could be "no" | one is missing | an idea |
# | **b** data, 3 | split before use; related images stay together | related images in different parts | no test images |
# | **c** baseline, 3 | the strongest simple method, tuned | weak, or not tuned | chance |
# | **d** plan, 4 | written in advance; as many settings for each method; test opened once | one is missing | two are missing |
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
# Let students grade each other first. Nothing teaches the value of reporting a spread like missing it on someone else's
# page.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: how many test images?
#
# Your classifier is correct on 90% of 400 test images.
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
# `groups` contains, for each image, the name of its group: the mushroom, the person, the afternoon. Write
# `test_images(groups, fraction, seed)`, which returns an array of `True` for test images and `False` for the others,
# so that no group is split:
#
# 1. take the distinct names in alphabetical order, `np.unique(groups)`;
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
# A student hands in this page:
#
# > **Question.** Does a network distinguish my two cats better than their mean color does?
# > **Data.** 240 photographs from 12 videos, 20 from each, shuffled and split into 160, 40 and 40.
# > **Baseline.** Logistic regression of the mean color, C = 1.
# > **Plan.** The network tries nine combinations of learning rate and width on the validation images, then five seeds;
# > the test set is opened once.
# > **Result.** Baseline 0.85. Network: 0.98, the best of five seeds.
# > **What did not work, limits.** Photographs taken at night were confused. Two cats in one flat: no other cats were tried.
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
# 2. ... test patches come from the whole photograph, `PARTS["test"] = (0.0, 1.0)`? Which method gains from it?
# 3. ... the training digits are shifted by up to *two* pixels? Do the same errors survive?
#
# <details>
# <summary>Discussion</summary>
#
# 1. If one of them is out of focus, both methods will be nearly perfect, but they will have learned to detect blur.
#    Photograph all classes with the same camera, from the same distance and in the same light.
# 2. A method that can memorize patches gains most. In a first try, the nearest neighbor of raw pixels gained about four
#    points. The gain depends on the data, so you cannot subtract it from a result afterwards.
# 3. A digit of 8 x 8 pixels that is shifted by two may lose strokes at the border. Augmentation must not change the class.
#
# </details>

# %% [markdown]
# ## The closing picture
#
# The course opened with the photograph of a cat that an addition had spoiled. The same cat closes it. The next cell draws
# her with **your own** layers, if your functions have passed the checks of milestone 2, and writes a page for you to keep.
# Try it with a photograph of your own.

# %%
closing_page("chelsea.jpg")

# %% [markdown]
# If it says that there is no page yet, some of your functions are missing, and the [milestones](milestones.ipynb) list
# them. Until then, here is the same drawing, made by the course's layers:

# %%
cat = photograph("chelsea.jpg", 640)
closing_picture(cat, sobel_edges(cat), load_blocks().draw(cat), "the course's layers")

# %% [markdown]
# Every gray value of this drawing went through sliding kernels, ReLUs and max pooling, a 1x1 convolution and a sigmoid. You
# have computed each of these by hand, implemented it, and derived its gradient. There is no black box left in it.

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **turn an idea into a question:** what is compared, on which images, by which number; data that are split before
#    anybody looks, by photograph and not by patch; a [baseline](glossary.md#baseline) that you tried to make win;
# 2. **carry out a plan:** methods tuned alike on [validation](glossary.md#validation-set) images, at least five runs with
#    different seeds and training images, a sealed [test set](glossary.md#test-set);
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
