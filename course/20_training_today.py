# %% [markdown]
# # How networks are trained today
#
# ResNet-50 was published in 2015, and torchvision's weights for it reached an accuracy of 76.1% on ImageNet. Then the
# torchvision team trained it again, on the same photographs and without touching a layer, and by January 2022 it had
# reached 80.9%. Another team reached 80.4% in 2021 and called its paper *ResNet strikes back*. Run the next two cells
# to see torchvision's climb, one change at a time.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import softmax
from convnet.models import digits_network
from convnet.training import Adam, evaluate
from lesson_tools.training_today import figures as draw
from lesson_tools.training_today.broken_scripts import broken
from lesson_tools.training_today.questions import check, predict

draw.staircase()

# %% [markdown]
# None of these changes touches the network. They affect how long it trains, how large its steps are, what it sees,
# and which weights are kept at the end. **Which lines of a training script decide how good a network gets, and why?**
#
# **By the end of this lesson you will be able to**
#
# 1. find out why a loss does not fall, with four questions instead of luck;
# 2. explain why the last step of a training run is partly luck, and remove the luck with a schedule or an average of
#    the weights;
# 3. write today's recipe, with smoothed labels and averaged weights, in NumPy, PyTorch and Keras.
#
# **Time:** about 55 minutes, and 25 for the exercises. **You need:** [Training](14_training.ipynb),
# [Overfitting](15_overfitting.ipynb) and [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## First, a script that learns
#
# A recipe can only improve a script that works, and "neural net training fails silently", as Andrej Karpathy wrote. A
# single wrong line can cost far more than five points, without an error message. These four questions find many such
# lines. The second is the most useful one: **overfit one batch first.** If the loss of 32 images does not go to 0,
# something is wrong, and you find out in seconds.

# %%
draw.chart()

# %% [markdown]
# Here are three scripts, each with one wrong line. They train the network of [Training](14_training.ipynb) on its
# digits. `examine` shows what the four questions ask for: one mini-batch on the left, all images on the right. Look at
# the figure, not at the script, and name the cause by its letter in the chart.


# %%
def examine(case, repairs=None):
    script = broken(case, repairs)
    one_batch = [script.step(np.arange(32)) for _ in range(300)]
    script, log = broken(case, repairs), []  # afresh
    for epoch in range(6):
        order = np.random.default_rng(epoch).permutation(len(script.images))
        losses = [script.step(order[k : k + 32]) for k in range(0, len(order), 32)]
        log.append((np.mean(losses), *script.validate()))
    return draw.examination(one_batch, log)


examine(1)

# %%
predict("case_1", None)

# %%
examine(2)

# %%
predict("case_2", None)

# %%
examine(3)

