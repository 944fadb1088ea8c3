# %% [markdown]
# # Fashion-MNIST
#
# Somebody at an online shop photographed 70,000 items of clothing, from sandals to coats, and shrank each photograph to
# 28 x 28 gray pixels. The figure shows 120 of them, twelve of each class. A network with 61,706 parameters, which was
# trained on 60,000 others, is wrong about those in red frames. Would you do better?

# %% include="lesson_setup"

# %%
from convnet.data import DataError, fashion_mnist
from convnet.layers import Dense, Flatten
from convnet.models import trained
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.fashion import fashion_sample
from lesson_tools.fashion_mnist import figures as draw
from lesson_tools.fashion_mnist.questions import check, predict
from lesson_tools.fashion_mnist.results import (
    both_libraries,
    finished,
    first_epoch,
    published_model,
    validation_at,
)

sample = fashion_sample()
network = trained("lenet-fashion-mnist")
wrong = np.flatnonzero(network.predict(sample.images).argmax(axis=1) != sample.labels)
draw.gallery(sample, wrong)

# %% [markdown]
# The network classifies 90% of all test images correctly. In this lesson you climb higher, from a linear classifier
# at 84% to a small residual network at 93%. You have met every idea in an earlier lesson, but never all of them in
# one race. Which one gains the most, what does it cost, and does any of them do harm?
#
# **By the end of this lesson you will be able to**
#
# 1. check an image data set, and read a confusion matrix with its recall and precision;
# 2. train a ladder of networks, from a linear classifier to a residual network, with one training loop in PyTorch, and
#    the top rung in Keras;
# 3. measure what an idea gains and what it costs, and leave it out to see whether you need it.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Overfitting](15_overfitting.ipynb),
# [Residual networks](19_residual_networks.ipynb) and [How networks are trained today](20_training_today.ipynb).

# %% [markdown]
# ## The data
#
# Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017) consists of 60,000 training and 10,000 test images from the shop
# Zalando. It was made to replace the handwritten digits of MNIST, on which even classic methods easily reach 97%. The
# next cell downloads it once, 30 MB. Without a connection, the lesson goes on with 220 images that come with the
# course, and with results that we have stored.

# %%
try:
    whole = fashion_mnist()
    X_train, y_train = whole.train_images[:-5000], whole.train_labels[:-5000]
    X_val, y_val = whole.train_images[-5000:], whole.train_labels[-5000:]
    epochs, batch = 1, 128  # the whole climb: 15 epochs
except DataError:
    whole = None
    X_train, y_train, X_val, y_val = sample.train_images, sample.train_labels, *sample[:2]
    epochs, batch = 15, 10
mean, deviation = float(X_train.mean()), float(X_train.std())
print("training images:", X_train.shape, X_train.dtype, "from", X_train.min(), "to", X_train.max())
print(f"mean {mean:.2f}, standard deviation {deviation:.2f}")
print("examples per class:", np.bincount(y_train))

# %% [markdown]
# Check three things in any data set before you train on it.
#
# - **Shape.** Images are (m, n_H, n_W, n_C) here. Files of grayscale images often omit the channel axis, and
#   `images[..., None]` adds it.
# - **Value range.** The files hold integers from 0 to 255, which the loader divides by 255. If you forget that for the
#   test images, no error is raised, and the network loses several points.
# - **Class balance.** All classes are about equally frequent. If 90% of the images were shoes, a program that always
#   says "shoe" would be 90% accurate.
#
# The last 5,000 training images become [validation images](glossary.md#validation-set). We use them, and never the
# test images, to choose the learning rates.

# %% [markdown]
# ## A linear classifier
#
# The lowest rung is a [linear classifier](glossary.md#linear-classifier), a single dense layer on the pixels. The
# cell trains it in NumPy. Change the number of epochs, and see how soon it stops improving.

