# %% [markdown]
# # How networks are trained today
#
# Here are five training scripts. Each of them trains the network of [Training](14_training.ipynb) on the same 1,200 digits
# and finishes without an error message, although one of its lines is wrong. Run the next two cells to see what their
# authors saw: the loss after each epoch.

# %% include="lesson_setup"

# %%
from lesson_tools.training_today import figures as draw
from lesson_tools.training_today.broken_scripts import broken
from lesson_tools.training_today.questions import check, predict


def train(script, epochs):
    log = []
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(script.images))
        losses = [script.step(order[k : k + 32]) for k in range(0, len(order), 32)]
        log.append((np.mean(losses), *script.validate()))
    return log


draw.five_logs({case: train(broken(case), epochs=6) for case in range(1, 6)})

# %% [markdown]
# "Neural net training fails silently", Andrej Karpathy once wrote. An index out of range stops a program, but a wrong line
# in a training script may only make the network learn less, or nothing. You can try other settings for days, and hope. Or
# you ask four questions in the right order, which takes minutes.
#
# Even a correct script can have an accident: a learning rate that is too large, a bad mini-batch, an unlucky last epoch.
# Most ingredients of today's recipe protect you against one such accident. In the second half of the lesson we add them
# one at a time, tune every time, and report which ones mattered *here*.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. find out why a loss does not fall, with a chart instead of luck;
# 2. use schedules with warm-up, weight decay, label smoothing, clipping and augmentation, and say what each is for;
# 3. write today's training loop in PyTorch and in Keras, for any device and in mixed precision.
#
# **Time:** about 85 minutes, and 35 for the exercises. (After the five cases is a good moment for a break.)
# **You need:** [Training](14_training.ipynb), [Overfitting](15_overfitting.ipynb) and
# [Batch normalization](17_batch_normalization.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** AdamW trains with the rate 0.01 and a decay of 0.1. A parameter of 1 gets no gradient. What is left of it
# after 1,000 steps? (One decimal. If this was new, go back to [Overfitting](15_overfitting.ipynb).)

# %%
predict("decayed", None)

# %% [markdown]
# **Predict.** How many trainable parameters does batch normalization add after a convolution with 16 filters? (If
# this was new, go back to [Batch normalization](17_batch_normalization.ipynb).)