# %%
predict("case_3", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# - **Case 1: B.** The loss of the batch is the same in all 300 steps, to the last digit. Even a bad step would change
#   something, so no step reaches the network. (The script trains a copy of the parameters.)
# - **Case 2: D.** The loss stops at 1.6, although most validation images are right. With such an accuracy, it should
#   be far lower. The script ends its network with a softmax *and* uses a loss that applies softmax itself. As you saw
#   in [Losses](12_losses.ipynb), such a loss cannot fall below $\log(e + 9) - 1 \approx$
#   [1.46]{= f"{np.log(np.e + 9) - 1:.2f}" }.
# - **Case 3: F.** The training loss falls almost to 0, so the network has learned its digits. But the validation accuracy
#   is 0%, and even an overfitted network would do no worse than guessing, which gets 10%. So this one is asked about
#   something else: its validation images are black on white.
#
# </details>
#
# From here on, the loss falls.

# %% [markdown]
# ## The last step is partly luck
#
# A mini-batch gives a noisy estimate of the gradient, so at a constant rate the weights do not come to rest. Take the
# simplest loss, $w^2/2$ for each of two weights, whose gradient is $w$ itself, and add noise $\varepsilon$ of
# variance 1 in each step:
#
# $$w_{t+1} = w_t - \eta\, (w_t + \varepsilon_t)$$


# %%
def descend(rate, steps=400, seed=1):
    rng, path = np.random.default_rng(seed), [np.array([4.0, 2.0])]
    for _ in range(steps):
        w = path[-1]
        path.append(w - rate * (w + rng.normal(size=2)))
    return np.array(path)


draw.clouds({rate: descend(rate) for rate in (0.5, 0.05)})

# %% [markdown]
# A large rate reaches the minimum in a few steps, but then jumps around in a cloud. The last position is a random
# point of this cloud. A small rate makes the cloud small, but takes its time to get there. In each direction, the
# cloud has the variance $v = (1 - \eta)^2 v + \eta^2$, hence $v = \eta / (2 - \eta)$, about $\eta / 2$ for a small
# rate.
#
# The black cross is the *mean* of the last 200 positions. What decides how far it is from the minimum?
#
# **Predict.** You double a small learning rate, so the variance of the last position doubles. What happens to the
# variance of the *mean of many positions*? `"a"` It doubles, too. `"b"` It hardly changes. `"c"` It halves.

# %%
predict("mean", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Add up the update for $n$ steps. On the left, all positions but the first and the last cancel:
#
# $$w_n - w_0 = -\eta \sum_t (w_t + \varepsilon_t), \qquad \text{so} \qquad
# \frac{1}{n} \sum_t w_t = -\frac{1}{n} \sum_t \varepsilon_t - \frac{w_n - w_0}{\eta\, n}$$
#
# If $n$ is much larger than $1 / \eta$, the last term is small. The mean position is then minus the mean of $n$ noise
# terms, with variance $1/n$, and the learning rate has dropped out.
#
# </details>
#
# So there are two ways to get rid of the noise. You can lower the learning rate toward the end, which shrinks the
# cloud, or you can keep a large rate and **average the weights**. Many of today's recipes do both.

# %% [markdown]
# ## An average of the weights
#
# Nobody stores all positions. An [**exponential moving average of the weights**](glossary.md#weight-averaging), EMA for
# short, needs one copy $\bar w$ of them and one line per step:
#
# $$\bar w \leftarrow \bar w + (1 - \beta)\, (w - \bar w)$$
#
# It gives the weight $(1 - \beta)\, \beta^k$ to the parameters of $k$ steps ago, so it averages over about the last
# $1 / (1 - \beta)$ steps: 50 steps for $\beta = 0.98$. The training itself never sees the average. You only evaluate
# it, and keep it at the end.
#
# Here is the loop of [Training](14_training.ipynb) with this line. (`schedule` and `change` belong to the next two
# sections.)

# %%
data = digits()
X, labels = data.train_images[:1200], data.train_labels[:1200]
X_val, val_labels = data.train_images[1200:], data.train_labels[1200:]
one_hot = np.eye(10, dtype=np.float32)[labels]
epochs, steps = 12, 12 * 38


def accuracy(network, parameters):
    own = network.parameters.copy()
    network.parameters[...] = parameters
    result = evaluate(network, X_val, val_labels)[1]
    network.parameters[...] = own
    return result


def train(seed, rate, decay=0.98, schedule=lambda step: 1, change=None):
    network, optimizer, step, log = digits_network(seed), Adam(rate), 0, []
    average, rng = network.parameters.copy(), np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            picked = order[start : start + 32]
            images, targets = X[picked], one_hot[picked]
            if change is not None:
                images, targets = change(images, targets, rng)
            optimizer.settings["learning_rate"] = rate * schedule(step)
            scores = network.forward(images, training=True)
            network.backward((softmax(scores) - targets) / np.float32(len(picked)))
            optimizer.step(network.parameters, network.gradients)
            average += (1 - decay) * (network.parameters - average)  # the new line
            step += 1
        log.append((accuracy(network, network.parameters), accuracy(network, average)))
    return np.array(log)


draw.averages({f"rate {rate:g}": [train(s, rate) for s in range(3)] for rate in (0.01, 0.03)})

# %% [markdown]
# The thin lines jump from epoch to epoch, and more so at the larger rate, whose cloud is wider. The thick lines
# belong to the *same* runs. In ten runs at the rate 0.03 on different parts of the data
# ([benchmark](../benchmarks/lessons/training_today.md)), averaging raises the final test accuracy by
# [2.0 ± 0.6]{= draw.gain(draw.test_accuracy('constant', 0.03, 0.98) - draw.test_accuracy('constant', 0.03)) } points,
# to [96.4%]{= f"{draw.test_accuracy('constant', 0.03, 0.98).mean():.1%}" }. At the rate 0.01, which had been tuned
# for the last weights, it adds only
# [0.1 ± 0.3]{= draw.gain(draw.test_accuracy('constant', 0.01, 0.98) - draw.test_accuracy('constant', 0.01)) }. So the
# average forgives a rate that is somewhat too large, and needs no extra gradients. (At 0.1, most runs learn nothing, and
# neither do their averages.) *Stochastic weight averaging*, SWA (Izmailov et al., 2018), takes the plain mean over the
# last epochs instead.
#
# One thing goes wrong easily. The average begins at the initial weights, which know nothing.
#
# **Predict.** Many scripts set $\beta = 0.999$. Our training has 456 steps. What fraction of the average do the
# *initial* weights make up at the end? (One decimal.)

# %%
predict("share", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Each step keeps the fraction 0.999 of what was there, so $0.999^{456} \approx$ [0.63]{= f"{0.999**456:.2f}" } are
# left. The average is mostly a network that has never been trained.
#
# </details>

# %%
log = train(seed=0, rate=0.01, decay=0.999)
print(f"last weights {log[-1, 0]:.1%}, average with decay 0.999 {log[-1, 1]:.1%}")

# %% [markdown]
# So choose $\beta$ by the length of your training: $1 / (1 - \beta)$ should be one or a few epochs here, and always far
# less than the number of steps. (Exercise 2 removes the initial weights exactly.)

# %% [markdown]
# ## A schedule for the learning rate
#
# The other way shrinks the cloud itself. A [**learning rate schedule**](glossary.md#learning-rate-schedule) begins
# with a large rate and ends with a small one. A common schedule falls from the full rate to 0 along half a
# cosine. Many recipes put a [**warm-up**](glossary.md#warm-up) in front, in which the rate rises linearly. The first
# steps of Adam are about as large as the full rate, although it has seen only a few gradients, and a step that is too
# large can kill ReLUs for good.


# %%
def warm_up_cosine(step, warm_up=38):
    """Return the factor of the learning rate in a step."""
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))) / 2


