# %% [markdown]
# # Activations
#
# A cat's whisker is a thin white line on darker fur. A blood vessel in the eye is a thin dark line on a bright
# retina. You see both at a glance, but a line detector like that of [Kernels](02_kernels.ipynb) is half-blind. Run
# the next cells to see what it misses.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import conv2d
from convnet.layers import Conv2D, Dense, Flatten
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.activations import figures as draw
from lesson_tools.activations.experiments import (
    Activation,
    activate,
    compete,
    gradient_norms,
    inverted,
    lines,
    weights,
)
from lesson_tools.activations.questions import check, predict
from lesson_tools.explorables import explore_activation, explore_kernel
from lesson_tools.spine import spine

cat = load_sample_image("chelsea.jpg")[130:250, :120].mean(axis=2)
eye = (
    load_sample_image("retina.jpg")[:, :, 1].reshape(160, 2, 160, 2).mean(axis=(1, 3))
)  # half size
images = {"a cat's whiskers": cat, "a retina": eye[26:130, 24:128]}
line_kernel = np.array([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])
draw.half_blind(images, line_kernel, bias=-40)

# %% [markdown]
# Reverse all signs of the kernel, and it finds the vessels, but then it loses the whiskers. Is there a kernel
# that responds to both? You are about to look for one, and you will not find it. No linear filter can do it, nor
# any stack of linear layers. That is why almost every network contains **activation functions**.
#
# **By the end of this lesson you will be able to**
#
# 1. prove that no stack of linear layers responds to bright and dark lines alike, and repair it with a
#    nonlinearity;
# 2. compute ReLU, sigmoid and tanh with their derivatives, and recognize saturated and dead units;
# 3. choose an activation function, and measure how much it is worth for a task.
#
# **Time:** about 50 minutes, and 25 for the exercises. **You need:**
# [The convolution layer](06_convolution_layer.ipynb), and the derivative as in
# [Images and convolution](01_images_and_convolution.ipynb).

# %%
spine("ReLU")

# %% [markdown]
# Today's operation is the third, and the shortest. It replaces negative numbers with 0, and that is all.

# %% [markdown]
# ## The challenge: one kernel for both lines
#
# The image below is gray (100), with a bright line (130) and a dark line (70). Find nine weights for
# which the output is **higher on both lines than on the background**. What counts is the output where the
# middle of the window is on a line. (Beside the lines, it may be anything.) Warm up with the first two
# tasks, and then give the third an honest two minutes.
#
# 1. The output is higher on the bright line than on the background.
# 2. It is higher on the dark line.
# 3. It is higher on both.

# %%
two_lines = np.full((11, 22), 100)
two_lines[2:-2, 6], two_lines[2:-2, 15] = 130, 70
copy = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
# Which weights make both lines higher? Click on a line in the input to read the output there.
explore_kernel(two_lines, {"copy": copy, "line": line_kernel.T})

# %% [markdown]
# ## Why you did not find it
#
# **Predict.** A filter with a bias outputs 1 on a blank gray image. On an image with a line 30 gray levels
# brighter, it outputs 5. What does it output if the line is 30 levels *darker*?

