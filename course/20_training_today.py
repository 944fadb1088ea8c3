# %% [markdown]
# # How networks are trained today
#
# Here are five training scripts. They train the network of [Training](14_training.ipynb) on the same 1,200 digits,
# and each of them runs to its end without an error message. One line is wrong in each. Run the next two cells, and
# look at what their authors see, a loss per epoch.

# %% include="lesson_setup"

# %%
from lesson_tools.broken_scripts import broken
from lesson_tools.drawings import training_today as draw
from lesson_tools.questions.training_today import check, predict


def train(script, epochs):
    log = []
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(script.images))
        losses = [script.step(order[k : k + 32]) for k in range(0, len(order), 32)]
        log.append((np.mean(losses), *script.validate()))
    return log


draw.five_logs({case: train(broken(case), epochs=6) for case in range(1, 6)})

# %% [markdown]
# Andrej Karpathy once wrote that "neural net training fails silently". A program with a wrong index crashes. A network
# with a wrong line learns a little less, or nothing, and leaves you with a curve. The usual reaction is to turn knobs,
# and it can take days. You need about ten minutes per case and no luck, if you ask four questions in the right order.
#
# Once the loss falls, the second half of the lesson begins. What do people add to the ten lines of
# [Training](14_training.ipynb) today, and how much does each addition bring? We added them one at a time, tuned
# every time, and will show you which ones mattered *here*, and which did not.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. find out why a loss does not fall, with a chart instead of luck;
# 2. use schedules with warm-up, weight decay, label smoothing, clipping and augmentation, and say what each is for;
# 3. write today's training loop in PyTorch and in Keras, for any device and in mixed precision.
#
# **Time:** about 85 minutes, and 35 for the exercises. (Take a break after the five cases.) **You need:** [Training](14_training.ipynb),
# [Overfitting](15_overfitting.ipynb) and [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** An untrained network gives all ten classes about the same score. Near which loss does it begin, and
# which accuracy does guessing have? Answer with `(loss, accuracy)`. (If this was new, go back to
# [Losses](12_losses.ipynb).)

# %%
predict("begin", None)

# %% [markdown]
# **Predict.** How many trainable parameters does batch normalization add after a convolution with 16 filters? (If
# this was new, go back to [Batch normalization](17_batch_normalization.ipynb).)