# %%
linear = Network([Flatten(), Dense(10)], (28, 28, 1), seed=0)
n_epochs = max(3, epochs)
train(linear, X_train, y_train, epochs=n_epochs, optimizer=Adam(0.001), batch=batch, progress=False)
loss, accuracy = evaluate(linear, X_val, y_val)
print(f"{linear.parameters.size:,} parameters, validation accuracy {accuracy:.3f}")

# %% [markdown]
# With all training images, you should see between 0.84 and 0.85. After 15 epochs, the test accuracy is
# [0.842]{= f"{both_libraries('fashion-mnist')['linear'].mean():.3f}" } on average over six runs. That is our
# [baseline](glossary.md#baseline), and it is not a low one: people without expertise in fashion, three of whom voted on
# each of 1,000 test images, reached 0.835 according to the
# [list of submitted results](https://github.com/zalandoresearch/fashion-mnist#benchmark). Accuracy means little until
# you know what the simplest method reaches.

# %% [markdown]
# ## What the network gets wrong
#
# Back to the network of the first figure, whose test accuracy is [0.902]{= f'{np.trace(sample.counts) / 10_000:.3f}' }.
# *Which* classes are difficult? A [**confusion matrix**](glossary.md#confusion-matrix) tells you. Its entry in row $j$
# and column $l$ counts the images of true class $j$ that were predicted as class $l$, so the diagonal holds the correct
# predictions.
#
# **Predict.** About how many of the 1,000 shirts in the test set does the network recognize? Look at the red frames.
# `"a"` About 950. `"b"` About 900. `"c"` About 700.

# %%
predict("shirts", None)

# %%
draw.confusion(sample)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. It finds [701]{= sample.counts[6, 6] }. Another [103]{= sample.counts[6, 0] } shirts are predicted as T-shirts,
# and [100]{= sample.counts[6, 2] } as pullovers. Of the bags, it finds [986]{= sample.counts[8, 8] }.
#
# </details>

# %% [markdown]
# Two summaries of the matrix answer two different questions about a class. [**Recall**](glossary.md#recall) is the
# fraction of the true images of a class that the network found, so it divides the diagonal entry by the sum of its
# *row*. [**Precision**](glossary.md#precision) is the fraction of the predictions of a class that are right, and
# divides the same entry by the sum of its *column*.

# %%
counts = sample.counts
recall, precision = np.diag(counts) / counts.sum(axis=1), np.diag(counts) / counts.sum(axis=0)
tops, shoes = [0, 2, 3, 4, 6], [5, 7, 9]
mistakes = counts - np.diag(np.diag(counts))
within = sum(mistakes[np.ix_(group, group)].sum() for group in (tops, shoes))
print(f"shirts: recall {recall[6]:.2f}, precision {precision[6]:.2f}")
print(f"mistakes within tops or within shoes: {within / mistakes.sum():.0%}")

# %% [markdown]
# Of all mistakes, [91%]{= f"{within / mistakes.sum():.0%}" } stay within two groups of similar classes, tops (with
# dresses and coats) and shoes. Trousers and bags are nearly solved, so there is little to gain there. To climb
# higher, a network has to tell shirts from other tops.

# %% [markdown] tags=["row-21"]
# ## LeNet
#
# The second rung is the network of the first figure, [**LeNet**](glossary.md#lenet), which read the digits on bank
# checks in the 1990s (LeCun et al., 1998). In today's form, two blocks of a convolution with ReLU and 2 x 2 max pooling
# are followed by three dense layers, [61,706]{= f'{network.parameters.size:,}' } parameters in all. Here is what it
# makes of one image.

# %%
draw.feature_maps(network, sample, number=108)

# %% [markdown]
# In PyTorch, LeNet is a short function. It starts from He initialization and returns
# [logits](glossary.md#logits), because the softmax is part of PyTorch's cross-entropy loss. The third rung adds [batch normalization](glossary.md#batch-normalization) after each convolution
# and each hidden dense layer. By default, `nn.Identity` stands there instead and does nothing.

# %% needs="torch"
import torch
from torch import nn


