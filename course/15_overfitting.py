# %% [markdown]
# # Overfitting
#
# We train two networks on the same 150 digits. One gets the correct labels. For the other one we shuffle the
# labels, so that a 4 may be called a 7 and there is nothing to understand. Then we ask both what they have learned.
# Run the next two cells.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import cross_entropy_backward, softmax
from convnet.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate
from lesson_tools.overfitting import figures as draw
from lesson_tools.overfitting.questions import check, predict

data = digits()
order = np.random.default_rng(0).permutation(1797)
images = np.concatenate([data.train_images, data.test_images])[order]
labels = np.concatenate([data.train_labels, data.test_labels])[order]
validation = images[600:900], labels[600:900]


def make_network(seed, dropout=()):
    first = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers = [*first, Flatten(), *dropout[:1], Dense(64), ReLU(), *dropout[1:], Dense(10)]
    return Network(layers, (8, 8, 1), seed)


def fit(network, X, y, optimizer, epochs=80, seed=0, augment=None, after_epoch=None):
    rng = np.random.default_rng(seed)
    history, best_parameters = [], None
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32 or 1):
            batch = augment(X[picked], rng) if augment else X[picked]
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, y[picked]))
            optimizer.step(network.parameters, network.gradients)
        history.append((*evaluate(network, X, y), *evaluate(network, *validation)))
        if history[-1][2] == min(line[2] for line in history):  # lowest validation loss so far
            best_parameters = network.parameters.copy()
        if after_epoch:
            after_epoch(network)
    return np.array(history), best_parameters


shuffled = np.random.default_rng(5).permutation(labels[:150])
histories = {}
for name, given in (("correct labels", labels[:150]), ("shuffled labels", shuffled)):
    histories[name], _ = fit(make_network(seed=0), images[:150], given, Adam(5e-3))
    print(f"{name}: training accuracy {histories[name][-1, 1]:.0%}")

# %% [markdown]
# Both have learned *everything*. By the measure that training uses, there is no difference between a network
# that reads digits and one that has memorized 150 coincidences. What does show the difference?

# %%
draw.two_networks(images[:150], labels[:150], shuffled, histories)

# %% [markdown]
# New images do. On them the first network is right nine times in ten, and the second one is no better than
# guessing. **A training accuracy does not tell you what a network will do with new images.** The ability to predict
# well for new examples is called [**generalization**](glossary.md#generalization), and a model that fits its training set
# much better than new examples shows [**overfitting**](glossary.md#overfitting).
#
# The cell above also shows how easy it would have been to be fooled. This lesson is about two ways of fooling yourself.
# The network can fool you by memorizing, and there are remedies for that. But then you can fool yourself about the
# remedies. We know, because it happened to us, so the second half of the lesson is a clinical trial.
#
# **By the end of this lesson you will be able to**
#
# 1. read learning curves, and choose the epoch by early stopping;
# 2. use more data, data augmentation, dropout and weight decay, in NumPy, PyTorch and Keras;
# 3. find out whether a remedy helped, with a paired comparison over several training sets and a test set that
#    decided nothing.
#
# **Time:** about 85 minutes, and 35 for the exercises. **You need:** [Training](14_training.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** A network is shown an image of a 3 and gives the class 3 a probability of 0.01. What is the loss of
# this image? (If this was new, go back to [Losses](12_losses.ipynb).)

# %%
predict("sure", None)

# %% [markdown]
# **Predict.** `fit` above cuts the images into `len(X) // 32` mini-batches of nearly equal size. How many steps are 80
# epochs with 150 images? (If this was new, go back to [Training](14_training.ipynb).)