# %%
predict("norm", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# Each step leaves $1 - 0.01 \cdot 0.1 = 0.999$ of it, and $0.999^{1000} \approx$ [0.37]{= f"{0.999**1000:.2f}" }, so 0.4.
#
# 32, a $\gamma$ and a $\beta$ for each channel. (The running averages are not trained.) Should these 32 decay, too? You
# will see below.
#
# </details>

# %% [markdown]
# ## The chart
#
# Each question isolates a part of the training, so that few causes remain. The first loss should be near
# $\log 10 \approx$ [2.30]{= f"{np.log(10):.2f}" }, the loss of guessing ([Losses](12_losses.ipynb)). Question 2 is the most
# useful. **Overfit one batch first:** train on a single mini-batch, again and again. A network that cannot memorize 32
# images will not learn from 1,200, and you find out in a second instead of overnight.

# %%
draw.chart()

# %% [markdown]
# `examine` shows what all four questions ask for, one mini-batch on the left (questions 1 and 2) and all images on the
# right (questions 3 and 4). It starts the script afresh for each panel.


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
# Here, too, the loss stays near 2.3.

# %%
examine(0)

# %% [markdown]
# **Question 1.** The first loss is 2.33, near $\log 10$. Yes. **Question 2.** The loss of one batch does not go to 0. It
# jumps, comes down to about 2.15 and stays there. So the cause is C, and the learning rate is too large. Only now do
# we open the script.

# %%
print(broken(0))

# %% [markdown]
# Line 6 uses SGD with the rate 3. Such steps kill the ReLUs, as you saw in [Training](14_training.ipynb), and only
# the ten biases of the last layer go on learning. Was the diagnosis right? We replace the line and ask the chart again.

# %%
examine(0, repairs={6: "optimizer = SGD(0.3)"})

# %% [markdown]
# All four answers are yes now, although the network begins to [overfit](15_overfitting.ipynb). Now it is your turn. In each
# of the five cases, look at the figure, not at the script, and name the cause by its letter in the chart.

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
# - **Case 2: E.** The network memorizes 32 images in 100 steps, so every part of the loop works. But the 1,200 images
#   follow no rule that it could learn.
# - **Case 3: D.** The loss stops at 1.6, although 87% of the validation images are right. With such an accuracy, the loss
#   should be far lower.
# - **Case 4: F.** Training is perfect, and the validation accuracy is 0%. Guessing would get 10%, so this network
#   knows the digits and is asked about something else.
# - **Case 5: A.** The first loss is 68 instead of 2.3.
#
# </details>

# %% [markdown]
# ## Proving a diagnosis
#
# A diagnosis names the kind of fault. Before you change anything, test what it predicts, as here for cases 1 and 2.

# %%
script = broken(1)
before = script.network.parameters.copy()
script.step(np.arange(32))
print("case 1, parameters changed by a step:", np.any(before != script.network.parameters))
script = broken(2)
draw.first_ten(script.images, script.labels)

# %% [markdown]
# In case 1, a step changes no parameter. In case 2, most labels are not the digits that you see. **Look at your data, right
# before it enters the network.** It costs a minute and settles E, F and A, since wrong labels, black instead of white and
# pixels up to 255 are all visible.
#
# Case 3 can be settled on paper. A typical fault is to end a network with softmax *and* to use a loss that applies softmax
# itself (`CrossEntropyLoss` in PyTorch, `from_logits=True` in Keras).
#
# **Predict.** At best, the correct class has the probability 1 and the nine others have 0. If these ten numbers are taken
# for scores, how large is the loss? (Two decimals.)

# %%
predict("floor", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Softmax turns them into $e^1 / (e^1 + 9 e^0)$ for the correct class, so the loss cannot fall below
# $\log(e + 9) - 1 \approx$ [1.46]{= f"{np.log(np.e + 9) - 1:.2f}" }. An image whose correct class gets
# the probability 0 costs about 1 more. The curve of case 3 ends at 1.58, which is this floor plus four such images of 32.
#
# </details>
#
# You can repair all five scripts in Exercise 1. From here on, the loss falls.

# %% [markdown]
# ## Before the first step
#
# [Initial weights](11_activations.ipynb) of the wrong size make signals grow or vanish from layer to layer, which is one of
# the causes A. With ReLU, their variance should be 2 divided by the number of inputs of a unit (He and others, 2015;
# `he_normal` in Keras, `nn.init.kaiming_normal_` in PyTorch). The defaults are smaller, half of that in Keras (for as
# many outputs as inputs) and a sixth in PyTorch. With normalization layers it matters much less, so we keep the defaults.

# %% [markdown]
# ## A schedule for the learning rate
#
# With a constant rate, the accuracy in [Training](14_training.ipynb) fluctuated to the end. A large rate gets near a
# minimum quickly, and a small one settles there. A [**learning rate schedule**](glossary.md#learning-rate-schedule)
# does one after the other. The most common one falls from the full rate to 0 along half a cosine. In step $t$ of $T$,
# counted from 0, the rate is
#
# $$\eta_t = \frac{\eta}{2} \left(1 + \cos \frac{\pi t}{T}\right).$$
#
# Most people begin with a [**warm-up**](glossary.md#warm-up), in which the rate grows linearly to its full value. The
# cosine starts after it.


# %%
def warm_up_cosine(step, steps, warm_up):
    """Return the factor of the learning rate in a step."""
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))) / 2


# %% [markdown]
# **Predict.** A training run has 110 steps, and the first 10 are the warm-up. What does the function return for step 4, and
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
# Here is the loop of [Training](14_training.ipynb) with one additional line, which sets the rate before each step. It
# trains three networks with a constant rate of 0.01 and three with a cosine.

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
# The curves on the right settle. Are they also *higher*? Three seeds and 300 images cannot tell, so
# `benchmarks/lessons/training_today.py` repeats every recipe ten times. Each run tests on a different tenth of the
# 1,797 digits, validates on another one, and trains on the rest. A recipe gets the rate (of 0.003, 0.01, 0.03 and
# 0.1) with the best mean on the ten validation tenths. (So this choice has seen all digits. If each run chooses for
# itself, most means move by 0.2 points at most, and one result below changes.) Differences between recipes are means
# of ten pairs, ± their standard error.
#
# At the rate 0.01, the accuracy jumps from one epoch to the next by
# [1.0]{= f"{100 * draw.jump('constant', 0.01):.1f}" } points (in the last five epochs, on average) if the rate is constant,
# and by [0.1]{= f"{100 * draw.jump('cosine', 0.01):.1f}" } with the cosine. With tuned rates, the final test accuracies are
# [96.4%]{= f"{draw.test_accuracy('constant').mean():.1%}" } and
# [96.2%]{= f"{draw.test_accuracy('cosine').mean():.1%}" }. **The cosine took the luck out of the last epoch, and nothing
# else.** The network that you keep no longer depends on where you happen to stop, but you must decide at the start how
# long to train. (On large data sets a schedule usually raises the accuracy, too. Our runs cannot show that.)