def lenet(norm2d=nn.Identity, norm1d=nn.Identity):
    layers = [nn.Conv2d(1, 6, 5, padding=2), norm2d(6), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(6, 16, 5), norm2d(16), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(16 * 5 * 5, 120), norm1d(120), nn.ReLU()]
    layers += [nn.Linear(120, 84), norm1d(84), nn.ReLU(), nn.Linear(84, 10)]
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    return nn.Sequential(*layers)


print(f"{sum(p.numel() for p in lenet().parameters()):,} parameters")
print(lenet()(torch.zeros(2, 1, 28, 28)).shape)

# %% [markdown]
# ## A small residual network
#
# The fourth rung replaces LeNet with residual blocks of 16, 32 and 64 channels. Max pooling halves the map before each
# block, and [global average pooling](glossary.md#global-average-pooling) leaves 64 numbers for a single dense layer.


# %% needs="torch"
def conv_bn(n_in, n_out, size=3):
    conv = nn.Conv2d(n_in, n_out, size, padding="same", bias=False)
    nn.init.kaiming_uniform_(conv.weight, nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(n_out))


class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.body = nn.Sequential(conv_bn(n_in, n_out), nn.ReLU(), conv_bn(n_out, n_out))
        self.shortcut = nn.Identity() if n_in == n_out else conv_bn(n_in, n_out, 1)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def residual_network():
    layers = [conv_bn(1, 16), nn.ReLU()]
    for n_in, n_out in ((16, 16), (16, 32), (32, 64)):
        layers += [nn.MaxPool2d(2), Block(n_in, n_out)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


print(f"{sum(p.numel() for p in residual_network().parameters()):,} parameters")

# %% [markdown]
# With [77,754]{= f"{finished('fashion-mnist')['residual'][0].parameters:,}" } parameters it is hardly larger than
# LeNet.
#
# **Predict.** LeNet takes 416,520 multiply-accumulates (MACs) for an image, of which its dense layers account for
# 58,920. How many does the residual network take? `"a"` About as many. `"b"` About 5 times as many. `"c"` About 25
# times as many.

# %%
predict("macs", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`, [2,235,264]{= f"{finished('fashion-mnist')['residual'][0].macs:,}" } MACs. Nearly all of its weights belong
# to 3 x 3 kernels, which are used at every position of maps of 28 x 28, 14 x 14, 7 x 7 and 3 x 3. Most of LeNet's
# weights belong to dense layers, and are used once per image. However, most of the kernel weights are in the last
# block, where maps have only 9 positions, so the factor is not larger.
#
# </details>

# %% [markdown]
# ## One loop for all rungs
#
# A race is fair if only one thing differs, so all rungs share the loop below, with AdamW, a batch of 128 and a weight
# decay of 0.05 that spares biases and batch normalization. For the fifth rung, the learning rate no longer stays
# constant. During the first 2/15 of all steps it rises linearly to its maximum, and then it falls to 0 along a cosine.
#
# **Predict.** The maximum is 0.032 and training takes 15 epochs. What is the learning rate after 1 epoch, and after
# 15 epochs? Answer with a pair.

# %%
predict("schedule", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(0.016, 0)`: half of the warm-up is over after 1 epoch, and all of the cosine after 15.
#
# </details>

# %% needs="torch"
device = torch.device("cpu")
if torch.accelerator.is_available():  # cuda, mps, xpu, ...
    device = torch.accelerator.current_accelerator()


def on_device(images, labels):
    normalized = torch.from_numpy((images - mean) / deviation).permute(0, 3, 1, 2)
    return normalized.to(device), torch.from_numpy(labels).to(device)


def warm_up_cosine(progress, warm_up=2 / 15):  # progress: the part of all steps done, 0 to 1
    if progress < warm_up:
        return progress / warm_up
    return (1 + np.cos(np.pi * (progress - warm_up) / (1 - warm_up))) / 2


def accuracy_of(model, X, y):
    model.eval()
    with torch.no_grad():
        predicted = torch.cat([model(part).argmax(dim=1) for part in X.split(500)])
    return (predicted == y).float().mean().item()


def fit(model, rate, cosine=False):
    (X, y), validation = on_device(X_train, y_train), on_device(X_val, y_val)
    model.to(device, memory_format=torch.channels_last)  # on a CPU, this is faster
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0}
    optimizer = torch.optim.AdamW([{"params": weights}, others], lr=rate, weight_decay=0.05)
    steps = epochs * -(-len(X) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: warm_up_cosine((step + 1) / steps) if cosine else 1.0
    )
    for epoch in range(1, epochs + 1):
        model.train()
        for part in torch.randperm(len(X)).split(batch):
            loss = nn.functional.cross_entropy(model(X[part]), y[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch:2}: validation accuracy {accuracy_of(model, *validation):.3f}")
    return model


# %% [markdown]
# ## The climb
#
# Each rung comes with its own learning rate, the best of at least three on the validation images. One epoch of all
# five takes less than a minute on one core, and the whole climb, with `epochs = 15` in the cell that loads the data,
# about ten minutes. On a GPU it is faster. (In Colab, choose one with *Runtime > Change runtime type*.) Before you
# run the cell, decide how far up you expect one epoch to bring you.

# %% needs="torch"
torch.manual_seed(1)
rungs = {
    "linear classifier": (nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10)), 0.0005, False),
    "LeNet": (lenet(), 0.0005, False),
    "+ batch normalization": (lenet(nn.BatchNorm2d, nn.BatchNorm1d), 0.008, False),
    "+ residual blocks": (residual_network(), 0.002, False),
    "+ cosine schedule": (residual_network(), 0.032, True),
}
for name, settings in rungs.items():
    print(name)
    top = fit(*settings)