draw.scheduled(warm_up_cosine, [train(s, 0.03, schedule=warm_up_cosine) for s in range(3)])

# %% [markdown]
# The last epochs are flat, and the average has nothing left to remove. In the benchmark, the schedule ends at
# [96.9%]{= f"{draw.test_accuracy('warm-up', 0.03).mean():.1%}" }, with the average and without it, hardly more than
# the constant rate of 0.01 with [96.6%]{= f"{draw.test_accuracy('constant', 0.01).mean():.1%}" }. On this data, a
# schedule mainly makes the rate matter less. The warm-up matters at larger rates. At 0.1, the cosine alone reaches
# [17%]{= f"{draw.test_accuracy('cosine', 0.1).mean():.0%}" }, since most runs learn nothing, and with one epoch of
# warm-up, ten runs reach [95%]{= f"{draw.test_accuracy('warm-up', 0.1).mean():.0%}" } on average.
#
# The average has an advantage of its own: a schedule must know in advance how long you train, whereas you can take an
# average at any time.

# %% [markdown]
# ## Mixed images and mixed labels
#
# The orange bars in the first figure change the images and their labels. You know [data
# augmentation](glossary.md#data-augmentation), which keeps the label. Today's recipes change the label as well.
# [**Label smoothing**](glossary.md#label-smoothing) takes $\epsilon = 0.1$ from the 1 of the correct class and shares
# it among all classes, so that the scores no longer grow without end. [**Mixup**](glossary.md#mixup) (Zhang et al.,
# 2018) mixes two images *and* their labels:


# %%
def smooth(images, targets, rng, epsilon=0.1):
    return images, (1 - epsilon) * targets + np.float32(epsilon / 10)


def mixup(images, targets, rng, alpha=0.2):
    share, other = np.float32(rng.beta(alpha, alpha)), rng.permutation(len(images))
    images = share * images + (1 - share) * images[other]
    return images, share * targets + (1 - share) * targets[other]


rng = np.random.default_rng(25)
draw.mixed(*mixup(X[:6], one_hot[:6], rng, alpha=5))

# %% [markdown]
# A small $\alpha$ makes most shares nearly 0 or 1, and the figure uses 5 so that you see the mixture. CutMix (Yun et
# al., 2019) pastes a rectangle of one image into the other, and mixes the labels by area. You write it in Exercise 3.
#
# **Predict.** An image is 70% a 3 and 30% an 8, and so is its target. The loss is $-\sum_c q_c \log p_c$ with the
# targets $q$, and it is smallest for $p = q$. How small can it get? (One decimal.)