# %% [markdown]
# ## What the warm-up is for
#
# From the first step on, Adam moves every parameter by about the full rate, although its averages are still rough. If
# such a step kills ReLUs, they do not come back when the rate falls later. So a warm-up should make *larger rates* usable.
# The study has the three schedules at four rates.

# %%
draw.at_many_rates()

# %% [markdown]
# At 0.1, the runs without warm-up reach [33%]{= f"{draw.accuracy_at('constant', 0.1):.0%}" } and
# [35%]{= f"{draw.accuracy_at('cosine', 0.1):.0%}" } on average, because seven of ten end near 10%. With one epoch of warm-up,
# all ten learn, and reach [96%]{= f"{draw.accuracy_at('warm-up', 0.1):.0%}" }. **The warm-up made a rate usable that is
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
# It fits. Without warm-up, almost the whole layer is dead. With it, most filters survive.
#
# At its best rate, the warm-up reaches [96.8%]{= f"{draw.test_accuracy('warm-up').mean():.1%}" }, less than half a point more
# than a well-tuned constant rate. If you tune carefully, you gain little. If you do not, a warm-up saves you. (Very large
# mini-batches need large rates, and so a warm-up: Goyal and others, 2017.)

# %% [markdown]
# ## Weight decay, but not for everything
#
# AdamW multiplies each parameter by $1 - \eta \lambda$ in every step, in addition to Adam's step. That would pull $\gamma$
# towards 0, like the parameter in the first question, although there is no reason to prefer a $\gamma$ near 0 to one near
# 1. So usually only the *weights* decay, that is, kernels and matrices (everything with at least two axes). Biases,
# $\gamma$ and $\beta$ are few and can hardly overfit, so they are excluded.

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

# %% [markdown]
# Does it matter here? In the study (with batch normalization, two rates, two values of $\lambda$), excluding biases and
# norms changes the test accuracy by
# [0.1 ± 0.1]{= draw.points(draw.differences('norm, decay on weights', 'norm, decay on all').mean(axis=0)) } points
# at equal settings. **We could not see a difference.** The rule costs two lines and follows an argument, but do not expect
# a gain from it on small data.
#
# And does decay help at all? On weights, it gains
# [0.1 ± 0.5]{= draw.points(draw.test_accuracy('norm, decay on weights') - draw.test_accuracy('norm')) } points if all runs
# share a setting, and
# [0.8 ± 0.3]{= draw.points(draw.chosen_by_run('norm, decay on weights') - draw.chosen_by_run('norm')) } if each run
# chooses its own. A result that depends on this is not yet a result.

# %% [markdown]
# ## Label smoothing
#
# Cross-entropy is never satisfied. At a probability of 0.99 it still asks for more, so the scores grow without end.
# [**Label smoothing**](glossary.md#label-smoothing) changes the target. It takes $\epsilon$ from the 1 of the
# correct class and shares it out among all ten classes. With $\epsilon = 0.1$ the targets are 0.91 and nine times 0.01.
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
# and nothing is broken. It is another loss, so compare it only with itself.
#
# </details>
#
# We expected next to nothing from it, but the mean test accuracy rose from
# [96.8%]{= f"{draw.test_accuracy('warm-up').mean():.1%}" } to
# [97.9%]{= f"{draw.test_accuracy('smoothing').mean():.1%}" }. Luck? Of 40 pairs of runs, ten at each of the four rates, that
# differ in the loss alone, smoothing is ahead in
# [29]{= int(np.sum(draw.differences('smoothing') > 0)) } and behind in
# [2]{= int(np.sum(draw.differences('smoothing') < 0)) }. (They are not independent, since the four rates share ten test
# parts.) So it helps in this network. We do not know why, and nobody should conclude that it always does.
#
# By design, it makes the network modest. At the rate 0.01, the predicted class gets the mean probability
# [0.83]{= f"{draw.confidence('smoothing', 0.01):.2f}" } instead of
# [0.98]{= f"{draw.confidence('warm-up', 0.01):.2f}" }, although 98% are right.