# %% [markdown]
# ## What each rung gains
#
# After one epoch, batch normalization is far ahead of LeNet. In our three runs in PyTorch, the mean validation
# accuracy was [0.874]{= f"{first_epoch('batch-norm'):.3f}" } with it and [0.834]{= f"{first_epoch('lenet'):.3f}" }
# without. Part of this lead is its learning rate, 16 times as high: in one run of each at the same rate, it leads by
# [1.8]{= f"{100 * (first_epoch('batch-norm', 0.0005) - first_epoch('lenet', 0.0005)):.1f}" } points at LeNet's rate,
# and by [3.0]{= f"{100 * (first_epoch('batch-norm', 0.008) - first_epoch('lenet', 0.008)):.1f}" } at its own. But is
# a lead after one epoch still a lead after 15?
#
# **Predict.** Which of the three upper rungs gains the most test accuracy in 15 epochs? `"a"` Batch normalization.
# `"b"` Residual blocks. `"c"` The cosine schedule.

# %%
predict("steps", None)

# %%
tested, photos = both_libraries("fashion-mnist"), both_libraries("cifar-10")
lower = None
for rung in ("linear", "lenet", "batch-norm", "residual", "cosine-alone"):
    runs = finished("fashion-mnist")[rung]  # those in PyTorch
    seconds = min(epoch.seconds for run in runs for epoch in run.epochs)
    gain = "" if lower is None else f"{100 * (tested[rung].mean() - tested[lower].mean()):+.1f}"
    print(
        f"{rung:13} {runs[0].parameters:7,} parameters {runs[0].macs:10,} MACs "
        f"{15 * seconds:4.0f} s   accuracy {tested[rung].mean():.3f} {gain}"
    )
    lower = rung