# %%
predict("norm", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The loss is $\log 10 \approx$ [2.30]{= f"{np.log(10):.2f}" }, and the accuracy 0.1. These two numbers are the first
# thing to know about a task, because they tell you what "nothing learned" looks like.
#
# 32, a $\gamma$ and a $\beta$ for each channel. (The running averages are not trained.) These 32 will get a treatment
# of their own below.
#
# </details>

# %% [markdown]
# ## The chart
#
# Each question looks at something smaller than "the training", so that few causes remain. The second one is the most
# useful. **Overfit one batch first:** train on a single mini-batch, again and again. A network that cannot memorize 32
# images will not learn from 1,200, and you find out in a second instead of overnight.

# %%
draw.chart()

# %% [markdown]
# Two functions are enough for all four questions. `examine` starts the script afresh for each of them. On the left
# it shows one mini-batch (questions 1 and 2), on the right all images (questions 3 and 4).


# %%
def overfit_one_batch(script, steps=300):
    picked = np.arange(32)
    return [script.step(picked) for _ in range(steps)]


def examine(case, repairs=None):
    one_batch = overfit_one_batch(broken(case, repairs))
    log = train(broken(case, repairs), epochs=6)
    return draw.examination(one_batch, log)


# %% [markdown]
# ## Case 0, together
#
# We solve one case together. Its log looks like that of case 1 or 2, with a loss that stays near 2.3.

# %%
examine(0)

# %% [markdown]
# **Question 1.** The first loss is 2.33, near $\log 10$. Yes. **Question 2.** The loss of one batch does not go to 0. It
# jumps, comes down to about 2.15 and stays there. So the cause is C, and the learning rate is too large. Only now do
# we open the script.

# %%
print(broken(0))

# %% [markdown]
# Line 6 has SGD with the rate 3. As you saw in [Training](14_training.ipynb), such steps kill the ReLUs, and what
# remains are the ten biases of the last layer. They learn how often each digit occurs among the 32, and no
# more. The repair replaces line 6. How do you know that the diagnosis was right? Ask the chart again:

# %%
examine(0, repairs={6: "optimizer = SGD(0.3)"})

# %% [markdown]
# All four answers are yes now. (The validation loss creeps up while the training loss falls. You know this from
# [Overfitting](15_overfitting.ipynb).) Now it is your turn. Look at the figure, not at the script, and name the cause
# with a letter of the chart.

# %% [markdown]
# ## Case 1

# %%
examine(1)

# %%
predict("case_1", None)

# %% [markdown]
# ## Case 2

# %%
examine(2)

# %%
predict("case_2", None)

# %% [markdown]
# ## Case 3

# %%
examine(3)

# %%
predict("case_3", None)

# %% [markdown]
# ## Case 4

# %%
examine(4)

# %%
predict("case_4", None)

# %% [markdown]
# ## Case 5

# %%
examine(5)

# %%
predict("case_5", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# - **Case 1: B.** The loss of the batch is the same in all 300 steps, to the last digit. Even a bad step would
#   change something, so no step reaches the network.
# - **Case 2: E.** The network memorizes 32 images in 100 steps, so forward pass, loss, backward pass and optimizer work.
#   With 1,200 images there is nothing to learn but a list of accidents.
# - **Case 3: D.** The loss falls and then stops far above 0, although 87% of the validation images are right. Such an
#   accuracy does not go with a loss of 1.6.
# - **Case 4: F.** Training is perfect. The validation accuracy is 0%, and that is the clue, because a network that knows
#   nothing gets 10%. This one knows the digits and is asked about something else.
# - **Case 5: A.** The first loss is 68 instead of 2.3.
#
# </details>

# %% [markdown]
# ## Proving a diagnosis
#
# A diagnosis names the kind of fault. Before you change anything, test what it predicts. Here are tests for
# cases 1 and 2.

# %%
script = broken(1)
before = script.network.parameters.copy()
script.step(np.arange(32))
print("case 1, parameters changed by a step:", np.any(before != script.network.parameters))
script = broken(2)
draw.first_ten(script.images, script.labels)

# %% [markdown]
# In case 1, a step changes no parameter of the network. In case 2, the labels above the images are not the digits that you see.
# **Look at your data, right before it enters the network.** It costs a minute, and it settles E, F and A, since wrong
# labels, black instead of white and pixels up to 255 are all visible.
#
# Case 3 can be settled on paper. A typical fault is to end a network with softmax *and* to use a loss that applies
# softmax itself (`CrossEntropyLoss` in PyTorch, `from_logits=True` in Keras). Then the "scores" are
# probabilities.
#
# **Predict.** In the best case, the correct class has the probability 1 and the nine others have 0. If these ten numbers
# are used as scores, how large is the loss? (Two decimals.)

# %%
predict("floor", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Softmax turns them into $e^1 / (e^1 + 9 e^0)$ for the correct class, so the loss cannot fall below
# $\log(e + 9) - 1 \approx$ [1.46]{= f"{np.log(np.e + 9) - 1:.2f}" }. Each image that the network gets wrong
# with certainty costs 1 more. The curve of case 3 ends at 1.58, which is this floor and four of the 32 images.
#
# </details>
#
# The scripts are in `broken(1)` to `broken(5)`. You will repair them in Exercise 1, or right now if you like.
# From here on, the loss falls.

# %% [markdown]
# ## Before the first step
#
# The [initial weights](11_activations.ipynb) decide on question 1, since random weights of the wrong size make signals
# grow or vanish from layer to layer. With ReLU the variance should be 2 divided by the number of inputs of a unit (He
# and others, 2015). Keras calls this `he_normal`, and PyTorch has `nn.init.kaiming_normal_`. The defaults are smaller: if
# a layer has as many outputs as inputs, Keras takes half of this variance, and PyTorch always takes a sixth. In a network
# with normalization layers it hardly matters. So we leave it at that, and turn to what happens *during* training.

# %% [markdown]
# ## A schedule for the learning rate
#
# [Training](14_training.ipynb) ended with a network that trembled. A large rate gets you near a good place quickly, and a
# small one lets you settle there. A [**learning rate schedule**](glossary.md#learning-rate-schedule) does one after the
# other. The usual one falls along half a cosine, from the full rate to 0. With $t$ for the step and $T$ for their number,
#
# $$\eta_t = \frac{\eta}{2} \left(1 + \cos \frac{\pi t}{T}\right).$$
#
# Most people also begin with a [**warm-up**](glossary.md#warm-up), in which the rate grows in a straight line to its full
# value. The cosine starts after it.


# %%
def warm_up_cosine(step, steps, warm_up):
    """Return the factor of the learning rate in a step."""
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))) / 2


# %% [markdown]
# **Predict.** A training has 110 steps, and the first 10 are the warm-up. What does the function return for step 4, and
# what for step 60? Answer with a pair. (Steps are counted from 0.)