# %% [markdown]
# ## Gradient clipping
#
# One bad mini-batch can ruin a training run. Suppose that somebody forgot to scale the 32 images of step 100.
# [**Gradient clipping**](glossary.md#gradient-clipping) makes the gradient shorter if its norm exceeds a limit, and
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
# Four of five runs with SGD never recover from that step. With gradients clipped at 5, several times their usual norm of
# about 1, all of them do. Adam survives without clipping, because its steps are at most a few times the learning rate,
# however long a gradient is. So clipping is an insurance. Choose a limit that ordinary steps do not reach.

# %% [markdown]
# ## Augmentation
#
# In [Overfitting](15_overfitting.ipynb), [data augmentation](glossary.md#data-augmentation) was written by hand. PyTorch
# users find it in `torchvision.transforms.v2`, Keras users in layers that are active only in training.
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
import keras
from keras import layers

augment = keras.Sequential(
    [layers.RandomTranslation(0.125, 0.125, fill_mode="constant"), layers.RandomRotation(10 / 360)]
)
print(augment(X[:4], training=True).shape, np.array_equal(augment(X[:4], training=False), X[:4]))

# %% [markdown]
# Called with a whole batch, a `v2` transform moves all images in the same way, so apply it to one image at a time, as a
# `Dataset` does. Recipes for large networks add **RandAugment** (a few changes from a long list), **mixup** and **CutMix**,
# which blend two images *and* their labels. Both libraries have them, and we have not tried them on our digits.

# %% [markdown]
# ## Which ingredients mattered?
#
# Every recipe of our study, with its best rate:

# %%
draw.ingredients()

# %% [markdown]
# The ten runs of one recipe differ by several points, since each has different test digits and initial weights. Most of
# this luck is the same in every row, so it cancels in differences. Compared with warm-up and cosine alone, label
# smoothing gains
# [1.1 ± 0.4]{= draw.points(draw.test_accuracy('smoothing') - draw.test_accuracy('warm-up')) } points, batch normalization
# [0.8 ± 0.4]{= draw.points(draw.test_accuracy('norm') - draw.test_accuracy('warm-up')) }, random shifts
# [0.7 ± 0.6]{= draw.points(draw.test_accuracy('shifts') - draw.test_accuracy('warm-up')) } and clipping
# [0.3 ± 0.4]{= draw.points(draw.test_accuracy('clipping') - draw.test_accuracy('warm-up')) }. (Batch normalization had two
# rates to choose from, the others four. And clipping had the limit 1.0, which ordinary steps do reach.)
#
# So label smoothing and batch normalization each gained about a point, two to three standard errors. Shifts and clipping
# did not gain more than chance can, and the cosine and the parameter groups changed nothing that we could measure. **The recipe is no magic. It is a
# set of habits, most of which protect you from an accident.** With them you can use a rate that is not perfectly tuned,
# survive a bad batch, and trust the last epoch.

# %% [markdown]
# ## Mixed precision
#
# One ingredient is about speed. Recent GPUs multiply 16-bit numbers several times as fast as 32-bit numbers, and such
# numbers take half the memory. In [**mixed precision**](glossary.md#mixed-precision), convolutions and matrix products
# use 16 bits, while the parameters and the sums stay at 32, because small steps would be rounded away. The usual choice is
# **bfloat16**, which has the range of float32 and only 8 significant bits.