draw.climb()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The schedule gains [2.6]{= f"{100 * (tested['cosine-alone'].mean() - tested['residual'].mean()):.1f}" } points,
# more than both others together.
#
# </details>
#
# **The largest step after LeNet costs no parameter and no MAC.** It changes only how the same network is trained, at a
# rate that rises to 16 times the best constant one and then falls to 0. Batch normalization and residual blocks, which
# changed the architecture, gain [0.5]{= f"{100 * (tested['batch-norm'].mean() - tested['lenet'].mean()):.1f}" } (from
# [0.4]{= f"{100 * (tested['batch-norm'] - tested['lenet'])[:3].mean():.1f}" } in PyTorch to
# [0.6]{= f"{100 * (tested['batch-norm'] - tested['lenet'])[3:].mean():.1f}" } in Keras) and
# [0.7]{= f"{100 * (tested['residual'].mean() - tested['batch-norm'].mean()):.1f}" }
# points, and the residual network, which is also deeper, takes about twice the time.
#
# On CIFAR-10, 60,000 color photographs of animals and vehicles, all steps are larger. There, batch normalization
# gains [1.1]{= f"{100 * (photos['batch-norm'] - photos['lenet'])[:3].mean():.1f}" } to
# [2.4]{= f"{100 * (photos['batch-norm'] - photos['lenet'])[3:].mean():.1f}" } points, residual blocks gain
# [7.6]{= f"{100 * (photos['residual'].mean() - photos['batch-norm'].mean()):.1f}" }, and the schedule
# [6.3]{= f"{100 * (photos['cosine-alone'].mean() - photos['residual'].mean()):.1f}" }. The step to LeNet may not be
# due to its convolutions, because LeNet adds hidden layers, too. On clothes, the list of submitted results has 0.900
# for dense layers only.
#
# A gain is only as honest as the tuning of the rung below. If LeNet had been trained at 0.008, the rate that suits
# batch normalization, normalizing would seem to gain
# [1.7]{= f"{100 * (validation_at('batch-norm', 0.008) - validation_at('lenet', 0.008)):.1f}" } points on the validation
# images. **The same rate for everyone is not the same chance for everyone.** And a tuned rate is not the whole recipe:
# the LeNet of the first figure, which saw all 60,000 training images in batches of 32, reaches
# [0.902]{= f'{np.trace(sample.counts) / 10_000:.3f}' }, more than our rung with batch normalization. All rates, seeds
# and settings are in [the benchmark of the ladder](../benchmarks/lessons/ladder.md).

# %% [markdown]
# ## Flips and crops
#
# One idea is still missing, [data augmentation](glossary.md#data-augmentation). In [Overfitting](15_overfitting.ipynb)
# it gained several points. So we let the residual network see each image flipped left to right with probability 0.5 and
# shifted by up to 2 pixels (4 on CIFAR-10), with its learning rate tuned again.
#
# **Predict.** Look at the first figure again: most shoes point the same way, and every item is centered. What do
# flips and shifts do to the test accuracy of the top rung? `"a"` They help on both data sets. `"b"` They help on
# CIFAR-10 and hurt on Fashion-MNIST. `"c"` They hurt on both.

# %%
predict("flips", None)

# %%
draw.flips()

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. With the schedule, flips and crops gain
# [1.1]{= f"{100 * (photos['cosine'].mean() - photos['cosine-alone'].mean()):.1f}" } points on CIFAR-10, and cost
# [0.6]{= f"{100 * (tested['cosine-alone'].mean() - tested['cosine'].mean()):.1f}" } on Fashion-MNIST.
#
# </details>
#
# The same idea, the same network, the same 15 epochs, and the sign depends on the data. Our guess is that the network
# overfits photographs more: without flips and crops, its training accuracy in PyTorch is
# [16.1]{= f"{100 * np.mean([run.epochs[-1].accuracy - run.test_accuracy for run in finished('cifar-10')['cosine-alone']]):.1f}" }
# points above the test accuracy, and
# [4.5]{= f"{100 * np.mean([run.epochs[-1].accuracy - run.test_accuracy for run in finished('fashion-mnist')['cosine-alone']]):.1f}" }
# on clothes. Also, flipped shoes look unlike those in the test set. (At the rate 0.008, which was the best with
# flips, both reach [0.928]{= f"{validation_at('cosine-alone', 0.008):.3f}" } on the validation images. And the best
# entry in the list of submitted results, a far larger network at 0.967, does use both.) The rungs below matter, too.
# At the tuned constant rates, both effects are lost in the noise: on CIFAR-10, the six runs with flips and crops
# range from [0.694]{= f"{photos['augment'].min():.3f}" } to [0.739]{= f"{photos['augment'].max():.3f}" }. So to find
# out whether you need an idea, **leave it out of the finished recipe**. Such an experiment is called an
# [**ablation**](glossary.md#ablation).