# %%
predict("factors", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(0.5, 0.5)`. Step 4 is the fifth of ten, and step 60 is the middle of the cosine, since
# $\cos(\pi \cdot 50/100) = 0$.
#
# </details>

# %%
draw.schedules(
    {
        "constant": lambda step: 1,
        "cosine": lambda step: warm_up_cosine(step, 456, 0),
        "warm-up and cosine": lambda step: warm_up_cosine(step, 456, 38),
    },
    steps=456,
)

# %% [markdown]
# A schedule sets the optimizer's rate before each step. Here is the loop of [Training](14_training.ipynb) with one
# additional line, and its network, three times with a constant rate of 0.01 and three times with a cosine.

# %%
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, Adam, evaluate

data = digits()
X, labels = data.train_images[:1200], data.train_labels[:1200]
X_val, val_labels = data.train_images[1200:], data.train_labels[1200:]


def train_with_schedule(network, rate, schedule, epochs=12, seed=0):
    optimizer, accuracies, step = Adam(rate), [], 0
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))
        for start in range(0, len(X), 32):
            optimizer.settings["learning_rate"] = rate * schedule(step)  # the new line
            picked = order[start : start + 32]
            scores = network.forward(X[picked], training=True)
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
            step += 1
        accuracies.append(evaluate(network, X_val, val_labels)[1])
    return accuracies


runs = {
    name: [train_with_schedule(digits_network(s), 0.01, factor, seed=s) for s in range(3)]
    for name, factor in (
        ("constant", lambda step: 1),
        ("cosine", lambda step: warm_up_cosine(step, 456, 0)),
    )
}
draw.two_schedules(runs)

# %% [markdown]
# The curves on the right come to rest. Are they also *higher*? Three seeds and 300 images cannot tell, so
# `benchmarks/training_today.py` has ten runs. Each run tests on another tenth of the 1,797 digits, validates on a second
# tenth, and trains on the other eight. The rate (0.003, 0.01, 0.03 or 0.1) with the best mean on the ten validation tenths
# is used for all ten runs. All numbers below come from it. (Every tenth validates one run and tests another, so this
# choice has seen all digits. If instead each run chooses with its own tenth, most means move by 0.2 points at most. One
# result does change, and you will meet it below.)
#
# With the rate 0.01, the accuracy jumps from one epoch to the next by
# [1.0]{= f"{100 * draw.jump('constant', 0.01):.1f}" } points (in the last five epochs, on average) if the rate is constant,
# and by [0.1]{= f"{100 * draw.jump('cosine', 0.01):.1f}" } with the cosine. The final test accuracies are
# [96.4%]{= f"{draw.test_accuracy('constant').mean():.1%}" } and
# [96.2%]{= f"{draw.test_accuracy('cosine').mean():.1%}" }. **The cosine took the luck out of the last epoch, and nothing
# else.** That is worth having, since the network that you keep no longer depends on where you happen to stop. But it is not
# accuracy. It also has a price, because you must decide at the start how long to train.
#
# (On large data sets a schedule usually does raise the final accuracy. Our runs cannot show that.)

# %% [markdown]
# ## What the warm-up is for
#
# From the first step on, Adam moves every parameter by about the full rate, although its averages rest on a few
# mini-batches. If such a step kills ReLUs, they do not come back when the rate falls later. So a warm-up should
# make *larger rates* usable. That can be tested, with the three schedules at four rates.

# %%
draw.at_many_rates()

# %% [markdown]
# This is one of the clearest results of the course. At the rate 0.03, one run in ten dies without warm-up. At 0.1, the runs
# without warm-up reach
# [33%]{= f"{draw.accuracy_at('constant', 0.1):.0%}" } and [35%]{= f"{draw.accuracy_at('cosine', 0.1):.0%}" } on average,
# because seven of ten end near 10%. With one epoch of warm-up, all ten learn, and reach
# [96%]{= f"{draw.accuracy_at('warm-up', 0.1):.0%}" }. **The warm-up made a rate usable that is
# ten times as large as the best constant one.**
#
# And is it the dead ReLUs? We count the filters of the second convolution whose feature maps are 0 for *all* validation
# images, after two epochs at the rate 0.1.

# %%
for name, warm_up in (("no warm-up", 0), ("warm-up", 38)):
    dead = []
    for seed in range(5):
        network = digits_network(seed)
        train_with_schedule(network, 0.1, lambda k, w=warm_up: warm_up_cosine(k, 456, w), 2, seed)
        maps = network.feature_maps(X_val)[3]  # after the second ReLU
        dead.append(int(np.sum(maps.max(axis=(0, 1, 2)) == 0)))
    print(f"{name:10} dead filters of 16, five seeds: {dead}")

# %% [markdown]
# It fits. Without warm-up, almost the whole layer is dead. With it, only one to three filters of 16 are.
#
# What about the accuracy? With its best rate, the warm-up reaches [96.8%]{= f"{draw.test_accuracy('warm-up').mean():.1%}" },
# less than half a point more than a well-tuned constant rate. If you tune carefully, you gain little. If you do not, a
# warm-up saves you. It is also why it was needed for training with very large mini-batches, which need large rates
# (Goyal and others, 2017).

# %% [markdown]
# ## Weight decay, but not for everything
#
# [Weight decay](glossary.md#weight-decay) with AdamW (see [Overfitting](15_overfitting.ipynb)) multiplies each parameter
# by $1 - \eta \lambda$ in every step, in addition to Adam's step. The usual recipe lets only the *weights* decay, that
# is, kernels and matrices. Biases and the $\gamma$ and $\beta$ of normalization layers are spared. They are few, so they
# can hardly overfit, and there is no reason why a $\gamma$ should be close to 0 rather than to 1.
#
# **Predict.** A $\gamma$ of 1 gets no gradient, with $\eta = 0.01$ and $\lambda = 0.1$. What is left of it after 1,000
# steps? (One decimal.)

# %%
predict("decayed", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(1 - 0.001)^{1000} \approx e^{-1} \approx$ [0.37]{= f"{0.999**1000:.2f}" }, so 0.4.
#
# </details>
#
# In PyTorch, you pass a list of **parameter groups** instead of a list of parameters. Each group has its own settings.
# The rule of thumb is that everything with at least two axes is a weight. In Keras you name what to exclude.

# %% needs="torch"
import torch
from torch import nn


def parameter_groups(model, decay):
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim < 2]  # biases, gamma and beta
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


block = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
optimizer = torch.optim.AdamW(parameter_groups(block, decay=0.1), lr=0.01)
for group in optimizer.param_groups:
    print("decay", group["weight_decay"], "for shapes", [tuple(p.shape) for p in group["params"]])

# %% needs="keras tensorflow"
import keras

optimizer = keras.optimizers.AdamW(learning_rate=0.01, weight_decay=0.1)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])

# %% [markdown]
# Does it matter here? The study trains the network with batch normalization without decay, with decay on everything, and
# on weights only (two rates, two values of $\lambda$). A run has the same images and the same first weights in all three,
# so look at differences, as in [Overfitting](15_overfitting.ipynb). At equal settings, sparing biases and norms changes
# the test accuracy by
# [0.1 ± 0.1]{= draw.points(draw.differences('norm, decay on weights', 'norm, decay on all').mean(axis=0)) } points. **Sparing them
# made no difference that we could see.** It costs two lines and follows an argument. Just do not expect a gain from it on
# small data.
#
# And does decay help at all? On weights, it gains
# [0.1 ± 0.5]{= draw.points(draw.test_accuracy('norm, decay on weights') - draw.test_accuracy('norm')) } points if all runs
# share a setting, and
# [0.8 ± 0.3]{= draw.points(draw.chosen_by_run('norm, decay on weights') - draw.chosen_by_run('norm')) } if each run
# chooses its own. A result that depends on such a detail is not yet a result.

# %% [markdown]
# ## Label smoothing
#
# Cross-entropy is never satisfied. At a probability of 0.99 it still asks for more, and the scores grow without end.
# [**Label smoothing**](glossary.md#label-smoothing) changes the target. Instead of 1 for the correct class and 0 for
# the others, it takes $\epsilon$ away and shares it out among all ten classes. With $\epsilon = 0.1$ the targets are
# 0.91 and nine times 0.01.
#
# **Predict.** The loss is now $-\sum_c q_c \log p_c$ with the targets $q$. It is smallest if $p = q$. How large is it
# then? (One decimal. The chart's cause D might come to mind.)

# %%
predict("smooth", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $-0.91 \log 0.91 - 9 \cdot 0.01 \log 0.01 \approx$
# [0.50]{= f"{-0.91 * np.log(0.91) - 0.09 * np.log(0.01):.2f}" }. A training loss with label smoothing stops at about 0.5,
# and nothing is broken. It is another loss, so compare it with nothing but itself, or log the plain cross-entropy
# beside it.
#
# </details>
#
# In PyTorch it is `nn.CrossEntropyLoss(label_smoothing=0.1)`. In Keras, `CategoricalCrossentropy` has the argument
# `label_smoothing`, and takes targets in [one-hot](glossary.md#one-hot-encoding) form.
#
# We expected next to nothing from it. But the mean test accuracy rose from
# [96.8%]{= f"{draw.test_accuracy('warm-up').mean():.1%}" } to
# [97.9%]{= f"{draw.test_accuracy('smoothing').mean():.1%}" }. Luck? We looked at every rate, not only at the best one. Of 40
# pairs that differ in the loss alone, smoothing is ahead in
# [29]{= int(np.sum(draw.differences('smoothing') > 0)) } and behind in
# [2]{= int(np.sum(draw.differences('smoothing') < 0)) }, and on average it gains
# [1.2]{= f"{100 * draw.differences('smoothing').mean():.1f}" } points. (The pairs are not independent, since the four
# rates share ten test parts.) So in this network it helps. We do not know why, and nobody should conclude that it always
# gives a point.
#
# What it does by design is to make the network modest. At the rate 0.01, the predicted class gets the mean probability
# [0.83]{= f"{draw.confidence('smoothing', 0.01):.2f}" } instead of
# [0.98]{= f"{draw.confidence('warm-up', 0.01):.2f}" }. Since 98% are right, that is too modest.

# %% [markdown]
# ## Gradient clipping
#
# One bad mini-batch can end a training. Suppose that 32 images of step 100 were not scaled, so that their pixels go up to
# 255. [**Gradient clipping**](glossary.md#gradient-clipping) makes the gradient shorter if its norm exceeds a limit, and
# keeps its direction.
#
# **Predict.** The gradient is $(3, 4)$ and the limit is 1. What is left of it? Answer with a pair.

# %%
predict("clipped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(0.6, 0.8)$. The norm is $\sqrt{9 + 16} = 5$, so the gradient is divided by 5. The norm is taken over *all*
# parameters of the network together, otherwise the direction would change.
#
# </details>


# %%
def with_outlier(optimizer, limit, seed):
    network, losses = digits_network(seed), []
    for epoch in range(4):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))
        for start in range(0, len(X), 32):
            picked = order[start : start + 32]
            batch = X[picked] * np.float32(255 if len(losses) == 100 else 1)  # the bad one
            scores = network.forward(batch, training=True)
            losses.append(cross_entropy(scores, labels[picked]))
            network.backward(cross_entropy_backward(scores, labels[picked]))
            norm = np.linalg.norm(network.gradients)
            network.gradients *= min(1, limit / max(norm, 1e-12))  # the new line
            optimizer.step(network.parameters, network.gradients)
    return losses, evaluate(network, X_val, val_labels)[1]


results = {}
for name, make, limit in (
    ("SGD", lambda: SGD(0.3), np.inf),
    ("SGD, clipped at 5", lambda: SGD(0.3), 5),
    ("Adam", lambda: Adam(0.01), np.inf),
    ("Adam, clipped at 5", lambda: Adam(0.01), 5),
):
    results[name] = [with_outlier(make(), limit, seed) for seed in range(5)]
    print(f"{name:18} accuracies:", [round(accuracy, 2) for _, accuracy in results[name]])
draw.outlier({name: results[name][2][0] for name in ("SGD", "SGD, clipped at 5")}, at=100)

# %% [markdown]
# Four of five trainings with SGD end at that step, and none does if the gradient is clipped at 5, which is several times
# its usual norm of about 1. Adam survives without clipping, because its steps are at most a few times the rate, however
# long a gradient is. (Its average of squares then remembers the bad batch, and the next steps are shorter.) So clipping
# is an insurance. Choose a limit that ordinary steps do not reach, and log how often it acts.
#
# In PyTorch it is `nn.utils.clip_grad_norm_(model.parameters(), 5.0)`, between `backward` and `step`, and in Keras
# `global_clipnorm=5.0` of the optimizer. (Keras also has `clipnorm`, which clips each array by its own norm.)

# %% [markdown]
# ## Augmentation
#
# You know [data augmentation](glossary.md#data-augmentation) from [Overfitting](15_overfitting.ipynb). Nobody writes it
# by hand today. In PyTorch the module `torchvision.transforms.v2` has dozens of transforms, and in Keras
# augmentations are layers, which are active only in training.
#
# **Predict.** Which of these may you *not* use for digits? (a) shifts by a pixel, (b) horizontal flips, (c) rotations by
# up to 10 degrees. Answer with a letter.

# %%
predict("flips", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. A flipped 2 is no digit, and a flipped 5 looks rather like a 2. The label must stay correct. For photographs of
# cats, flips are the first augmentation to try.
#
# </details>

# %% needs="torch torchvision"
from torchvision.transforms import v2

augment = v2.RandomAffine(degrees=10, translate=(0.125, 0.125))  # up to 1 of 8 pixels
images = torch.from_numpy(X[:4]).permute(0, 3, 1, 2)
print(torch.stack([augment(image) for image in images]).shape)  # each image its own shift

# %% needs="keras tensorflow"
from keras import layers

augment = keras.Sequential(
    [layers.RandomTranslation(0.125, 0.125, fill_mode="constant"), layers.RandomRotation(10 / 360)]
)
print(augment(X[:4], training=True).shape, np.array_equal(augment(X[:4], training=False), X[:4]))

# %% [markdown]
# Called with a whole batch, a `v2` transform moves all images in the same way, so apply it to one image at a time, as a
# `Dataset` does. A photograph for ImageNet usually gets `v2.RandomResizedCrop(224)` and `v2.RandomHorizontalFlip()`.
#
# Recipes for large networks go further. **RandAugment** applies a few changes drawn from a long list, and **mixup** and
# **CutMix** blend two images *and* their labels. In torchvision they are `v2.RandAugment`, `v2.MixUp` and `v2.CutMix`, and
# Keras has layers of the same names. Many recipes also evaluate an exponential moving average (EMA) of the weights
# instead of the last ones. We have tried none of these on our digits.

# %% [markdown]
# ## Which ingredients mattered?
#
# Here is every recipe of our study, each with its best rate. Each point is one run of ten.

# %%
draw.ingredients()

# %% [markdown]
# Above all, look at how wide the rows are. The ten runs of one recipe differ by several points, since each tests on
# another part of the file, with other writers, and starts from other weights. The means from top to bottom differ by
# about two points. But most of the luck of a run is the same in every row, so it cancels in differences. Compared
# with warm-up and cosine alone, label smoothing gains
# [1.1 ± 0.4]{= draw.points(draw.test_accuracy('smoothing') - draw.test_accuracy('warm-up')) } points, batch normalization
# [0.8 ± 0.4]{= draw.points(draw.test_accuracy('norm') - draw.test_accuracy('warm-up')) }, random shifts
# [0.7 ± 0.6]{= draw.points(draw.test_accuracy('shifts') - draw.test_accuracy('warm-up')) } and clipping
# [0.3 ± 0.4]{= draw.points(draw.test_accuracy('clipping') - draw.test_accuracy('warm-up')) }. (Batch normalization had two
# rates to choose from, the others four. And clipping had the limit 1.0, which ordinary steps do reach.)
#
# What withstood our attempts to break it is this. Warm-up makes large rates usable. Label smoothing and batch
# normalization each gained about a point. Shifts and clipping did not gain more than chance can. The cosine and the
# parameter groups changed nothing that we could measure.
#
# So the recipe is no magic. It is a set of habits, most of which protect you from an accident. They let you use a rate that
# is not perfectly tuned, survive a bad batch, and trust the last epoch. How much accuracy they add depends on the data,
# and you only know after you have tried. The next lesson, [Fashion-MNIST](21_fashion_mnist.ipynb), adds ideas one at a
# time again, most of them others, and with more data.

# %% [markdown]
# ## Mixed precision
#
# Recent GPUs multiply 16-bit numbers several times as fast as 32-bit numbers, and such numbers take half the memory. In
# [**mixed precision**](glossary.md#mixed-precision), convolutions and matrix products use 16 bits, while the parameters
# and the sums stay at 32. There are two kinds of 16-bit numbers. **float16** has 11 significant bits and ends at 65,504,
# and numbers below about $3 \cdot 10^{-8}$ become 0, gradients included. **bfloat16** has the range of float32 and only 8
# significant bits. It is the usual choice today, because what fits into float32 fits into it. NumPy lacks it, but it is
# simply a float32 without its last 16 bits:


# %%
def bfloat16(x):
    bits = np.float32(x).view(np.uint32) + np.uint32(0x8000)  # round
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


for value in (1.0, 1.004, 1 / 3, 1e-8, 70000.0):
    with np.errstate(over="ignore"):
        print(f"{value:<10.5g} float16 {np.float16(value):<10.5g} bfloat16 {bfloat16(value):.5g}")

# %% [markdown]
# **Predict.** With 8 significant bits, the next number after 1 is $1 + 2^{-7} \approx 1.008$. A weight of 1 is stored in
# bfloat16, and a training makes 1,000 steps that each add 0.001. What is the weight at the end?

# %%
predict("stuck", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 1. Each step is less than half the distance to the next number, so it is rounded away, a thousand times. This is why
# the *parameters* stay in float32, and why it is called "mixed".
#
# </details>

# %%
weight = np.float32(1)
for _ in range(1000):
    weight = bfloat16(weight + np.float32(0.001))
print("bfloat16:", weight, "  float32:", np.float32(1) + 1000 * np.float32(0.001))

# %% [markdown]
# ## All of it in PyTorch
#
# Now put it together. The device may be an NVIDIA GPU (`cuda`), a Mac's (`mps`) or the `cpu`, and the code does not
# care. `torch.autocast` chooses the precision of each operation, and only the forward pass is inside it.

# %% needs="torch"
from torch.utils.data import DataLoader, TensorDataset

device = torch.device("cpu")
if torch.accelerator.is_available():  # cuda, mps, xpu, ...
    device = torch.accelerator.current_accelerator()


class DigitsNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(self.block(1, 8), self.block(8, 16), nn.MaxPool2d(2))
        self.classifier = nn.Linear(16 * 4 * 4, 10)

    @staticmethod
    def block(inputs, outputs):
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)  # beta is the bias
        return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())

    def forward(self, x):
        return self.classifier(self.features(x).flatten(start_dim=1))


torch.manual_seed(0)
images, targets = torch.from_numpy(X).permute(0, 3, 1, 2), torch.from_numpy(labels).long()
loader = DataLoader(TensorDataset(images, targets), batch_size=32, shuffle=True)
val_images = torch.from_numpy(X_val).permute(0, 3, 1, 2).to(device)

epochs, rate = 6, 0.01
steps, warm_up = epochs * len(loader), len(loader)
model = DigitsNetwork().to(device)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.AdamW(parameter_groups(model, decay=0.1), lr=rate)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda step: warm_up_cosine(step, steps, warm_up)
)

for epoch in range(1, epochs + 1):
    model.train()
    total = 0.0
    for batch, batch_targets in loader:
        batch, batch_targets = batch.to(device), batch_targets.to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_fn(model(batch), batch_targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
        optimizer.step()
        schedule.step()  # after every step, not after every epoch
        total += loss.item() * len(batch)
    model.eval()
    with torch.no_grad():
        right = model(val_images).argmax(dim=1).cpu().numpy() == val_labels
    print(f"epoch {epoch}: loss {total / len(X):.3f}, val_accuracy {right.mean():.3f}")

# %% [markdown]
# Compare it with the loop in [Training](14_training.ipynb). The five parts are the same, and the recipe is in six new
# lines. The loss ends a little above 0.5, and you know why.
#
# - `LambdaLR` multiplies the rate by our function. The library has its own, too, such as `CosineAnnealingLR`, `LinearLR`
#   for the warm-up, and `SequentialLR` to join them.
# - With float16 instead of bfloat16, small gradients would become 0. Then `torch.amp.GradScaler` multiplies the loss by
#   a large number before the backward pass and divides the gradients by it afterwards. (Before you clip, call its method
#   `unscale_`.)
# - On hardware without bfloat16 units, mixed precision is slower. This holds for many CPUs and for NVIDIA GPUs from
#   before 2020, the T4 of Colab's free tier among them. On a T4, use float16 and the scaler. The code here is right
#   everywhere, and the gain comes with a newer GPU.
#
# And did you overfit one batch first? Here is the test for any PyTorch model. Use plain cross-entropy, or it stops at 0.5.


# %% needs="torch"
def overfit_one_batch_torch(model, images, targets, steps=100):
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


first = images[:32].to(device), targets[:32].to(device)
print(f"{overfit_one_batch_torch(DigitsNetwork().to(device), *first):.4f}")

# %% [markdown]
# ## All of it in Keras
#
# This is the functional API that you know from [Architectures](18_architectures.ipynb) and
# [Residual networks](19_residual_networks.ipynb). `mixed_bfloat16` must be set before the layers are made, and the last
# layer keeps float32, so that the loss is exact.

# %% needs="keras tensorflow"
keras.config.set_dtype_policy("mixed_bfloat16")


def block(x, filters, momentum):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=momentum)(x))


def digits_model(momentum=0.99):  # of the running averages; 0.99 is Keras' default
    inputs = keras.Input((8, 8, 1))
    x = block(block(inputs, 8, momentum), 16, momentum)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    outputs = layers.Dense(10, dtype="float32")(x)
    return keras.Model(inputs, outputs)


def fit(model, epochs=6):
    steps = -(-len(X) // 32)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=(epochs - 1) * steps, warmup_target=0.01, warmup_steps=steps
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.1, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(optimizer, loss, metrics=["accuracy"])
    one_hot, val_one_hot = (keras.utils.to_categorical(y, 10) for y in (labels, val_labels))
    settings = {"batch_size": 32, "epochs": epochs, "verbose": 2}
    return model.fit(X, one_hot, validation_data=(X_val, val_one_hot), **settings)


keras.utils.set_random_seed(0)
history = fit(digits_model())

# %% [markdown]
# Read this log with the chart. The training loss falls to its floor, and the training accuracy is 100%. But after the
# second epoch, the validation loss is still 1.7 or so, and at the end it is far above the training loss. That is F. We
# did not sabotage anything, it happened to us while we wrote this lesson.
#
# Overfitting? After two epochs that would be quick, and PyTorch did not show it with the same network. So *prepared
# differently*. You met a suspect in [Batch normalization](17_batch_normalization.ipynb): training uses the averages of
# the mini-batch, and validation the running averages. With Keras' momentum of 0.99, these still consist of
# $0.99^{38} \approx$ [68%]{= f"{0.99**38:.0%}" } of their first values after an epoch of 38 steps. (PyTorch's default of
# 0.1 means 0.9 here.) A diagnosis must predict something, namely that 0.9 repairs it:

# %% needs="keras tensorflow"
keras.utils.set_random_seed(0)
keras_model = digits_model(momentum=0.9)
history = fit(keras_model)
keras.config.set_dtype_policy("float32")  # for the cells below

# %% [markdown]
# Augmentation would be one more layer after `keras.Input`. Keras finds the device by itself. Is the decay really kept
# from the right variables? Let the gradient be 0, with a rate of 0.1 and a decay of 1. Then only decay can change a
# variable, by 10%.

# %% needs="keras tensorflow"
optimizer = keras.optimizers.AdamW(learning_rate=0.1, weight_decay=1.0)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
before = [v.numpy() for v in keras_model.trainable_variables]
optimizer.apply([0 * v for v in before], keras_model.trainable_variables)
for old, variable in zip(before, keras_model.trainable_variables, strict=True):
    ratio = np.linalg.norm(variable.numpy()) / np.linalg.norm(old)
    print(f"{variable.path:28} {variable.dtype}, times {ratio:.2f}")

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: repair the five scripts
#
# `print(broken(1))` shows the script of case 1. Find the line and write its new text into `repairs`, as
# `(number, "text")`. The indentation is added for you. The check runs the repaired scripts. Before you run it, look at
# `examine(1, repairs=dict([repairs[1]]))`.

# %%
repairs = {1: None, 2: None, 3: None, 4: None, 5: None}
### BEGIN SOLUTION
repairs = {
    1: (5, "parameters = network.parameters"),
    2: (3, "images, labels = images[order], labels[order]"),
    3: (4, "network = Network(layers(), (8, 8, 1), seed=0)"),
    4: (19, "return evaluate(network, prepare(val_images), val_labels)"),
    5: (9, "return np.float32(raw / 255)"),
}
### END SOLUTION

# %%
check("repairs", repairs)

# %% [markdown]
# ### Exercise 2: a trapezoid
#
# A cosine must know the last step from the beginning. Language models are often trained with another schedule, which
# keeps the full rate for as long as you like: it rises in a straight line for `warm_up` steps as above, stays at 1,
# and falls in a straight line in the last `decay` steps. In the first of these the factor is still 1, and it
# would reach 0 right after the last step. Write `trapezoid(step, steps, warm_up, decay)`.


# %%
def trapezoid(step, steps, warm_up, decay):
    factor = None
    ### BEGIN SOLUTION
    factor = min((step + 1) / warm_up, 1, (steps - step) / decay)
    ### END SOLUTION
    return factor


# %%
check("trapezoid", trapezoid)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `clip_buggy` gets a list of arrays, the gradients of the layers, and should clip their common norm. Here it turns a
# long gradient of one layer and a short one of another into two of the same length. What is wrong?


# %%
def clip_buggy(gradients, limit):
    return [g * min(1, limit / np.linalg.norm(g)) for g in gradients]


print(clip_buggy([np.array([30.0, 40.0]), np.array([3.0])], limit=1))


def clip_fixed(gradients, limit):
    result = None
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    result = [g * min(1, limit / norm) for g in gradients]
    ### END SOLUTION
    return result


# %%
check("clip_fixed", clip_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... the rate is 0.001? Which letter does the chart give?
# 2. ... the optimizer of case 5 is `Adam(0.01)`, and the pixels still go up to 255?
# 3. ... *all* training labels are 3, with the rate 0.3 and line 3 as `images, labels = images[order], 3 + 0 * labels`?
# 4. ... only the validation images are not divided by 255, with the rate 0.3 and
#    `return evaluate(network, np.float32(val_images), val_labels)` in line 19? Look at the accuracy *and* at the loss.

# %%
examine(0, repairs={6: "optimizer = SGD(0.001)"})

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. C again, the slow and steady kind. The loss of the batch falls by less than a tenth in 300 steps.
# 2. It learns, after a first loss of 68. Adam does not care about the scale of gradients. Question 1 is the only one that
#    notices, and the network stays behind the one with scaled pixels.
# 3. The loss falls to 0 within a few steps, and everything looks splendid but the validation accuracy. Question 4 finds
#    it, and so does a look at the labels.
# 4. The accuracy hardly changes, since ReLU and max pooling keep the order of scores if everything is multiplied by 255 (the
#    biases apart). But the loss is huge, because the scores are. A log without the validation loss would have hidden it.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **find out why a loss does not fall.** First loss, one batch, all images, validation, in this order. Then look at
#    the data, and prove the diagnosis before you change anything;
# 2. **use today's recipe and say what each part is for.** A [schedule](glossary.md#learning-rate-schedule) calms the
#    end, a [warm-up](glossary.md#warm-up) makes large rates usable, AdamW decays weights and spares biases and norms,
#    [label smoothing](glossary.md#label-smoothing) stops the race for certainty, and
#    [clipping](glossary.md#gradient-clipping) insures against a bad batch;
# 3. **write the loop** in PyTorch and Keras for any device, in [mixed precision](glossary.md#mixed-precision).
#
# | ingredient | PyTorch | Keras |
# |---|---|---|
# | schedule | `lr_scheduler.LambdaLR`, `CosineAnnealingLR` | `schedules.CosineDecay` |
# | decay on weights only | parameter groups | `exclude_from_weight_decay` |
# | label smoothing | `CrossEntropyLoss(label_smoothing=0.1)` | `CategoricalCrossentropy(label_smoothing=0.1)` |
# | clipping | `clip_grad_norm_` | `global_clipnorm` |
# | augmentation | `torchvision.transforms.v2` | `layers.RandomTranslation`, ... |
# | mixed precision | `torch.autocast` | `mixed_bfloat16` |

# %% [markdown]
# ## What to read next
#
# - Next is [Fashion-MNIST](21_fashion_mnist.ipynb), where you climb from a linear classifier to a residual network.
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/) (2019): the chart's
#   spirit, at length, and the source of "overfit a single batch".
# - He, Zhang, Zhang, Zhang, Xie and Li, *Bag of tricks for image classification with convolutional neural networks* (CVPR
#   2019), which adds such ingredients to ResNet-50 one at a time: [arXiv:1812.01187](https://arxiv.org/abs/1812.01187).
# - Loshchilov and Hutter, *SGDR: Stochastic gradient descent with warm restarts* (ICLR 2017), the cosine:
#   [arXiv:1608.03983](https://arxiv.org/abs/1608.03983); and *Decoupled weight decay regularization* (ICLR 2019), AdamW:
#   [arXiv:1711.05101](https://arxiv.org/abs/1711.05101).
# - Goyal and others, *Accurate, large minibatch SGD: Training ImageNet in 1 hour* (2017), the warm-up:
#   [arXiv:1706.02677](https://arxiv.org/abs/1706.02677).
# - Smith, *Cyclical learning rates for training neural networks* (WACV 2017), on finding a rate in one run:
#   [arXiv:1506.01186](https://arxiv.org/abs/1506.01186).
# - Müller, Kornblith and Hinton, *When does label smoothing help?* (NeurIPS 2019):
#   [arXiv:1906.02629](https://arxiv.org/abs/1906.02629).
# - Micikevicius and others, *Mixed precision training* (ICLR 2018):
#   [arXiv:1710.03740](https://arxiv.org/abs/1710.03740).
# - PyTorch, [Automatic mixed precision](https://docs.pytorch.org/tutorials/recipes/recipes/amp_recipe.html) and
#   [Transforms v2](https://docs.pytorch.org/vision/stable/transforms.html); Keras,
#   [The functional API](https://keras.io/guides/functional_api/) and
#   [Mixed precision](https://keras.io/api/mixed_precision/).