# %%
predict("steps", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# $-\log 0.01 \approx$ [4.6]{= f"{-np.log(0.01):.1f}" }. One such image costs as much as two untrained guesses.
#
# 150 // 32 is 4, so there are 4 steps in an epoch and $4 \cdot 80 =$ [320]{= 150 // 32 * 80 } in all. For the
# [18,346]{= f"{make_network(0).parameters.size:,}" } parameters of this network, 320 steps are enough to memorize 150
# shuffled labels, as you saw.
#
# </details>

# %% [markdown]
# ## Three sets, three jobs
#
# [Training](14_training.ipynb) used a training set for the parameters, a
# [validation set](glossary.md#validation-set) for [hyperparameters](glossary.md#hyperparameter) such as the learning
# rate, and kept a [test set](glossary.md#test-set) in a drawer. Now you see why there must be three. Whatever is chosen
# on some images, by gradient descent or by you, looks better on these images than on others.

# %%
draw.three_sets()

# %% [markdown]
# ## Learning curves
#
# Real labels contain errors. To watch overfitting in seconds, we keep only 150 training images, and an
# imaginary careless annotator gives about 15% of them a wrong label. The validation labels are correct.
#
# A [**learning curve**](glossary.md#learning-curve) plots loss or accuracy against the epochs. Our `fit` measures both
# sets *after* each epoch, so that the lines are comparable. (The log in the last lesson averaged over the epoch.)
#
# **Predict.** The training loss falls nearly to 0 in 80 epochs, so the network will have memorized the wrong labels, too.
# What does the validation *loss* do? `"a"` It falls too, but stays higher. `"b"` It falls, then stays constant. `"c"` It
# falls, then rises.

# %%
predict("curve", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. On its way to a training loss of 0, the network must become sure that some 3 is a 5. New images that look like it
# then get a probability near 0 for their correct class, and you have just computed what that costs.
#
# </details>

# %%
rng = np.random.default_rng(1)
is_wrong = rng.random(600) < 0.15
noisy = np.where(is_wrong, (labels[:600] + rng.integers(1, 10, 600)) % 10, labels[:600])
X, y, wrong = images[:150], noisy[:150], np.flatnonzero(is_wrong[:150])

runs, networks, best, predictions = [], [], [], []
for seed in range(3):
    predictions.append([])  # for the images with wrong labels, after each epoch

    def remember(network):
        predictions[-1].append(network.scores(X[wrong]).argmax(axis=1))

    networks.append(make_network(seed))
    result = fit(networks[-1], X, y, Adam(5e-3), seed=seed, after_epoch=remember)
    runs.append(result[0])
    best.append(result[1])
runs, predictions = np.array(runs), np.array(predictions)
draw.learning_curves(runs)

# %% [markdown]
# The distance between the two curves is the **generalization gap**. In these three runs, which differ in their seed,
# the validation loss is lowest in epochs
# [11, 14 and 11]{= "{}, {} and {}".format(*runs[:, :, 2].argmin(axis=1) + 1) }. After that, every epoch makes the
# network better at its training set and worse at its job. (In the first ten epochs it does *better* on new
# images than on its own. Their labels are correct.)
#
# If instead both losses are high and close together, the model has not learned enough. That is
# [**underfitting**](glossary.md#underfitting), and the cure is to train longer or to take a larger network. A learning curve
# tells you which of the two illnesses you have, and their treatments are opposite.

# %% [markdown]
# ## More mistakes, and more confidence in them
#
# Why does the validation loss rise so much? The accuracy falls, so there are more mistakes. But a misclassified
# image counts as *one* mistake, however sure the network is, while the loss charges for confidence. So there may be a second
# reason, that the network becomes surer of its mistakes. We compare the parameters of the best epoch with those of the last.

# %%
for seed, network in enumerate(networks):
    for name, parameters in (("best", best[seed]), ("last", network.parameters.copy())):
        network.parameters[:] = parameters
        probabilities = softmax(network.scores(validation[0]))
        right = probabilities.argmax(axis=1) == validation[1]
        sure = probabilities.max(axis=1)  # probability of the predicted class
        print(f"seed {seed}, {name} epoch: {np.sum(~right)} mistakes,", end=" ")
        print(f"probability {sure[~right].mean():.2f};", end=" ")
        print(f"all images: accuracy {right.mean():.2f}, probability {sure.mean():.2f}")

# %% [markdown]
# Both happen, in all three runs. There are more mistakes, and the mean probability of a mistake rises from about one half
# to 0.8. Over all images, the last network promises [0.9]{= f"{sure.mean():.1f}" } and delivers [0.8]{= f"{right.mean():.1f}" }, so
# it is **overconfident**. In the words of [Losses](12_losses.ipynb), it is badly **calibrated**. (In the best epoch it is
# too modest, because it has learned from an annotator who is often wrong. With correct labels, promise and delivery nearly
# agree in that epoch.)

# %% [markdown]
# ## What is memorized, and when?
#
# [19]{= len(wrong) } of the 150 training images carry a wrong label. After every epoch we ask the network about these images. It
# may answer with the annotator's label, which it must have memorized. Or it may answer with the *correct* class, which
# it was never told.
#
# **Predict.** In the figure above, find the training accuracy in epoch 5. If the network first learns what many images
# have in common, how many of the wrong labels does it predict after 5 epochs: `"few"` (less than a third), about `"half"`,
# or `"most"` (more than two thirds)?

# %%
predict("early", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"few"`. After 5 epochs the training accuracy is about
# [0.8]{= f"{runs[:, 4, 1].mean():.1f}" }, and the correct labels alone would suffice for 0.87. A wrong label contradicts
# what the other images of its class teach, so it comes last.
#
# </details>

# %%
as_labeled, as_they_are = predictions == y[wrong], predictions == labels[wrong]
draw.memorized(as_labeled.mean(axis=2), as_they_are.mean(axis=2))

# %% [markdown]
# For about ten epochs, the network corrects its annotator. It has learned the rule, but not yet the exceptions. In the
# end it has memorized all [19]{= int(as_labeled[:, -1].sum(axis=1).min()) } exceptions, and the rule has suffered. So
# there is a good moment to stop.

# %% [markdown]
# ## Early stopping
#
# [**Early stopping**](glossary.md#early-stopping) keeps the parameters of the epoch with the lowest validation
# loss, as `fit` does. To save time, training may end when a number of epochs, the **patience**, has passed without a new
# lowest loss.
#
# **Predict.** The validation losses are 0.91, 0.70, 0.61, 0.52, 0.58, 0.55, 0.53, 0.49, 0.60, and the patience is 3. Epochs
# are counted from 1. After which epoch does training end, and the parameters of which epoch are kept? Answer with a
# pair.

# %%
predict("patience", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `(7, 4)`. The loss of epoch 4 is 0.52, and in the three epochs after it no loss is lower. Training never
# sees the 0.49 of epoch 8. A larger patience costs time, and misses less.
#
# </details>

# %%
for seed, run in enumerate(runs):
    stop = run[:, 2].argmin()
    print(f"seed {seed}: validation accuracy {run[stop, 3]:.3f} in epoch {stop + 1},", end=" ")
    print(f"{run[-1, 3]:.3f} in epoch 80")

# %% [markdown]
# This is the cheapest remedy of all. It costs nothing but a validation set. (These accuracies flatter it a little, since the
# epoch was chosen on the same 300 images. We come back to that.)

# %% [markdown]
# ## Remedy 1: more data
#
# With more images there is more to learn, and each parameter has less room to memorize. If you can get more data, get
# it. If you cannot, change the training so that memorizing becomes harder. That is
# [**regularization**](glossary.md#regularization), and the next three remedies are its best-known forms.

# %% [markdown]
# ## Remedy 2: data augmentation
#
# A 7 that is moved by a pixel is still a 7. [**Data augmentation**](glossary.md#data-augmentation) makes new training
# images from old ones by changes that keep the label. To shift an image, pad it with zeros and crop a part of the original
# size:
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9 \end{pmatrix} \;\to\;
# \begin{pmatrix} 0 & 0 & 0 & 0 & 0 \\ 0 & 1 & 2 & 3 & 0 \\ 0 & 4 & 5 & 6 & 0 \\ 0 & 7 & 8 & 9 & 0 \\
# 0 & 0 & 0 & 0 & 0 \end{pmatrix}$$
#
# **Predict.** Which 3 x 3 image begins at row 2 and column 0 of the padded one? Answer with a list of three rows.

# %%
predict("crop", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[[0, 4, 5], [0, 7, 8], [0, 0, 0]]`. The image moved up and to the right, and the row and the column that left are gone.
# With `np.roll` they would come back in on the opposite side.
#
# </details>


# %%
def random_shifts(batch, rng, by=1):
    padded = np.pad(batch, ((0, 0), (by, by), (by, by), (0, 0)))
    starts = rng.integers(0, 2 * by + 1, (len(batch), 2))
    return np.stack([p[r : r + 8, q : q + 8] for p, (r, q) in zip(padded, starts, strict=True)])


seven = next(i for i in range(600) if labels[i] == 7 and images[i, [0, -1]].any(axis=(1, 2)).all())
draw.shifted(images[seven : seven + 1])

# %% [markdown]
# `fit` draws new shifts for every mini-batch, so the network hardly ever sees the same image twice. With photographs,
# there is more to choose from:


# %%
def random_view(photo, rng):
    size = rng.integers(200, 290)
    r, q = rng.integers(0, 300 - size), rng.integers(80, 380 - size)
    view = photo[r : r + size, q : q + size]  # crop, and with it a new scale
    if rng.random() < 0.5:
        view = view[:, ::-1]  # flip
    return np.clip(view * rng.uniform(0.6, 1.4), 0, 255).astype(np.uint8)  # brightness


cat, rng = load_sample_image("chelsea.jpg"), np.random.default_rng(2)
draw.views(cat, [random_view(cat, rng) for _ in range(5)])

# %% [markdown]
# Augmentation has two rules. **The change must keep the label.** A mirrored cat is a cat, but a mirrored b is a d, and a traffic
# sign that points to the left becomes one that points to the right. And **only training images are changed**, because you
# want to be measured on what you will meet.

# %% [markdown]
# ## Remedy 3: dropout
#
# [**Dropout**](glossary.md#dropout) sets randomly chosen activations to 0 in every training step, each with the
# probability `rate`. The next layer cannot rely on any single activation, so it has to use many. The activations that
# are kept are divided by $1 - \text{rate}$, so that the mean over all masks is the original value. After training, nothing is
# dropped.
#
# **Predict.** The activations are 6, 1, 4, 2, the rate is 0.75, and the mask happens to be 0, 0, 1, 0. What does dropout
# return during training? Answer with a list.

# %%
predict("dropped", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[0, 0, 16, 0]`. The 4 is divided by 0.25. It survives in one of four steps and then counts four times, so that its mean
# is $\frac14 \cdot 16 + \frac34 \cdot 0 = 4$.
#
# </details>


# %%
class Dropout(Layer):
    def __init__(self, rate, seed=0):
        super().__init__(rate=rate)
        self.rng = np.random.default_rng(seed)

    def forward(self, x, training):
        keep = 1 - self.settings["rate"]
        mask = (self.rng.random(x.shape) < keep) / keep if training else np.ones(x.shape)
        self.mask = mask.astype(x.dtype)
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask  # what was dropped gets no gradient


layer = Dropout(0.75)
for _ in range(3):
    print("training:  ", layer.forward(np.array([6.0, 1, 4, 2]), training=True))
print("evaluation:", layer.forward(np.array([6.0, 1, 4, 2]), training=False))

# %% [markdown]
# ## Remedy 4: weight decay
#
# [**Weight decay**](glossary.md#weight-decay) shrinks all weights a little in each step, before the optimizer
# changes them:
#
#     weights -= learning_rate * decay * weights
#
# A weight stays large only if the gradients keep supporting it. For plain SGD this is the same as adding the **L2
# penalty** $\frac{\lambda}{2} \lVert w \rVert^2$ to the cost, where $\lambda$ is the decay, because the gradient of the penalty is
# $\lambda w$. For Adam the two differ, and the line above is what is called **AdamW**. Biases are usually left alone. They
# are few, and a bias far from 0 memorizes nothing.
#
# **Predict.** With the learning rate 0.005 and a decay of 1, which fraction of a weight that gets no gradient is left after
# our 320 steps? And with 0.01, the default of PyTorch's AdamW? Answer with a pair, rounded to one decimal.

# %%
predict("left", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $(1 - 0.005)^{320} \approx$ [0.2]{= f"{0.995**320:.1f}" }, and $(1 - 0.00005)^{320} \approx$
# [0.98]{= f"{0.99995**320:.2f}" }, which is 1.0 after rounding. In a training run as short as ours, the default does
# nothing. A decay means little without the rate and the number of steps that go with it.
#
# </details>

# %% [markdown]
# ## How not to test a remedy
#
# An earlier version of this lesson trained with each remedy from three seeds, on one set of 150 images, and drew curves.
# Dropout won. Weight decay, with the single value 1, did not. Then a reader trained our plain network
# on six *other* sets of 150 images, and its accuracy moved from 0.838 to 0.890. So our three seeds had measured how
# lucky a network can be with its first weights, and said nothing about its luck with the data, which matters
# more. And nobody had tuned the decay.
#
# Think of a clinical trial with a single patient, who takes the pill three times. You need more patients. But
# patients differ more than pills do, so you need something else as well. **Give every patient both treatments, and look at the
# differences.** Here a patient is a training set.

# %% [markdown]
# ## Ten patients
#
# `benchmarks/lessons/overfitting.py` draws ten times 150 training images (with 15% wrong labels), 300 validation
# images and 897 test images, and on each draw it tries every remedy. Each arm may try six settings: for "nothing" six
# learning rates, and for each remedy two learning rates with three strengths. (Two more arms change the data instead,
# with 600 images or with correct labels. They have no strength, so they get two learning rates only.) The setting
# with the lowest validation loss is chosen, for each draw anew, and only then the test images are read.
#
# The file is shuffled first, as in the cells above, so the same writers are in all three sets. As you know from
# [Training](14_training.ipynb), the accuracies would be lower with new writers. But every arm has this advantage, and we
# compare arms.
#
# **Predict.** Suppose that a remedy does nothing, so that each comparison is a coin flip. In how many of 1,024 such
# trials would it win on all ten training sets?

# %%
predict("coins", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# In about one, because $2^{10} =$ [1,024]{= f"{2**10:,}" }. This is the **sign test**. (Our ten draws come
# from one file and share some images, so they are not quite independent, and the calculation is a little too kind.)
#
# </details>

# %%
plain = draw.accuracies("nothing")
print("without a remedy:", plain.round(3))
draw.trial()

# %% [markdown]
# First look at the printed line. The same network, tuned and stopped in the same way, gets between
# [0.81]{= f"{plain.min():.2f}" } and [0.88]{= f"{plain.max():.2f}" }, depending on which 150 images it was given. Most remedies gain
# less than that, so with one training set you would need luck to see them. In the *differences*, most of this luck
# cancels, and the result is clear:
#
# - **Dropout** gains [4.0 ± 0.4]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("dropout"))) } points and
#   wins on [10]{= int(np.sum(draw.gains("dropout") > 0)) } of ten sets. **Augmentation** gains
#   [4.5 ± 0.6]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("augmentation"))) }, on
#   [10]{= int(np.sum(draw.gains("augmentation") > 0)) } of ten. Between the two we cannot decide.
# - **Both together** gain [6.4 ± 0.6]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("both"))) }, as much as if somebody
#   had corrected all the labels ([6.2 ± 0.8]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("labels"))) }).
# - **Weight decay** gains [0.5 ± 0.4]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("decay"))) } and wins on
#   [5]{= int(np.sum(draw.gains("decay") > 0)) } of ten. Nobody can tell this from nothing, and nine of ten sets chose the smallest decay
#   that we offered.
# - **600 images** gain most, with their 15% of wrong labels
#   ([8.6 ± 0.6]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(draw.gains("images"))) }). But they beat dropout and
#   augmentation together on only [7]{= int(np.sum(draw.gains("images") > draw.gains("both"))) } of ten sets.

# %% [markdown]
# ## Trying to break it
#
# *Is weight decay useless, then?* It had an unfair opponent, since all of these networks were stopped early. The study also
# has the accuracies after epoch 80. There, with the same learning rate of 0.005, a decay of 1 does help:

# %%
for stopped, when in ((True, "early stopping"), (False, "after epoch 80")):
    decay_1 = draw.at_one_rate("decay", 5, stopped)
    none = draw.at_one_rate("nothing", 3, stopped)
    mean, error = draw.mean_and_error(100 * (decay_1 - none))
    print(f"{when}: {mean:+.1f} ± {error:.1f} points")

# %% [markdown]
# So weight decay does some of the work of early stopping, and if you have the one, you need less of the other, at least
# here. (Long training runs of large networks are usually not stopped early, and most of them use weight decay.)
#
# *Is early stopping itself worth anything?* At the rate 0.005, it gains
# [6.4]{= f"{100 * (draw.at_one_rate('nothing', 3, True) - draw.at_one_rate('nothing', 3, False)).mean():.1f}" } points over 80 epochs. But
# if you may choose the learning rate for 80 epochs anew, you get the same by training ten times as slowly
# ([0.845]{= f"{draw.at_one_rate('nothing', 0, False).mean():.3f}" } against
# [0.848]{= f"{plain.mean():.3f}" }). For these networks, to train slowly is to stop early. (All ten sets chose the smallest of our six rates, so we do not
# know what a still smaller one would do.)
#
# *Is the network the right patient?* Here are classifiers from [Training](14_training.ipynb), tuned with six settings each on
# the same images:

# %%
for name in ("regression", "neighbors", "svm", "nothing", "both"):
    values = draw.accuracies(name)
    print(f"{name:10}: {values.mean():.3f}, from {values.min():.3f} to {values.max():.3f}")
lead = 100 * (draw.accuracies("both") - draw.accuracies("svm"))
mean, error = draw.mean_and_error(lead)
print(f"both minus svm: {mean:+.1f} ± {error:.1f} points, ahead on {np.sum(lead > 0)} of ten")

# %% [markdown]
# The SVM has a remedy built in, an L2 penalty that grows as `C` gets smaller. It is ahead of a network with dropout, by
# [1.4 ± 0.5]{= "{:.1f} ± {:.1f}".format(*draw.mean_and_error(100 * (draw.accuracies("svm") - draw.accuracies("dropout")))) } points, and
# not behind one with augmentation. With both, the network has caught up, and we cannot say that it has
# overtaken. If you have 150 images of 64 pixels, begin with the SVM.
#
# What we have not shown: how any of this carries over to large images. The remedies are the same there, the numbers are
# not, and [Fashion-MNIST](21_fashion_mnist.ipynb) measures some of them again.

# %% [markdown]
# ## Choosing on the test set
#
# That is the other way of fooling yourself. Suppose that the validation set is too small for your taste, so you choose with
# the test set, "just this once". We train 20 networks which differ only in their seed, for 12 epochs each. Then we draw 100
# test images, report the accuracy of the best network on them, and compare with its accuracy on all
# [897]{= len(images) - 900 } images, which you normally would not have.
#
# **Predict.** On average over many draws of the 100 images, is the report too `"high"`, `"right"` or too `"low"`?

# %%
predict("chosen", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Too `"high"`. The best network on these images is partly the best network, and partly the one to which these images
# happened to be kind. Luck does not repeat on other images.
#
# </details>

# %%
right = []
for seed in range(20):
    network = make_network(seed)
    fit(network, X, y, Adam(5e-3), epochs=12, seed=seed)
    right.append(network.scores(images[900:]).argmax(axis=1) == labels[900:])
right = np.array(right)  # (networks, images)

first, best_one = [], []
for _ in range(1000):
    reported = right[:, rng.choice(897, 100, replace=False)].mean(axis=1)
    winner = reported.argmax()
    first.append(reported[0] - right[0].mean())
    best_one.append(reported[winner] - right[winner].mean())
print(f"mean error of the report: first network {100 * np.mean(first):+.1f} points,", end=" ")
print(f"best of twenty {100 * np.mean(best_one):+.1f} points")
draw.chosen_on_the_test_set(np.array(first), np.array(best_one))

# %% [markdown]
# Choosing among twenty networks that differ by nothing but a seed makes the report about
# [3]{= round(100 * np.mean(best_one)) } points too good. Dropout gained hardly more, and it was *real*. The effect grows with the number of
# candidates and shrinks with the size of the set. **If you choose on the test set, it becomes a second
# validation set, and you have no test set.**
#
# A validation set suffers from it as well. In the trial, the plain networks had
# [0.874]{= f"{draw.accuracies('nothing', 'validation').mean():.3f}" } on the images with which their epoch and rate were chosen, and
# [0.848]{= f"{plain.mean():.3f}" } on the test images. But do not blame the choice for all of it. After epoch 80, where nothing was
# chosen, the six rates are on average
# [1.2]{= f"{np.mean([100 * (draw.at_one_rate('nothing', n, False, 'validation') - draw.at_one_rate('nothing', n, False)) for n in range(6)]):.1f}" }
# points better on the validation images, too. In these ten draws, they happened to be the easier ones.

# %% [markdown]
# ## The remedies in PyTorch
#
# Dropout is a layer, weight decay an argument of the optimizer, and early stopping a copy of the
# [state dict](glossary.md#state-dict), the dictionary of all arrays that a model has to keep. Parameter groups leave the
# biases out.

# %% needs="torch"
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"


class DigitsNetwork(nn.Module):
    def __init__(self, dropout=0.5):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(16 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = nn.functional.relu(self.conv1(x))
        x = nn.functional.relu(self.conv2(x))
        x = nn.functional.max_pool2d(x, 2).flatten(start_dim=1)
        x = nn.functional.relu(self.fc1(self.dropout(x)))
        return self.fc2(self.dropout(x))


torch.manual_seed(0)
model = DigitsNetwork().to(device)
weights = [p for p in model.parameters() if p.ndim > 1]
biases = [p for p in model.parameters() if p.ndim == 1]
groups = [{"params": weights, "weight_decay": 0.1}, {"params": biases, "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=5e-3)

train_set = TensorDataset(torch.tensor(X).permute(0, 3, 1, 2), torch.tensor(y))
loader = DataLoader(train_set, batch_size=32, shuffle=True)
X_val = torch.tensor(validation[0]).permute(0, 3, 1, 2).to(device)
y_val = torch.tensor(validation[1]).to(device)
loss_fn, lowest_loss = nn.CrossEntropyLoss(), float("inf")
for epoch in range(1, 81):
    model.train()  # dropout on
    for batch, targets in loader:
        loss = loss_fn(model(batch.to(device)), targets.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()  # dropout off
    with torch.no_grad():
        val_loss = loss_fn(model(X_val), y_val).item()
    if val_loss < lowest_loss:
        lowest_loss, best_epoch = val_loss, epoch
        best_state = copy.deepcopy(model.state_dict())
model.load_state_dict(best_state)
print(f"best epoch {best_epoch}, val_loss {lowest_loss:.3f}")

# %% [markdown]
# Without `deepcopy`, `best_state` would point to the live parameters, and "the best epoch" would always be the last one. And
# this happens if you **forget `model.eval()`**:

# %% needs="torch"
with torch.no_grad():
    for mode in (model.train, model.eval):
        mode()
        values = [(model(X_val).argmax(dim=1) == y_val).float().mean().item() for _ in range(4)]
        print(f"{mode.__name__:5} mode:", [round(value, 3) for value in values])

# %% [markdown]
# One network and the same 300 images give four accuracies, all too low. A validation accuracy that changes when you
# measure it twice is the sign of this mistake.
#
# For augmentation there is [torchvision](https://docs.pytorch.org/vision/stable/transforms.html). Here is a ready-made
# `random_view`, as you would use it for photographs in folders with the names of their classes:
#
#     from torchvision import datasets
#     from torchvision.transforms import v2
#
#     random_view = v2.Compose([
#         v2.RandomResizedCrop(224, scale=(0.4, 1.0)),
#         v2.RandomHorizontalFlip(),
#         v2.ColorJitter(brightness=0.4),
#         v2.ToImage(),
#         v2.ToDtype(torch.float32, scale=True),
#     ])
#     train_set = datasets.ImageFolder("photos/train", transform=random_view)
#
# A data set calls its `transform` on each image, whenever the image is read. If you call it on a whole mini-batch, all of
# its images get the same crop.

# %% [markdown]
# ## The remedies in Keras
#
# In Keras, augmentation is a layer, too, and early stopping is a callback. `fit` and `evaluate` switch augmentation and
# dropout on and off by themselves.

# %% needs="keras tensorflow"
import keras
from keras import layers

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.RandomTranslation(1 / 8, 1 / 8, fill_mode="constant"),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.25),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.25),
        layers.Dense(10),
    ]
)
optimizer = keras.optimizers.AdamW(learning_rate=5e-3, weight_decay=0.1)
optimizer.exclude_from_weight_decay(var_names=["bias"])
model.compile(
    optimizer=optimizer,
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=30, restore_best_weights=True)
history = model.fit(
    X, y, batch_size=32, epochs=80, validation_data=validation, callbacks=[stopping], verbose=0
)
print("epochs:", len(history.history["loss"]), " best:", stopping.best_epoch + 1)
print("val_loss and val_accuracy:", np.round(model.evaluate(*validation, verbose=0), 3))

# %% [markdown]
# `restore_best_weights=True` is not the default. Without it, Keras stops early and keeps the weights of the *last* epoch, which
# are the ones that you wanted to avoid.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: three patients
#
# Three networks were trained on digits. Which of them, A, B or C, underfits, and which overfits? What would you
# change first in each case?

# %%
draw.three_runs()

# %%
underfits = None
overfits = None
### BEGIN SOLUTION
underfits = "C"
overfits = "B"
### END SOLUTION

# %%
check("underfits", underfits)
check("overfits", overfits)

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# C needs more epochs or a larger learning rate; it has a fiftieth of the rate of B. B needs more images, early
# stopping or regularization. A needs little, since it has 600 correctly labeled images.
#
# </details>

# %% [markdown]
# ### Exercise 2: early stopping with patience
#
# Write `early_stopping(losses, patience)`. It gets the list of validation losses and returns a pair: the
# epoch after which training ends, and the epoch whose parameters are kept, both counted from 1. An equal
# loss is no improvement. If the patience never runs out, training ends after the last epoch.


# %%
def early_stopping(losses, patience):
    result = None
    ### BEGIN SOLUTION
    best = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if epoch - best == patience:
            break
    result = (epoch, best)
    ### END SOLUTION
    return result


# %%
check("early_stopping", early_stopping)

# %% [markdown]
# ### Exercise 3: find the bug
#
# `split_buggy` prepares data augmentation. It makes `copies` shifted versions of each of `m` images, shuffles them,
# and returns the indices of the images in the training set and in the validation set. The validation accuracy
# looks great and is wrong. Why? Write `split` without this bug. The validation set has `n` images, each of them once, and
# the training set has `copies` versions of each remaining image.


# %%
def split_buggy(m, copies, n, seed):
    numbers = np.random.default_rng(seed).permutation(np.repeat(np.arange(m), copies))
    return numbers[n:], numbers[:n]


def split(m, copies, n, seed):
    numbers = np.random.default_rng(seed).permutation(m)
    training, validation_part = None, None
    ### BEGIN SOLUTION
    training, validation_part = np.repeat(numbers[n:], copies), numbers[:n]
    ### END SOLUTION
    return training, validation_part


# %%
check("split", split)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change the cell below.
#
# 1. ... all labels are correct: `given = labels[:150]`? Does the validation loss still rise?
# 2. ... the dropout rate is 0.9?
# 3. ... the images are shifted by up to 3 pixels: `augment = lambda batch, rng: random_shifts(batch, rng, 3)`?

# %%
given = y  # change these
dropout = []  # for example [Dropout(0.9), Dropout(0.9)]
augment = None
history, _ = fit(make_network(0, dropout), X, given, Adam(5e-3), augment=augment)
for epoch in (history[:, 2].argmin(), len(history) - 1):
    print(
        f"epoch {epoch + 1:2}: loss {history[epoch, 0]:.3f}, accuracy {history[epoch, 1]:.3f},",
        end=" ",
    )
    print(f"val_loss {history[epoch, 2]:.3f}, val_accuracy {history[epoch, 3]:.3f}")

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. Yes, but only a little, and the accuracy stays. Wrong labels make overfitting easier to see. They are not its only cause.
# 2. Only one in ten inputs of each dense layer remains, and even the training accuracy is hardly better than guessing. Too much
#    regularization leads to underfitting.
# 3. A digit of 8 x 8 pixels that moves by 3 can lose a third of its rows, and with it its label. How far you may go depends
#    on the data.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **read [learning curves](glossary.md#learning-curve).** A growing gap is [overfitting](glossary.md#overfitting), two high
#    losses are [underfitting](glossary.md#underfitting), and [early stopping](glossary.md#early-stopping) keeps the epoch
#    with the lowest validation loss;
# 2. **treat overfitting** with more data or [regularization](glossary.md#regularization):
#    [data augmentation](glossary.md#data-augmentation), [dropout](glossary.md#dropout),
#    [weight decay](glossary.md#weight-decay);
# 3. **test a treatment.** Several training sets, each with and without it, everything tuned alike, and a
#    [test set](glossary.md#test-set) that decided nothing.
#
# | term in this course | you may also read |
# |---|---|
# | [**validation set**](glossary.md#validation-set) | development set, dev set; hold-out set |
# | [**overfitting**](glossary.md#overfitting) | high variance; [underfitting](glossary.md#underfitting): high bias |
# | [**weight decay**](glossary.md#weight-decay) | L2 regularization (the same for plain SGD) |

# %% [markdown]
# ## What to read next
#
# - Next is [One layer, four libraries](16_one_layer_four_libraries.ipynb): another kind of mistake that raises no error.
# - Zhang, Bengio, Hardt, Recht and Vinyals, *Understanding deep learning requires rethinking
#   generalization* (ICLR 2017), the experiment of the first figure on large networks:
#   [arXiv:1611.03530](https://arxiv.org/abs/1611.03530).
# - Arpit and others, *A closer look at memorization in deep networks* (ICML 2017), on what is learned
#   first: [arXiv:1706.05394](https://arxiv.org/abs/1706.05394).
# - Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout* (JMLR 2014):
#   [jmlr.org](https://jmlr.org/papers/v15/srivastava14a.html).
# - Loshchilov and Hutter, *Decoupled weight decay regularization* (ICLR 2019), the AdamW of this lesson:
#   [arXiv:1711.05101](https://arxiv.org/abs/1711.05101).
# - scikit-learn, [Cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html):
#   what to do if there are too few images for a fixed validation set.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), sections 3.6, 3.7 and 5.6:
#   [d2l.ai](https://d2l.ai/chapter_linear-regression/generalization.html).