# %%
predict("floor", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $-0.7 \log 0.7 - 0.3 \log 0.3 \approx$ [0.61]{= f"{-0.7 * np.log(0.7) - 0.3 * np.log(0.3):.2f}" }. With mixed labels,
# a training loss that stops above 0 is no sign of case D. Judge such a run by the validation images, which are not
# mixed.
#
# </details>
#
# **Stochastic depth** (Huang et al., 2016) randomizes the network instead. In each training step it skips the branch
# $F$ of some [residual blocks](19_residual_networks.ipynb), so that only the shortcut is left, and at test time it
# uses all of them. In *timm* and torchvision, it is called `DropPath` and `StochasticDepth`.

# %% [markdown]
# ## The recipe
#
# | | ResNet strikes back (A1) | torchvision |
# |---|---|---|
# | epochs, batch size | 600, 2,048 | 600, 1,024 |
# | optimizer | LAMB | SGD with momentum |
# | schedule | 5 epochs of warm-up, cosine | 5 epochs of warm-up, cosine |
# | images | RandAugment, mixup, CutMix | TrivialAugment, random erasing, mixup, CutMix |
# | repeated augmentation | yes | yes |
# | label smoothing | yes | yes |
# | loss | binary cross-entropy | cross-entropy |
# | stochastic depth | yes | no |
# | average of the weights | no | yes |
# | ResNet-50 on ImageNet | 80.4% | 80.9% |
#
# Of torchvision's 4.7 points, 1.8 came with 600 epochs instead of 90, 1.4 with changed images and labels, 1.1 with
# steps and weights, and 0.4 with image sizes. (In another order, the bars would have other lengths. The author
# himself warns that with the old recipe, 600 epochs alone would gain far less.) Both recipes share the long training,
# the schedule, and the mixed images and labels. They differ in the optimizer, the loss, stochastic depth and
# averaging, so none of those four choices is indispensable. (LAMB is a variant of Adam for large batches. RandAugment
# and TrivialAugment apply random image operations, random erasing blanks out a rectangle, and repeated augmentation
# puts several versions of an image into one batch.)

# %% [markdown]
# ## The recipe in PyTorch
#
# `AveragedModel` holds the average, and `LambdaLR` multiplies the rate by our function. Two lines are new. [**Gradient
# clipping**](glossary.md#gradient-clipping) shortens a gradient whose norm exceeds a limit, which insures you against a
# bad batch. In [**mixed precision**](glossary.md#mixed-precision), `torch.autocast` computes convolutions and matrix
# products with 16 bits, which recent GPUs do several times as fast, while the parameters keep 32.

# %% needs="torch"
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

device = torch.device("cpu")
if torch.accelerator.is_available():  # cuda, mps, xpu, ...
    device = torch.accelerator.current_accelerator()

torch.manual_seed(0)
model = nn.Sequential(
    *(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
    *(nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
    *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10)),
).to(device)
average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.98), use_buffers=True)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_up_cosine)

images = torch.from_numpy(X).permute(0, 3, 1, 2).to(device)
targets = torch.from_numpy(labels).long().to(device)
for _ in range(epochs):
    model.train()
    for picked in torch.randperm(len(X), device=device).split(32):
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_fn(model(images[picked]), targets[picked])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
        optimizer.step()
        schedule.step()  # after every step, not after every epoch
        average.update_parameters(model)

average.eval()
with torch.inference_mode():
    scores = average(torch.from_numpy(X_val).permute(0, 3, 1, 2).to(device))
print(f"validation accuracy {np.mean(scores.argmax(1).cpu().numpy() == val_labels):.1%}")

# %% [markdown]
# The [running statistics](glossary.md#running-statistics) of batch normalization are buffers, not parameters.
# `use_buffers=True` averages them, too; without it (and in Keras), those of the last step are used. Neither is
# measured with the averaged weights. `torch.optim.swa_utils.update_bn` does that, in one pass over the data. And save
# `average.module`, not `model`.

# %% [markdown]
# ## The recipe in Keras
#
# In Keras, the average is an option of the optimizer. During training, `fit` reports the *last* weights. It replaces
# them with the average after the last epoch, so the final accuracy can differ from the log.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras.utils.set_random_seed(0)
keras_model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        *(layers.Conv2D(8, 3, padding="same"), layers.ReLU()),
        *(layers.Conv2D(16, 3, padding="same"), layers.ReLU()),
        *(layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(10)),
    ]
)
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=steps - 38, warmup_target=0.01, warmup_steps=38
)
optimizer = keras.optimizers.AdamW(schedule, global_clipnorm=5.0, use_ema=True, ema_momentum=0.98)
loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
keras_model.compile(optimizer, loss, metrics=["accuracy"])
keras_model.fit(X, one_hot, batch_size=32, epochs=epochs, verbose=0)
val_one_hot = keras.utils.to_categorical(val_labels, 10)
print(f"validation accuracy {keras_model.evaluate(X_val, val_one_hot, verbose=0)[1]:.1%}")

# %% [markdown]
# ## A staircase of your own
#
# Now climb yourself, with the same network on every step. Each dot is one of five runs at the rate 0.03. Run the cell,
# then change the rate, the order or the ingredients. Can you find a higher step?