# %% [markdown]
# ## All of it in PyTorch
#
# Now put it together. The same code runs on an NVIDIA GPU (`cuda`), the GPU of a Mac (`mps`) or the `cpu`.
# `torch.autocast` chooses the precision of each operation. Only the forward pass and the loss belong inside it.

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
    total = torch.zeros((), device=device)
    for batch, batch_targets in loader:
        batch, batch_targets = batch.to(device), batch_targets.to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_fn(model(batch), batch_targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
        optimizer.step()
        schedule.step()  # after every step, not after every epoch
        total += loss.detach() * len(batch)  # stays on the device
    model.eval()
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        right = model(val_images).argmax(dim=1).cpu().numpy() == val_labels
    print(f"epoch {epoch}: loss {total.item() / len(X):.3f}, val_accuracy {right.mean():.3f}")

# %% [markdown]
# The five parts of the loop in [Training](14_training.ipynb) are still there, with the recipe around them. The loss ends a
# little above 0.5, and you know why. For larger networks on a GPU, practitioners add `model = torch.compile(model)`, which
# fuses operations, and `model.to(memory_format=torch.channels_last)`, a faster layout for convolutions in 16 bits.
#
# On hardware without bfloat16 units, mixed precision works, but is slower. This holds for many CPUs and for NVIDIA GPUs
# from before 2020, such as the T4 of Colab's free tier, which is fast with float16 (see the optional section).
#
# And did you overfit one batch first? Here is the test for any PyTorch model. It uses plain cross-entropy, or it would
# stop at 0.5.


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
# This is the functional API of [Architectures](18_architectures.ipynb) again. Set `mixed_bfloat16` before you create the
# layers. The last layer keeps float32, so that the loss is computed in full precision. Label smoothing needs
# [one-hot](glossary.md#one-hot-encoding) targets. Keras chooses the device itself, and augmentation would be one more layer
# after `keras.Input`.

# %% needs="keras tensorflow"
keras.config.set_dtype_policy("mixed_bfloat16")


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


keras.utils.set_random_seed(0)
inputs = keras.Input((8, 8, 1))
x = layers.MaxPooling2D(2)(block(block(inputs, 8), 16))
outputs = layers.Dense(10, dtype="float32")(layers.Flatten()(x))
keras_model = keras.Model(inputs, outputs)

epochs, steps = 6, -(-len(X) // 32)  # steps per epoch
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=(epochs - 1) * steps, warmup_target=0.01, warmup_steps=steps
)
optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.1, global_clipnorm=5.0)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
keras_model.compile(optimizer, loss, metrics=["accuracy"])

one_hot, val_one_hot = (keras.utils.to_categorical(y, 10) for y in (labels, val_labels))
validation = (X_val, val_one_hot)
keras_model.fit(X, one_hot, batch_size=32, epochs=epochs, validation_data=validation, verbose=2)
keras.config.set_dtype_policy("float32")  # for the cells below

# %% [markdown]
# Why `momentum=0.9`? With Keras' default of 0.99, this log is a case F, since the running averages lag behind ([Batch
# normalization](17_batch_normalization.ipynb)). This happened to us while we wrote the lesson, and the chart found it. Try
# it.

# %% [markdown]
# ## Further: what 16 bits lose (optional)
#
# **float16** has 11 significant bits and ends at 65,504, and numbers below about $3 \cdot 10^{-8}$ become 0.
# **bfloat16** is simply a float32 without its last 16 bits. It keeps the range of float32 and gives up precision:


# %%
def bfloat16(x):
    bits = np.float32(x).view(np.uint32) + np.uint32(0x8000)  # round
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


for value in (1.0, 1.004, 1 / 3, 1e-8, 70000.0):
    with np.errstate(over="ignore"):
        print(f"{value:<10.5g} float16 {np.float16(value):<10.5g} bfloat16 {bfloat16(value):.5g}")

# %% [markdown]
# **Predict.** With 8 significant bits, the next number after 1 is $1 + 2^{-7} \approx 1.008$. A weight of 1 is stored in
# bfloat16, and 1,000 training steps each add 0.001. What is the weight at the end?

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
# With float16, it is the small gradients that would become 0. So `torch.amp.GradScaler` multiplies the loss by a large
# number before the backward pass and divides the gradients by it afterwards. (Before you clip, call `unscale_`.)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: repair the five scripts
#
# `print(broken(1))` shows the script of case 1. Find the line and write its new text into `repairs`, as
# `(number, "text")`, without the indentation. Look at `examine(1, repairs=dict([repairs[1]]))` before you run the check,
# which runs the repaired scripts.

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
# A cosine must know the last step from the beginning. Language models are often trained with another schedule. It rises in a
# straight line for `warm_up` steps as above, stays at 1 for as long as you like, and falls in a straight line in the last
# `decay` steps. In the first of these the factor is still 1, and it would reach 0 right after the last step. Write
# `trapezoid(step, steps, warm_up, decay)`.


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
# `clip_buggy` gets the gradients of the layers, a list of arrays, and should clip their common norm. Here it turns a
# long gradient and a short one into two of the same length. What is wrong?


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
# 2. ... *all* training labels are 3, with the rate 0.3 and line 3 as `images, labels = images[order], 3 + 0 * labels`?
# 3. ... only the validation images are not divided by 255, with the rate 0.3 and
#    `return evaluate(network, np.float32(val_images), val_labels)` in line 19? Look at the accuracy *and* at the loss.