# %%
predict("dark", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $1 - 4 = -3$. The bright line changes the result by $+4$. The dark line is the same change of the
# image with the opposite sign, and for a linear filter, the opposite change of the input gives the
# opposite change of the output.
#
# </details>

# %% [markdown] tags=["row-15"]
# ## What no linear filter can do
#
# Nothing in this argument depends on the numbers. Whatever the weights and the bias are, **the output for
# the blank image is exactly halfway between the outputs for the two lines**, at every position. And what is
# halfway between two numbers cannot be smaller than both.
#
# So the kernel of task 3 does not exist, and neither a larger kernel nor training would help.

# %% [markdown] tags=["row-15"]
# ## Two linear layers are one
#
# Could two layers do it? Let $x$ be the input as a vector, and put a second layer after the first:
#
# $$(x W_1 + b_1)\, W_2 + b_2 = x\, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# The right-hand side is a *single* layer with the weights $W_1 W_2$, so blank is halfway again. A convolution
# is a matrix, too, as you saw in [From dense to convolutional layers](05_why_convolution.ipynb), and a
# hundred layers are no better than one, because a composition of [linear maps](glossary.md#linear-map) is linear.
#
# So between two layers there must be something that is *not* linear, a
# [**nonlinearity**](glossary.md#nonlinearity). A layer applies it to each number of its output $Z$:
#
# $$A = g(Z)$$
#
# The function $g$ is the layer's [**activation function**](glossary.md#activation-function), and $A$ holds
# its activations.

# %% [markdown]
# ## The ReLU
#
# The simplest nonlinear function is a straight line with one bend, called a *kink*. The
# [**ReLU**](glossary.md#relu) (rectified linear unit), $\max(z, 0)$, has its kink at 0. Below you see the sum
# of two units, each of the form $v \cdot \text{ReLU}(wx + b)$. The kink is at $x = -b/w$, so $b$ moves it, the
# sign of $w$ says on which side the unit is 0, and $v$ stretches it or turns it upside down.
#
# 1. With two units, build $|x|$.
# 2. With three units, build the bump.
# 3. With three units, get as close to $x^2/2$ as you can.

# %%
# Which weights turn two kinks into |x|? The gray curve is the target.
explore_activation(2, "|x|")

# %% [markdown]
# <details>
# <summary>Solutions</summary>
#
# 1. $\text{ReLU}(x) + \text{ReLU}(-x)$.
# 2. $\text{ReLU}(x + 1) - 2\, \text{ReLU}(x) + \text{ReLU}(x - 1)$. From left to right, the derivative is 0,
#    then 1, then $1 - 2 = -1$, then $-1 + 1 = 0$.
# 3. Straight pieces never fit a curve exactly, but with more of them the error shrinks.
#
# </details>
#
# With enough units, one **hidden layer** of ReLUs, a layer between input and output, approximates every continuous
# function on a closed and bounded region as closely as you like, with any number of inputs. This is the *universal
# approximation theorem*. It promises that good weights exist, but not that training finds them.

# %% [markdown] tags=["row-15"]
# ## The challenge, solved
#
# The function $|x|$ is the solution. There is a line where $|z|$ is large, whatever the sign of $z$, and you
# have just built it from two kinks. So use two filters, the second with all signs reversed, apply ReLU to
# both, and add them up:
#
# | | blank | bright line | dark line |
# |---|--:|--:|--:|
# | filter 0 | 0 | 4 | -4 |
# | filter 1 | 0 | -4 | 4 |
# | sum after ReLU | 0 | 4 | 4 |
#
# In NumPy, ReLU is `np.maximum(Z, 0)`, which compares each entry with 0. (Python's `max(Z, 0)` raises an
# error for an array, and `np.max(Z)` is the largest entry of all.)

# %%
W_1 = np.stack([line_kernel, -line_kernel], axis=-1)[:, :, None]  # two filters for one channel
b_1 = np.array([-40.0, -40.0])  # thresholds, which keep out noise
W_2 = np.ones((1, 1, 2, 1))  # a 1x1 filter, which adds up two maps
maps = []
for image in images.values():
    A = np.maximum(conv2d(image[None, :, :, None], W_1, b_1), 0)
    total = conv2d(A, W_2)
    maps.append((A[0, :, :, 0], A[0, :, :, 1], total[0, :, :, 0]))

draw.solved(images, maps)

# %% [markdown]
# Two layers with a nonlinearity between them find whiskers and vessels. (They find horizontal ones. Other
# directions need more filters, and the gaps between the whiskers count as dark lines.) Note that ReLU has changed
# the meaning of the numbers. $Z$ says how much brighter or darker a line is, and $A$ says how much of *this kind*
# of line there is.

# %% [markdown] tags=["row-15"]
# ## ReLU, sigmoid and tanh
#
# Before ReLU became common, most networks used smooth functions. The [**sigmoid**](glossary.md#sigmoid) maps every
# number to one between 0 and 1, and [**tanh**](glossary.md#tanh), the hyperbolic tangent, to one between -1 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad
# \tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}$$
#
# For example, $\sigma(0) = 1/(1 + 1) = 1/2$. For $z = -4$ we have $e^{4} \approx 54.6$, so
# $\sigma(-4) \approx 1/55.6 \approx$ [0.018]{= f"{activate('sigmoid', np.array(-4))[0]:.3f}" }.

# %%
Z = np.array([1.0, 5.0, -4.0, 3.0, -2.0])  # five values, as they might come out of a layer
for name in ("ReLU", "sigmoid", "tanh"):
    print(f"{name:8}", activate(name, Z)[0].round(4))
draw.curves(Z)

# %% [markdown]
# Tanh is a sigmoid, scaled and shifted: $\tanh(z) = 2\,\sigma(2z) - 1$. It keeps the sign of $z$, so its outputs lie
# on both sides of 0 (they are called *zero-centered*), while those of the sigmoid are all positive.

# %% [markdown]
# ## An experiment: is there a line?
#
# How much does a trained network need a nonlinearity? Leaving the ReLUs out of a network that was trained with
# them would not be a fair test, so each competitor is trained from the start.
#
# The task is our challenge. Half of the images have no line, a quarter have a bright line and a quarter
# a dark one, at any column and in noise. The network should say whether there is a line.

# %%
training_sets = [lines(750, seed=0), lines(750, seed=1)]
test_set = lines(1000, seed=2)
draw.examples(*training_sets[0])

# %% [markdown]
# **Predict.** What is the largest accuracy that a *linear* classifier can reach on such images, however weak the
# noise? It answers "line" if its score, a weighted sum of the pixels plus a bias, is above 0. Answer with a fraction,
# such as 0.9.

# %%
predict("limit", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 0.75. Take any noise, and think of three images with it: blank, with a bright line, with a dark line. The score of
# the blank one is halfway. If it is below 0, as it should be, then the score of one of the lines is below 0 as well,
# and that line is missed. This leaves the blank images, 1/2, and one kind of line, 1/4. If the blank image is wrong,
# no more than the other half can be right. (With our noise, the sum of all pixels, compared with 4, reaches 0.72.)
#
# </details>

# %% [markdown]
# ## Five competitors
#
# The network is the one of Exercise 3 of [The convolution layer](06_convolution_layer.ipynb): eight 3 x 3 filters, an
# activation function, a dense layer. We train it with ReLU, tanh, sigmoid and no activation, and we add
# the simplest baseline, a dense layer alone. For each of the five, `compete` chooses the best of four learning rates, by
# the accuracy on images that are not used for training. With this rate, it trains ten times, with two training sets and
# five seeds.

# %%
RATES = (0.003, 0.01, 0.03, 0.1)
ARMS = ("linear classifier", "no activation", "sigmoid", "tanh", "ReLU")


def network_of(arm, classes, seed):
    layers = [Flatten(), Dense(classes)]
    if arm != "linear classifier":
        layers = [Conv2D(8, 3, padding=1), Activation(arm), *layers]
    return Network(layers, (8, 8, 1), seed)


def accuracy(arm, rate, training_set, test_set, seed, spread=0):
    network = network_of(arm, max(test_set[1]) + 1, seed)
    if spread:  # random biases instead of zeros
        biases = np.random.default_rng(seed).uniform(-spread, spread, 8)
        network.layers[0].parameters["b"][:] = biases
    train(network, *training_set, epochs=12, optimizer=Adam(rate), seed=seed, progress=False)
    return evaluate(network, *test_set)[1]


# %% [markdown]
# ## The result
#
# This takes a few seconds.

# %%
tuning, on_lines = compete(accuracy, ARMS, RATES, training_sets, test_set)
draw.comparison(RATES, tuning, on_lines, ceiling=0.75)

# %% [markdown]
# With ReLU, the mean accuracy is [0.996]{= f"{np.mean(on_lines['ReLU']):.3f}" }. Without an activation it is
# [0.51]{= f"{np.mean(on_lines['no activation']):.2f}" }, no better than a coin toss, whatever the learning rate. The
# convolution is no better than the plain linear classifier, because together its two layers *are* a linear
# classifier. (Neither finds the 0.72. Bright and dark lines are equally frequent, so every weight that helps with one
# is punished for the other, and the loss is smallest with weights of 0.) So on this task the nonlinearity is worth
# everything. But tanh, which is not linear either, does no better than a coin toss at any of the four rates.
# *Further: why tanh fails* gives the reason.

# %% [markdown] tags=["row-15"]
# ## Derivatives of the activation functions
#
# Training needs to know how the loss changes with each weight, and computes this backward, from the last
# layer to the first. If $A = g(Z)$, and $dA$ is the gradient of the loss with respect to $A$, then the chain
# rule gives
#
# $$dZ = dA \cdot g'(Z),$$
#
# element-wise ([Backpropagation](13_backpropagation.ipynb) has the details). So the
# [**derivative**](glossary.md#derivative) $g'$ decides how much of the gradient gets through. For the
# sigmoid, it is
#
# $$\sigma'(z) = -\frac{1}{(1 + e^{-z})^2} \cdot (-e^{-z})
# = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr).$$
#
# For tanh you get the first formula below in the same way, and for ReLU you can read the derivative off the
# curve:
#
# $$\tanh'(z) = 1 - \tanh^2(z), \qquad
# \text{ReLU}'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}$$
#
# At exactly 0, ReLU has its kink and no derivative. Libraries use 0 there. The lower row of the figure in the section
# *ReLU, sigmoid and tanh* shows all three derivatives.

# %% [markdown] tags=["row-15"]
# ## Saturation and vanishing gradients
#
# Sigmoid and tanh are flat far from 0. A unit whose $z$ lies there is
# [**saturated**](glossary.md#saturation), and hardly any gradient passes through it. At $z = 5$, the
# derivative of the sigmoid is only [0.0066]{= f"{activate('sigmoid', np.array(5))[1]:.4f}" }. And even at its
# maximum, at $z = 0$, it is no more than $\frac12 \cdot \frac12 = \frac14$.
#
# **Predict.** A gradient passes backward through several sigmoid layers, and each multiplies it by its
# derivative. After how many layers is this product certain to be below 1/1000?

# %%
predict("vanish", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# After 5 layers, because $(1/4)^5 = 1/1024$. Four layers are not enough: $(1/4)^4 = 1/256$.
#
# </details>

# %% [markdown] tags=["row-15"]
# ## Twenty layers
#
# The weights multiply the gradient as well, so let us measure what happens in a network. This one has 20
# dense layers of 100 units. We send 50 random inputs forward and a random gradient backward. The weights
# are random, with the usual variance for each function, $1/100$ for sigmoid and tanh (Glorot
# and Bengio, 2010) and $2/100$ for ReLU (He and others, 2015).

# %%
norms = {name: gradient_norms(name, 0.01) for name in ("sigmoid", "tanh")}
norms["ReLU"] = gradient_norms("ReLU", 0.02)
draw.gradients(norms)

# %% [markdown]
# With ReLU, the first layer gets about as much as the last (with other random weights, from half as much to 1.6 times
# as much). With tanh, it gets [19%]{= f"{norms['tanh'][0] / norms['tanh'][-1]:.0%}" } of it. With the sigmoid the
# factor is about $10^{[-12]{= round(np.log10(norms['sigmoid'][0] / norms['sigmoid'][-1])) }}$. This is the
# [**vanishing gradient**](glossary.md#vanishing-gradient): a step of plain gradient descent hardly changes the first
# layers. So deep networks no longer use the sigmoid between layers. Tanh, with well-scaled weights, survives 20
# layers. ReLU is preferred because it does not saturate for large $z$, and because it needs no exponential function.

# %% [markdown] tags=["row-15"]
# ## Dead units
#
# ReLU has a weakness of its own. Take a single unit $a = \text{ReLU}(wx + b)$ with the inputs
# $x = 1, 2, 3, 4, 5$, which should learn to output half of its input. The loss is the mean squared error,
# and we start at $w = 1$, $b = 0$. The gradient is $dw = 11$, $db = 3$. A reasonable learning rate is 0.02,
# but suppose that the first step is ten times too large, 0.2:
#
# $$w = 1 - 0.2 \cdot 11 = -1.2, \qquad b = 0 - 0.2 \cdot 3 = -0.6.$$
#
# Now $z = -1.2x - 0.6$ is negative for all five inputs, and the unit outputs 0.
#
# **Predict.** We go on with the learning rate 0.02. What is $w$ after 100 more steps?

# %%
predict("stuck", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $w$ stays at [-1.2]{= f"{weights(0, 0.2)[-1]:.1f}" } forever. The derivative is 0 for every example, so the
# gradient is 0.
#
# </details>
#
# Such a unit is called [**dead**](glossary.md#dead-unit). As long as its inputs stay as they are, nothing
# brings it back. Do not confuse it with a unit that is only silent for some inputs. Most activations of a good
# filter are 0, because its pattern is absent at most positions. A unit is dead if it is 0 for *every* example.

# %% [markdown] tags=["row-15"]
# ## Leaky ReLU
#
# [**Leaky ReLU**](glossary.md#leaky-relu) keeps a small multiple of $z$ on the negative side:
#
# $$\text{leaky ReLU}(z) = \begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}
# \qquad \text{with a small factor } \alpha \text{, such as } 0.01$$

# %%
runs = {
    "ReLU, all steps with 0.02": weights(0, 0.02),
    "leaky ReLU, α = 0.1, first step 0.2": weights(0.1, 0.2),
    "leaky ReLU, α = 0.01, first step 0.2": weights(0.01, 0.2),
    "ReLU, first step 0.2": weights(0, 0.2),
}
draw.unit(runs)

# %% [markdown]
# With $\alpha = 0.1$, the unit recovers within 60 steps. With $\alpha = 0.01$, the weight has only reached
# [-0.97]{= f"{weights(0.01, 0.2)[-1]:.2f}" } after 100. The price is that activations are no longer exactly 0 where
# a pattern is absent.

# %% [markdown] tags=["row-15"]
# ## Choosing an activation function
#
# | function | values | derivative | where you meet it |
# |---|---|---|---|
# | ReLU | 0 and above | 0 or 1 | between layers; the default |
# | leaky ReLU | all | $\alpha$ or 1 | if many units die |
# | GELU, SiLU | at least $-0.17$, $-0.28$ | from $-0.13$ to 1.13 | transformers, efficient networks |
# | tanh | $-1$ to 1 | at most 1 | recurrent networks; a scaled tanh in LeNet (1998) |
# | sigmoid | 0 to 1 | at most 1/4 | gates, and outputs that are probabilities |
#
# Start with ReLU, and change it only if you have a reason. The output layer is a special case. Its function
# depends on the loss, the topic of [Losses](12_losses.ipynb).

# %% [markdown] tags=["row-15"]
# ## Activation functions in Keras, TensorFlow and PyTorch
#
# In Keras, the activation is an argument of a layer, or a layer of its own. In TensorFlow it is a function. If a deep network with ReLU does
# not begin to learn, ask for He's variance of the weights, as the first layer below does. (It is not the default.
# Keras starts with `"glorot_uniform"`, and PyTorch with a variance of only $1/(3n)$ for $n$ inputs. For sigmoid and
# tanh, the names are `"glorot_normal"` and `nn.init.xavier_normal_`.)

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, activation="relu", kernel_initializer="he_normal"),
        layers.Conv2D(8, 3),
        layers.Activation("silu"),
    ]
)
print(model(training_sets[0][0][:5]).shape)
print(tf.nn.relu([-1.0, 2.0]).numpy())

# %% [markdown]
# In PyTorch it is a layer, `nn.ReLU()`, or a function, `F.relu`, that you call in the `forward` of your own module.

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F

block = nn.Sequential(nn.Conv2d(1, 8, kernel_size=3), nn.ReLU())
nn.init.kaiming_normal_(block[0].weight, nonlinearity="relu")
images = torch.randn(5, 1, 8, 8)
torch.testing.assert_close(block(images), F.relu(block[0](images)))
print(block(images).shape)

# %% [markdown]
# In many models you will meet `nn.ReLU(inplace=True)`. It overwrites its input to save memory, so do not use the
# input afterward.
#
# Beware of the default $\alpha$ of leaky ReLU. It is 0.3 in Keras' layer, 0.2 in
# `keras.activations.leaky_relu` and TensorFlow, and 0.01 in PyTorch. When you port a network from one library to
# another, set it explicitly (`negative_slope` in Keras and PyTorch, `alpha` in TensorFlow).

# %% [markdown]
# ## Digits in black and white
#
# What is a nonlinearity worth for digits? They are white on black, all of them, and a weighted sum of 8 x 8 pixels is
# enough for most. Now replace about half of the images with their negatives, black on white, in the training sets and
# in the test set. You can read them as easily as before. Which competitor will suffer more, the linear classifier or
# the network with ReLU? Guess before you run the cell.

# %%
data = digits()
halves = [(data.train_images[i::2], data.train_labels[i::2]) for i in (0, 1)]
mixed = [(inverted(images, seed), labels) for seed, (images, labels) in enumerate(halves)]
mixed_test = inverted(data.test_images, seed=2), data.test_labels
two = ["linear classifier", "ReLU"]
_, on_digits = compete(accuracy, two, RATES, halves, (data.test_images, data.test_labels))
_, on_mixed = compete(accuracy, two, RATES, mixed, mixed_test)
for name, accuracies in (("as they are", on_digits), ("mixed", on_mixed)):
    print(
        f"{name:12}", {arm: round(float(np.mean(values)), 2) for arm, values in accuracies.items()}
    )

# %% [markdown]
# The linear classifier falls from [0.89]{= f"{np.mean(on_digits['linear classifier']):.2f}" } to
# [0.23]{= f"{np.mean(on_mixed['linear classifier']):.2f}" }, while the network with ReLU only falls from
# [0.91]{= f"{np.mean(on_digits['ReLU']):.2f}" } to [0.87]{= f"{np.mean(on_mixed['ReLU']):.2f}" }. You know why. In a
# negative, every score of a linear classifier moves to the other side of its value for plain gray. So what a
# nonlinearity is worth depends on the task, and real photographs show the same object in front of bright and dark
# backgrounds.

# %% [markdown]
# ## Further: why tanh fails
#
# *You can skip this section.* Tanh is not linear, and yet it does no better than a linear function. Here is an
# explanation. Because $\tanh(-z) = -\tanh(z)$, a network with tanh and biases of 0 gives opposite scores to an image
# and its negative, just as a linear network does. But the negative of a bright line is a dark line, and both should
# get the same answer. Only biases can change that, and training starts with all biases at 0. The sigmoid, a scaled
# and shifted tanh, starts with the same handicap: the score of the blank image is halfway again. But at the two
# larger rates some of its biases fall to about $-3$, and if they are kept at 0, it stays at 0.5 as well. The biases
# of tanh hardly move in twelve epochs, unless the rate is larger than those four: at 0.2 most runs learn the task,
# and at 0.3 all of ours did.
#
# Let us test this explanation. If it is right, tanh should learn the task when the biases of the convolution
# start at random values between $-1$ and 1. Nothing else changes.

# %%
tuning, again = compete(accuracy, ["tanh"], RATES, training_sets, test_set, spread=1)
print("tuning:", np.round(tuning["tanh"], 3).tolist())
print("test:  ", np.round(again["tanh"], 3).tolist())

# %% [markdown]
# It does: the mean is now [0.99]{= f"{np.mean(again['tanh']):.2f}" }, and the worst of the ten runs has
# [0.98]{= f"{np.min(again['tanh']):.2f}" }. So for this task, being nonlinear is not enough. The layer must also not
# turn opposite inputs into outputs that are opposite, or, for the sigmoid, equally far above and below 1/2. Tanh and
# the sigmoid need biases other than 0 for that, and ReLU needs none.

# %% [markdown]
# ## Further: GELU and SiLU
#
# *You can skip this section.* Many recent networks use relatives of ReLU without a kink.
# [**GELU**](glossary.md#gelu) is $z\,\Phi(z)$, where $\Phi$ is the cumulative distribution function of the
# normal distribution, and [**SiLU**](glossary.md#silu) (or *swish*) is $z\,\sigma(z)$.

# %%
draw.smooth()

# %% [markdown]
# Both dip below 0, SiLU to [-0.28]{= f"{activate('SiLU', np.linspace(-3, 0, 3001))[0].min():.2f}" } near $z = -1.3$,
# and return to 0 from below. So a unit whose $z$ is only slightly negative still passes some gradient, and can
# recover. To the left of the lowest point, however, the derivative is negative, and a step that should raise the
# output lowers $z$ further. The dead unit from above does not come back with SiLU or GELU: after 1,000 steps, its
# weight is -2.5 with SiLU and -1.5 with GELU. Far below 0, both are as flat as ReLU.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: by hand
#
# 1. A sigmoid unit outputs 0.9. What is the `derivative` of the sigmoid there?
# 2. A tanh unit outputs 0.6, and its $dA$ is 2. What is `dZ`?
# 3. A row of pixels goes through the kernel $(1, 0, -1)$ and then through the kernel $(1, 2, 1)$, with
#    nothing in between. Which single `kernel` of five weights does the same? Answer with a tuple.
# 4. A 3 x 3 convolution is followed by a 5 x 5 convolution, both with stride 1, and nothing in between. A
#    single convolution can replace them. What is its kernel `size`?

# %%
derivative = None
dZ = None
kernel = None
size = None
### BEGIN SOLUTION
derivative = 0.9 * (1 - 0.9)
dZ = 2 * (1 - 0.6**2)
kernel = (1, 2, 1 - 1, -2, -1)  # two paths lead from the middle input to the output
size = 5 + 3 - 1  # 5 neighboring patches of 3 rows cover 7 rows
### END SOLUTION

# %%
check("derivative", derivative)
check("dZ", dZ)
check("kernel", kernel)
check("size", size)

# %% [markdown]
# ### Exercise 2: six patients
#
# Six units of different networks come to your practice. The histograms show $z$ for 300 examples, and the
# red curve is the unit's activation function. Which units are
#
# - **D**: dead, since the derivative is 0 for all examples,
# - **S**: saturated for all examples,
# - **L**: practically linear for all examples,
# - **H**: healthy?
#
# Answer with six letters, such as `"HHHHHH"`, for A to F.

# %%
draw.sick_or_sound()

# %%
diagnosis = None
### BEGIN SOLUTION
diagnosis = "DHLSHL"
### END SOLUTION

# %%
check("diagnosis", diagnosis)

# %% [markdown]
# <details>
# <summary>What about C and F?</summary>
#
# Units C and F learn, and nothing looks wrong with their gradients. But for these examples, a layer full of
# them computes a linear function, so it collapses into its neighbor.
#
# </details>

# %% [markdown]
# ### Exercise 3: find the bug
#
# `Z` holds the values of a convolution layer before its ReLU, of shape $(m, n_H, n_W, n_C)$. For each
# channel, `is_dead_buggy` should say whether its ReLU is 0 everywhere in the whole batch. On the batch
# below, it calls both channels dead. Which of them is not? Fix the function.


# %%
def is_dead_buggy(Z):
    largest = Z.max(axis=(1, 2))  # for each example and channel
    return (largest <= 0).any(axis=0)


Z_batch = np.full((3, 2, 4, 2), -1.0)
Z_batch[0, 1, 2, 1] = 5
print(is_dead_buggy(Z_batch))


def is_dead(Z):
    result = None
    ### BEGIN SOLUTION
    result = Z.max(axis=(0, 1, 2)) <= 0
    ### END SOLUTION
    return result


# %%
check("is_dead", is_dead)

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **prove that linear layers are not enough:** for a linear filter, blank is halfway between a bright and
#    a dark line, and a stack of linear layers is one linear layer. Two ReLUs, which make $|z|$, repair it;
# 2. **compute the [activation functions](glossary.md#activation-function) and their
#    [derivatives](glossary.md#derivative):** $\max(z, 0)$ with 1 or 0, $\sigma(z)$ with
#    $\sigma(1 - \sigma)$, $\tanh(z)$ with $1 - \tanh^2$; and recognize units that do not learn,
#    [saturated](glossary.md#saturation) and [dead](glossary.md#dead-unit) ones;
# 3. **choose and measure:** ReLU between layers, unless you have a reason. It was worth everything for
#    lines, little for digits, and much for digits in black and white.

# %% [markdown]
# ## What to read next
#
# - Next is [Losses](12_losses.ipynb). The assignment
#   [Activations](../release/activations/activations.ipynb), after that lesson, makes ReLU and sigmoid yours.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 5.1:
#   [d2l.ai](https://d2l.ai/chapter_multilayer-perceptrons/mlp.html).
# - Nielsen, *Neural Networks and Deep Learning* (2015), chapter 4, a visual proof that sums of units can
#   compute any function: [neuralnetworksanddeeplearning.com](http://neuralnetworksanddeeplearning.com/chap4.html).