# %% [markdown]
# ## The top rung in Keras
#
# In Keras, `fit` contains the loop, and the schedule is an object that the optimizer asks for a rate in each step.

# %% needs="keras tensorflow"
import keras
from keras import layers


def keras_conv_bn(x, n_out, size=3):
    settings = {"padding": "same", "use_bias": False, "kernel_initializer": "he_uniform"}
    return layers.BatchNormalization(momentum=0.9)(layers.Conv2D(n_out, size, **settings)(x))


def keras_block(x, n_out):
    shortcut = x if x.shape[-1] == n_out else keras_conv_bn(x, n_out, 1)
    body = keras_conv_bn(layers.ReLU()(keras_conv_bn(x, n_out)), n_out)
    return layers.ReLU()(layers.Add()([body, shortcut]))


keras.utils.set_random_seed(1)
inputs = keras.Input((28, 28, 1))
x = layers.Normalization(mean=mean, variance=deviation**2)(inputs)
x = layers.ReLU()(keras_conv_bn(x, 16))
for n_out in (16, 32, 64):
    x = keras_block(layers.MaxPooling2D(2)(x), n_out)
keras_model = keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))

steps = epochs * -(-len(X_train) // batch)
warm_up = 2 * steps // 15
rates = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=steps - warm_up, warmup_target=0.032, warmup_steps=warm_up
)
optimizer = keras.optimizers.AdamW(rates, weight_decay=0.05)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras_model.compile(optimizer, loss, metrics=["accuracy"])
_ = keras_model.fit(X_train, y_train, batch, epochs, validation_data=(X_val, y_val), verbose=2)

# %% [markdown]
# The thing that goes wrong here is the unit of time. `decay_steps` counts *steps*, not epochs. If you pass it the
# number of epochs, no error is raised, and the rate reaches 0 after 15 of the 6,450 mini-batches:

# %% needs="keras tensorflow"
in_epochs = keras.optimizers.schedules.CosineDecay(0.032, decay_steps=15)
print("rate after 0, 5, 10, 15 and 430 steps:")
print([round(float(in_epochs(step)), 4) for step in (0, 5, 10, 15, 430)])

# %% [markdown]
# In PyTorch, the same mistake is to call `schedule.step()` once per epoch when the schedule counts steps, and then the
# rate never leaves the warm-up. If a loss stops falling early, print the learning rate first.

# %% [markdown]
# ## Would you do better?
#
# All choices are made. Only now does your own network see the test images. And here is the first figure again, this
# time with the mistakes of *your* top rung in red. Set `epochs = 15`, climb again, and count the frames.

# %% needs="torch"
if whole is not None:
    test = on_device(whole.test_images, whole.test_labels)
    print(f"test accuracy of your top rung: {accuracy_of(top, *test):.3f}")
images, labels = on_device(sample.images, sample.labels)
with torch.no_grad():
    predicted = top.eval()(images).argmax(dim=1).cpu().numpy()
draw.gallery(sample, np.flatnonzero(predicted != sample.labels))

# %% [markdown]
# Our six runs over 15 epochs reached [0.929]{= f"{tested['cosine-alone'].min():.3f}" } to
# [0.932]{= f"{tested['cosine-alone'].max():.3f}" } on the 10,000 test images. That is about 7 mistakes in 100 images,
# where people without expertise made 16 or 17. (If you could not download the data, your network has learned from 100
# images only, and the figure shows it.)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: recall and precision
#
# Write `recall_and_precision(counts)`, which takes a confusion matrix with the true classes in its rows and returns two
# arrays with one value for each class. If a class is never predicted, its precision is 0.