# %%
recipes = {
    "constant rate": {},
    "+ warm-up and cosine": {"schedule": warm_up_cosine},
    "+ label smoothing": {"schedule": warm_up_cosine, "change": smooth},
    "mixup instead": {"schedule": warm_up_cosine, "change": mixup},
    "only label smoothing": {"change": smooth},
}
ends = {
    name: np.array([train(s, 0.03, **recipe)[-1] for s in range(5)])
    for name, recipe in recipes.items()
}
draw.your_staircase(ends)

# %% [markdown]
# The network is the same in all rows, and so are its 1,200 images. Still, the median climbs from
# [95%]{= f"{np.median(ends['constant rate'][:, 0]):.0%}" } to
# [99%]{= f"{np.median(ends['+ label smoothing'][:, 0]):.0%}" }. But which line did it? The last row leaves out the
# schedule and reaches [99%]{= f"{np.median(ends['only label smoothing'][:, 0]):.0%}" }, too. (The validation set has
# only 300 images, so a third of a point is one image.) The next time a new architecture beats an old one, ask first
# whether both were trained with the same recipe.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: repair the three scripts
#
# `print(broken(1))` shows the script of case 1. Find the line and write its new text into `repairs`, as
# `(number, "text")`, without the indentation. Look at `examine(1, repairs=dict([repairs[1]]))` before you run the
# check, which runs the repaired scripts.

# %%
repairs = {1: None, 2: None, 3: None}
### BEGIN SOLUTION
repairs = {
    1: (5, "parameters = network.parameters"),
    2: (4, "network = Network(layers(), (8, 8, 1), seed=0)"),
    3: (19, "return evaluate(network, prepare(val_images), val_labels)"),
}
### END SOLUTION

# %%
check("repairs", repairs)

# %% [markdown]
# ### Exercise 2: an average without the initial weights
#
# Start the average at 0 instead of the initial weights. Then it is too small in the first steps, since the weights
# $(1 - \beta)\, \beta^k$ of $t$ steps add up to $1 - \beta^t$ only. Adam meets the same problem and divides by this sum
# ([Training](14_training.ipynb)). Write `moving_average(values, decay)`, which returns the corrected average after the
# last of the `values`, a list of numbers or of arrays of equal shape.


# %%
def moving_average(values, decay):
    average = None
    ### BEGIN SOLUTION
    average = 0
    for value in values:
        average = average + (1 - decay) * (value - average)
    average = average / (1 - decay ** len(values))
    ### END SOLUTION
    return average


# %%
check("moving_average", moving_average)

# %% [markdown]
# ### Exercise 3: CutMix
#
# Write `cutmix(images, targets, other, row, column, size)`. It replaces a square of each image by the same square of
# image `other[i]`, and mixes the targets by area. The square has its upper left corner at `(row, column)` and `size`
# rows and columns, but ends at the border of the image. `images` has shape (m, n_H, n_W, n_C), `targets` has shape (m,
# 10), and `other` is an array of m indices. Return the new images and targets, and leave the arguments unchanged.


# %%
def cutmix(images, targets, other, row, column, size):
    mixed, mixed_targets = None, None
    ### BEGIN SOLUTION
    inside = np.zeros(images.shape[1:3] + (1,), bool)
    inside[row : row + size, column : column + size] = True
    mixed = np.where(inside, images[other], images)
    share = inside.mean()
    mixed_targets = (1 - share) * targets + share * targets[other]
    ### END SOLUTION
    return mixed, mixed_targets


# %%
check("cutmix", cutmix)

# %% [markdown]
# ## Recap
#
# Before you add anything, overfit one batch, because a wrong line in a training script raises no error. The noise of
# mini-batches leaves the last weights at a random point of a cloud, which a
# [schedule](glossary.md#learning-rate-schedule) shrinks and an [average of the weights](glossary.md#weight-averaging)
# evens out. Today's recipes add a [warm-up](glossary.md#warm-up), mixed images and labels such as
# [mixup](glossary.md#mixup), and much longer training, and they lifted ResNet-50 by almost five points without changing
# a layer.

# %% [markdown]
# ## What to read next
#
# - Next is [Fashion-MNIST](21_fashion_mnist.ipynb), where you climb from a linear classifier to a residual network.
# - Wightman, Touvron and Jégou, *ResNet strikes back: An improved training procedure in timm* (2021):
#   [arXiv:2110.00476](https://arxiv.org/abs/2110.00476).
# - Vryniotis, [How to train state-of-the-art models using TorchVision's latest
#   primitives](https://pytorch.org/blog/how-to-train-state-of-the-art-models-using-torchvision-latest-primitives/)
#   (2021, updated in 2022), with every line of the staircase.
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/) (2019), the first
#   three questions at length.