# %%
examine(0, repairs={6: "optimizer = SGD(0.001)"})

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. C again, the slow kind. The loss of the batch falls by less than a tenth in 300 steps.
# 2. The loss falls to 0 within a few steps, and only the validation accuracy is bad. Question 4 finds it, and so does a look
#    at the labels.
# 3. The accuracy hardly changes, since ReLU and max pooling keep the order of scores if everything (but the biases) is
#    multiplied by 255. The loss is huge, because the scores are. A log without it would have hidden the mistake.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **find out why a loss does not fall**, by the first loss, one batch, all images and validation, in this order, and
#    prove the diagnosis;
# 2. **say what each ingredient is for.** A [schedule](glossary.md#learning-rate-schedule) calms the end, a
#    [warm-up](glossary.md#warm-up) makes large rates usable, [label smoothing](glossary.md#label-smoothing) stops the race
#    for certainty, [clipping](glossary.md#gradient-clipping) insures against a bad batch, and decay spares biases and norms;
# 3. **write the loop** in PyTorch and Keras for any device, in [mixed precision](glossary.md#mixed-precision).
#
# | ingredient | PyTorch | Keras |
# |---|---|---|
# | schedule | `lr_scheduler.LambdaLR`, or `LinearLR` and `CosineAnnealingLR` in `SequentialLR` | `schedules.CosineDecay` |
# | decay on weights only | parameter groups | `exclude_from_weight_decay` |
# | label smoothing | `CrossEntropyLoss(label_smoothing=0.1)` | `CategoricalCrossentropy(label_smoothing=0.1)` |
# | clipping | `clip_grad_norm_` | `global_clipnorm` (`clipnorm` clips each array by its own norm) |
# | augmentation | `torchvision.transforms.v2` | `layers.RandomTranslation`, ... |
# | mixed precision | `torch.autocast` | `mixed_bfloat16` |

# %% [markdown]
# ## What to read next
#
# - Next is [Fashion-MNIST](21_fashion_mnist.ipynb), where you climb from a linear classifier to a residual network.
# - Karpathy, [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/) (2019): the chart's
#   spirit, at length.
# - He, Zhang, Zhang, Zhang, Xie and Li, *Bag of tricks for image classification with convolutional neural networks* (CVPR
#   2019), one ingredient at a time on ResNet-50: [arXiv:1812.01187](https://arxiv.org/abs/1812.01187).
# - Loshchilov and Hutter, *SGDR: Stochastic gradient descent with warm restarts* (ICLR 2017), the cosine:
#   [arXiv:1608.03983](https://arxiv.org/abs/1608.03983); and *Decoupled weight decay regularization* (ICLR 2019), AdamW:
#   [arXiv:1711.05101](https://arxiv.org/abs/1711.05101).
# - Goyal and others, *Accurate, large minibatch SGD: Training ImageNet in 1 hour* (2017), the warm-up:
#   [arXiv:1706.02677](https://arxiv.org/abs/1706.02677).
# - Müller, Kornblith and Hinton, *When does label smoothing help?* (NeurIPS 2019):
#   [arXiv:1906.02629](https://arxiv.org/abs/1906.02629).
# - Micikevicius and others, *Mixed precision training* (ICLR 2018):
#   [arXiv:1710.03740](https://arxiv.org/abs/1710.03740).
# - PyTorch, [Automatic mixed precision](https://docs.pytorch.org/tutorials/recipes/recipes/amp_recipe.html) and
#   [Transforms v2](https://docs.pytorch.org/vision/stable/transforms.html); Keras,
#   [Mixed precision](https://keras.io/api/mixed_precision/).