# %%
def recall_and_precision(counts):
    both = None  # a pair of arrays, (recall, precision)
    ### BEGIN SOLUTION
    correct = np.diag(counts)
    both = correct / counts.sum(axis=1), correct / np.maximum(counts.sum(axis=0), 1)
    ### END SOLUTION
    return both


# %%
check("recall_and_precision", recall_and_precision)

# %% [markdown] tags=["row-20"]
# ### Exercise 2: a published model for Fashion-MNIST
#
# A lecture by Quang-Vinh Dinh, *Convolutional Neural Network (Session 2)*, compares five networks on Fashion-MNIST. The
# best published test accuracy is 0.9125, for 3 x 3 convolutions with 32, 64, 128, 256 and 512 filters at stride 1
# without padding, 2 x 2 max pooling after the second and the fourth, and a dense layer with ten outputs. How many
# values does the dense layer take, and how many parameters does the network have, biases included?

# %%
inputs_of_dense, parameters = None, None
### BEGIN SOLUTION
size = ((28 - 2 - 2) // 2 - 2 - 2) // 2 - 2
inputs_of_dense = size * size * 512
channels = (1, 32, 64, 128, 256, 512)
parameters = sum(
    (9 * n_in + 1) * n_out for n_in, n_out in zip(channels, channels[1:], strict=False)
)
parameters += (inputs_of_dense + 1) * 10
### END SOLUTION

# %%
check("published_model", (inputs_of_dense, parameters))
published = published_model()

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# It has 26 times as many parameters as LeNet and 20 times as many as our top rung. We trained it three times, for ten
# epochs at Adam's default rate as in the lecture. The test accuracies were
# [0.898, 0.911 and 0.911]{= "{:.3f}, {:.3f} and {:.3f}".format(*sorted(published)) }. The
# [table of all five models](../benchmarks/lessons/fashion_mnist.md) has the published values next to ours.
#
# </details>

# %% [markdown]
# ### Exercise 3: which number do you report?
#
# You have trained one rung at several learning rates. Each run is a pair: its validation accuracies after each epoch,
# and its test accuracy after the last one. Write `report(runs)`. It chooses the run whose validation accuracy, as a
# mean over its last three epochs, is highest, and returns the test accuracy of that run.


# %%
def report(runs):
    reported = None
    ### BEGIN SOLUTION
    best = max(runs, key=lambda run: np.mean(run[0][-3:]))
    reported = best[1]
    ### END SOLUTION
    return reported


# %%
check("report", report)

# %% [markdown]
# ## Recap
#
# 1. Before you train, check shape, value range and class balance, and measure a [baseline](glossary.md#baseline).
#    After training, a [confusion matrix](glossary.md#confusion-matrix), with [recall](glossary.md#recall) and
#    [precision](glossary.md#precision), shows which classes can still be improved.
# 2. From 84% to 93%, the largest steps were [LeNet](glossary.md#lenet) and the cosine schedule, which costs nothing.
#    Batch normalization and residual blocks gained 0.5 and 0.7 points here, and more on photographs.
# 3. The worth of an idea depends on the data and on the rungs below it, so measure it with an
#    [ablation](glossary.md#ablation), with each rung tuned, and let the [test set](glossary.md#test-set) choose
#    nothing.

# %% [markdown]
# ## What to read next
#
# - Next is [1x1 convolution](22_one_by_one_convolution.ipynb). To practice: the assignment
#   [LeNet](../release/lenet/lenet.ipynb). Then **run milestone 4** in [Milestones](milestones.ipynb), where your own
#   LeNet reads digits.
# - H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine learning
#   algorithms* (2017): [arXiv:1708.07747](https://arxiv.org/abs/1708.07747).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.6,
#   [LeNet](https://d2l.ai/chapter_convolutional-neural-networks/lenet.html).
