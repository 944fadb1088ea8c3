# %% [markdown]
# # Receptive fields
#
# The network of [Output sizes](08_output_sizes.ipynb) has looked at a photograph. Run the next two cells to
# see how much of the photograph reaches a single value of a feature map, after one, three, four and five of
# the blocks. Begin on the left. After how many blocks do you know what is in the photograph?

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d, relu
from lesson_tools.explorables import explore_sizes
from lesson_tools.receptive_fields import figures as draw
from lesson_tools.receptive_fields.questions import check, predict

photo = load_sample_image("astronaut.jpg")
draw.glimpses(photo, center=(75, 132))

# %% [markdown]
# After one block it could be anything pink. After three there is a nose, after four a face, and after five a
# person. But is she an astronaut? You cannot tell, because the space suit lies outside.
#
# Neither can this value of the network, however long you train, because it cannot respond to pixels that it
# does not see. So before you collect more data or tune anything, ask whether your network can see the thing
# that it should recognize. The part of the image that a value sees is its
# [receptive field](glossary.md#receptive-field), and two numbers per layer are all it takes to compute it.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute the total stride and the receptive field of a network, and check them by an experiment;
# 2. say which pixels of a receptive field matter most;
# 3. follow shapes and parameters through a whole model, by hand and with a library, and say which zeros SAME
#    padding adds.
#
# **Time:** about 65 minutes, and 35 for the exercises. A good place for a break is before *A whole model*. The
# sections that begin with *Further* are optional and take another 10 minutes. **You need:**
# [Output sizes](08_output_sizes.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** A convolution with kernels of 5 x 5 is followed by 2 x 2 pooling, both without padding. What
# is the smallest image for which the output has one value? (If this was new, go back to
# [Output sizes](08_output_sizes.ipynb).)

# %%
predict("smallest", None)

# %% [markdown]
# **Predict.** An image of 29 rows goes through 2 x 2 pooling with stride 2. How many rows are left, and
# which row, counted from 0, is never read? Answer with `(rows, lost row)`.

# %%
predict("pooled", None)

# %% [markdown]
# ## Changing one pixel at a time
#
# Five blocks with random weights turn a square of 126 x 126 pixels into 2 x 2 positions with eight channels.
# Take the position in the upper left corner. Which pixels can have influenced its eight values? Treat each of
# the 15,876 pixels as a suspect. A pixel has an alibi if all eight values stay the same when we change it.

# %%
scene = photo[28:154, 85:211]
rng = np.random.default_rng(0)
filters = [rng.normal(0, 0.3, (3, 3, n_C_prev, 8)) for n_C_prev in (3, 8, 8, 8, 8)]
FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]  # kernel size, stride and padding of each layer


def values(image):
    """Return the eight values at the first position of the five blocks."""
    A = image[np.newaxis] / 255
    for W in filters:
        A = max_pool2d(relu(conv2d(A, W)), 2)
    return A[0, 0, 0]


def changed_at(row, column):
    """Return the scene with one pixel changed, a dark one to a bright one or vice versa."""
    image = scene.copy()
    image[row, column] = 255 - image[row, column]
    return image


# Try other pixels: change the row and the column.
print("alibi" if np.array_equal(values(changed_at(46, 60)), values(scene)) else "guilty")

# %% [markdown]
# **Predict.** Stay in row 46. What is the last column that is guilty? You can find it with the cell above by
# halving the number of suspects with every run, or you can use a number from the last lesson.

# %%
predict("last", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Column 93. The smallest image for which the five blocks return one value has columns 0 to 93, so the first
# value needs no others, even if there are more.
#
# </details>
#
# To be sure, try all the columns of this row:

# %%
answers = [values(changed_at(46, column)) for column in range(126)]
guilty = [column for column in range(126) if np.any(answers[column] != values(scene))]
print(len(guilty), "columns, from", guilty[0], "to", guilty[-1])

# %% [markdown]
# But this experiment proves something about one photograph only. Max pooling passes on the largest of four
# values, and a ReLU drops the negative ones, so a pixel may be silent today and decisive in the next image. We
# need an argument that does not depend on the image.

# %% [markdown]
# ## A single 1 at each position
#
# Height and width are independent, so one axis is enough. The function `pass_through` puts a single 1 at each
# position in turn and sends it through the layers. So that nothing can get lost, every weight is 1, and pooling
# adds up its values instead of taking the largest. Every output then counts **paths**: `A[t, h]` is the number
# of ways from position `t` to output `h`. If it is 0, position `t` cannot influence this output, in any image
# and with any weights.


# %%
def pass_through(n, layers):
    A = np.eye(n)  # row t has a single 1, at position t
    for f, s, p in layers:
        A = np.pad(A, ((0, 0), (p, p)))
        A = np.lib.stride_tricks.sliding_window_view(A, f, axis=1)[:, ::s].sum(axis=-1)
    return A


draw.path_counts(pass_through(6, FIVE_BLOCKS[:2]))

# %% [markdown]
# This is one block, a convolution and a pooling layer. Output 0 sees the positions 0 to 3, and output 1 sees 2
# to 5. So every output sees 4 positions, and its neighbor sees as many, 2 positions further on. These two
# numbers describe the whole table.

# %% [markdown] tags=["row-12"]
# ## Total stride and receptive field
#
# The [**total stride**](glossary.md#total-stride) $S$ is the product of the strides,
# $S_l = s_1 s_2 \cdots s_l$. Neighbors in layer $l$ see parts of the image that lie $S_l$ pixels apart.
#
# Let $R$ be the size of the receptive field along one axis. Layer $l$ combines $f_l$ neighbors of the previous
# layer. The first of them sees $R_{l-1}$ pixels. The last one sees just as many, but $(f_l - 1)\, S_{l-1}$
# pixels further on, so together they see
#
# $$R_l = R_{l-1} + (f_l - 1)\, S_{l-1}$$
#
# pixels. We start with $R_0 = S_0 = 1$, because a pixel sees itself. Look at the index of $S$: the stride of a
# layer does not change what this layer sees, only what the layers after it see.
#
# | the first block | $f$ | $s$ | $R$ | $S$ |
# |---|---|---|---|---|
# | image | | | 1 | 1 |
# | convolution | 3 | 1 | $1 + 2 \cdot 1 = 3$ | 1 |
# | pooling | 2 | 2 | $3 + 1 \cdot 1 = 4$ | 2 |
#
# **Predict.** What are $R$ and $S$ after **two** blocks? Answer with `(R, S)`.

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (10, 4). The second convolution meets neighbors that lie 2 pixels apart, so it adds $2 \cdot 2$ to the 4
# pixels of the first block, and the second pooling layer adds $1 \cdot 2$. Two layers have stride 2.
#
# </details>
#
# Compare with the experiment. Count the positions in each row that are not empty, and see how far apart the
# rows begin.

# %%
draw.path_counts(pass_through(22, FIVE_BLOCKS[:4]))

# %% [markdown]
# Padding changes neither $R$ nor $S$. It only moves the fields: with a padding of $p$ in layer $l$, all of them
# begin $p \cdot S_{l-1}$ pixels earlier, the first ones outside the image.

# %% [markdown] tags=["row-12"]
# ## A stack is one large layer
#
# In [Output sizes](08_output_sizes.ipynb), you found 94 and 126 by walking backward through ten layers. With
# $R$ and $S$ you can skip the walk. In a network without padding, output $h$ sees the pixels $hS$ to
# $hS + R - 1$, and it exists if the last of them does. But this is exactly how a *single* layer behaves.
#
# **A stack of layers without padding has the output size of one layer with kernel size $R$ and stride $S$:**
#
# $$n_{out} = \left\lfloor \frac{n - R}{S} \right\rfloor + 1$$
#
# For the five blocks, $R = 94$ and $S = 32$. So 93 pixels are too few, and a second value appears as soon as
# there are 94 + 32 = 126.
#
# **Predict.** How many values do the five blocks return along one axis of an image of 224 x 224?

# %%
predict("large", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $\lfloor (224 - 94)/32 \rfloor + 1 =$ [5]{= pass_through(224, FIVE_BLOCKS).shape[1] }. From 224 to 5: that was
# the last round of the game.
#
# </details>
#
# <details>
# <summary>Proof, for two layers</summary>
#
# The second layer receives $\lfloor (n - f_1)/s_1 \rfloor + 1$ values, so
#
# $$n_{out} = \left\lfloor \frac{\lfloor (n - f_1)/s_1 \rfloor + 1 - f_2}{s_2} \right\rfloor + 1
# = \left\lfloor \frac{n - f_1 + s_1 - f_2 s_1}{s_1 s_2} \right\rfloor + 1.$$
#
# The second step uses that rounding down twice, before and after the division by the integer $s_2$, gives
# the same as rounding down once. As $f_1 + (f_2 - 1)\, s_1 = R_2$ and $s_1 s_2 = S_2$, this is the formula
# for one layer. Further layers are added in the same way.
#
# </details>

# %% [markdown]
# ## Not every pixel counts equally
#
# The paths also show how *strongly* a pixel can influence an output. In the figure of two blocks, the first
# pixel of a field reaches its output along a single path, and the fifth one along six.
#
# **Predict.** Two 3 x 3 convolutions with stride 1, one after the other, see five pixels along an axis. How
# many paths are there from each of them to the output? Answer with a list of five numbers.

# %%
predict("paths", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[1, 2, 3, 2, 1]`. There are three values between the layers, and each of them has one path to the output.
# The pixel in the middle is in the windows of all three, but a pixel at the end is in only one.
#
# </details>

# %%
print(pass_through(5, 2 * [(3, 1, 0)])[:, 0])
draw.bells(pass_through(126, FIVE_BLOCKS))

# %% [markdown]
# It is like throwing dice. In each layer a path goes one step to the left, straight on or to the right. It ends
# at the outermost pixel only if it goes the same way every time, and you rarely throw nothing but ones. So the
# paths pile up in the middle, in a bell-shaped curve. How wide is the part that contains 90% of them?

# %%
for number in (4, 16, 64):
    R = 2 * number + 1
    paths = pass_through(R, number * [(3, 1, 0)])[:, 0]
    print(f"{number} layers of 3 x 3: R = {R}, 90% of the paths in the middle {draw.width(paths)}")

# %% [markdown]
# $R$ grows in proportion to the number of layers, but the middle only like its square root: with sixteen times
# as many layers, $R$ rises from 9 to [129]{= 2 * 64 + 1 }, the middle only from
# [7]{= draw.width(pass_through(9, 4 * [(3, 1, 0)])[:, 0]) } to
# [23]{= draw.width(pass_through(129, 64 * [(3, 1, 0)])[:, 0]) }. Strides and pooling are a faster way to large
# receptive fields, because they make every later step larger.

# %% [markdown]
# ## The effective receptive field of a trained network
#
# So far, all weights were equal. Does a trained network make more use of the outer pixels? We ask the network
# that draws edges, the one with the seven operations. Its first two blocks come with the course, and their $R$
# is 14.
#
# The method is that of the first experiment, except that we measure *how much* the values change. In twenty
# random patches of 14 x 14 we make one pixel at a time brighter by one gray level, and add up the changes of all
# 128 channels.

# %%
from convnet.edges import load_blocks, normalized

blocks = load_blocks().blocks


def scores(patches):
    """Return the 128 channels of block 2 at the only position of each patch of 14 x 14 pixels."""
    A = patches
    for number, block in enumerate(blocks):
        if number > 0:
            A = max_pool2d(A, 2)
        for W, b in block:
            A = relu(conv2d(A, W, b))
    return A[:, 0, 0]


pixels = normalized(photo)  # color values minus their means, as in the network's training
influence = np.zeros((14, 14))
for top, left in rng.integers(320 - 14, size=(20, 2)):
    patch = pixels[:, top : top + 14, left : left + 14]
    changed = np.repeat(patch, 14 * 14, axis=0)
    for t in range(14 * 14):
        changed[t, t // 14, t % 14] += 1
    change = np.abs(scores(changed) - scores(patch)).sum(axis=1)
    influence += change.reshape(14, 14) / change.sum()
draw.influence(influence)

# %% [markdown]
# On the left is our measurement. On the right is the same network after all five blocks, where a value sees 196
# x 196 pixels. (Trying all of them would take hours, so we measured them at once, with
# [backpropagation](13_backpropagation.ipynb), and stored the result:
# `python -m benchmarks.lessons.effective_fields`.)
#
# Both squares fade toward their edges. In block 2, 90% of the influence still takes
# [12]{= draw.width(influence) } of the 14 rows and columns, but in block 5, most pixels hardly matter. There a
# square in the middle, [120 to 130]{= draw.stored_widths('trained', 5) } pixels wide on six photographs,
# contains 90% of the influence. That is about
# [40%]{= f"{(draw.width(draw.stored_arrays('receptive_fields/effective_fields.npz')['trained_5'].astype(float)) / 196) ** 2:.0%}" }
# of the area. With random weights it is [132]{= draw.stored_widths('random', 5) } pixels wide, so training has
# not widened it here. Luo and others (2016), who named it the
# [**effective receptive field**](glossary.md#effective-receptive-field), found the same concentration in
# several architectures, but there the field did grow during training.
#
# So $R$ is a limit, not a promise. A network with $R = 94$ can see something that is 90 pixels wide, but its
# outline falls where hardly any path begins.

# %% [markdown] tags=["row-12"]
# ## A whole model: shapes and parameters
#
# Now put the last lessons together and read a whole model, as people do every day. Go from layer to layer,
# write down the output shape $(n_H, n_W, n_C)$, and count the parameters:
#
# - A **convolution** with $n_C$ filters has $(f_H f_W n_{C_{prev}} + 1)\, n_C$ parameters.
# - **Pooling** keeps the channels and has no parameters. Its stride is the window size, unless you give another
#   one.
# - [**Flattening**](glossary.md#flattening) writes all values into one vector, without parameters.
# - A [**dense**](glossary.md#dense-layer) layer from $n$ inputs to $n'$ units has $(n + 1)\, n'$ parameters.
#
# The image has 128 x 128 pixels and three channels, and strides are (down, right). SAME at stride 2 halves and
# rounds up. The first row is filled in. Take a pencil for the rest.
#
# | | layer | output | parameters |
# |---|---|---|---|
# | 1 | convolution, 16 filters of 5 x 5, VALID, stride (2, 3) | 62 x 42 x 16 | $(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 1216$ |
# | 2 | max pooling 2 x 2 | | |
# | 3 | convolution, 16 filters of 7 x 7, SAME | | |
# | 4 | max pooling, windows of 2 x 4, stride (3, 2) | | |
# | 5 | convolution, 16 filters of 3 x 3, SAME, stride 2 | | |
# | 6 | flatten, then dense with 16 units | | |
# | 7 | dense with 1 unit | | |
#
# **Predict.** What does layer 4 return? Answer with `(rows, columns, channels)`.

# %%
predict("model", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (10, 9, 16). Layer 1 returns $\lfloor 123/2 \rfloor + 1 = 62$ rows and $\lfloor 123/3 \rfloor + 1 = 42$
# columns, layer 2 halves them to 31 x 21, and layer 3 keeps them. Then $\lfloor 29/3 \rfloor + 1 = 10$ and
# $\lfloor 17/2 \rfloor + 1 = 9$. Pooling keeps the 16 channels. (Stride 3 with windows of 2 rows skips every
# third row. That is good for an exercise in counting, and bad for a network.)
#
# </details>
#
# Did you count all parameters, too? Then let a library check them.

# %% [markdown]
# ## The model in Keras
#
# In Keras, `model.summary()` prints the table that you have just filled in. It is the first thing to look at in
# a model that someone gives you.

# %% needs="tensorflow keras"
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input((128, 128, 3)),
        layers.Conv2D(16, 5, strides=(2, 3), activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 7, padding="same", activation="relu"),
        layers.MaxPooling2D((2, 4), strides=(3, 2)),
        layers.Conv2D(16, 3, padding="same", strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
model.summary()

# %% [markdown]
# ## The model in PyTorch
#
# In PyTorch, each layer needs its number of input channels, and the first dense layer its 400 inputs.
# (`nn.LazyConv2d` and `nn.LazyLinear` infer them from the first batch.) For a table, most people call
# `torchinfo.summary` from the package *torchinfo*. Here we print the shapes ourselves. PyTorch has no SAME
# padding for strides above 1, so the zeros of layer 5 come from a separate layer, which you will be able to
# check in a few minutes.

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential(
    nn.Conv2d(3, 16, 5, stride=(2, 3)),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 7, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d((2, 4), stride=(3, 2)),
    nn.ZeroPad2d((1, 1, 0, 1)),  # left, right, top, bottom
    nn.Conv2d(16, 16, 3, stride=2),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(400, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
print(sum(p.numel() for p in model.parameters()), "parameters")
x = torch.zeros(1, 3, 128, 128)  # channels first
for layer in model:
    x = layer(x)
    print(f"{type(layer).__name__:<10}", tuple(x.shape))

# %% [markdown]
# What happens if you give the same model a smaller image?

# %% needs="torch"
try:
    model(torch.zeros(1, 3, 64, 64))
except RuntimeError as error:
    print(error)

# %% [markdown]
# You will meet this error often. On 64 x 64 pixels all convolutions fit, but the dense layer expects 400 values
# and receives 2 x 2 x 16 = [64]{= ((5 + 1 - 3) // 2 + 1) * ((4 + 2 - 3) // 2 + 1) * 16 }. So when you read
# `mat1 and mat2 shapes cannot be multiplied`, look at the layer before the first dense one, and at the image
# size.

# %% [markdown] tags=["row-12"]
# ## SAME padding for even kernels
#
# A network was trained in Keras and moved to PyTorch. All shapes agree, and so do all weights, down to the last
# digit. There is no error, and yet the predictions differ. Some layer must be looking at the wrong pixels, and
# the suspect is the padding.
#
# SAME padding at stride 1 adds $f - 1$ zeros in all ([Padding](04_padding.ipynb)). If $f$ is even, this number
# is odd. Then Keras, TensorFlow and PyTorch all put the extra zero **at the end**, at the bottom or on the
# right.
#
# **Predict.** A kernel of 3 rows and 4 columns moves over an image of 7 x 7. How many zeros does SAME padding
# add? Answer with `(top, bottom, left, right)`.

# %%
predict("sides", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (1, 1, 1, 2). The 3 rows of the kernel need 2 zeros, one on each side. The 4 columns need 3, and the extra
# one goes to the right.
#
# </details>

# %%
image = np.random.default_rng(3).integers(1, 10, size=(7, 7))
draw.even_kernel(image, 3, 4)

# %% [markdown]
# With the total $P$ in place of $2p$, the output has $7 + 2 - 3 + 1 =$ [7]{= 7 + 2 - 3 + 1 } rows and
# $7 + 3 - 4 + 1 =$ [7]{= 7 + 3 - 4 + 1 } columns. At stride 1, then, all three libraries agree, and so far the
# suspect has an alibi.

# %% [markdown] tags=["row-12"]
# ## SAME padding at stride 2
#
# At stride 2 the output is smaller than the input, so "same" cannot be meant literally. Keras and TensorFlow
# fix the output size, $n_{out} = \lceil n/s \rceil$, and add just enough zeros to reach it. Since the last
# window starts at $(n_{out} - 1)\, s$ and needs $f$ entries from there, the total is
#
# $$P = \max\bigl((n_{out} - 1)\, s + f - n,\; 0\bigr)$$
#
# For the strip 3, 1, 4, 1, 5, 9 with $f = 3$ and $s = 2$ this gives $n_{out} = 3$ and $P = 4 + 3 - 6 = 1$. The
# single zero goes to the end, so with a kernel of ones the sums are 8, 10 and 14.
#
# PyTorch has no SAME padding here, so people use `padding=1`, which adds one zero on **each** side. The output
# size is $\lfloor (6 + 2 - 3)/2 \rfloor + 1 = 3$, as before.
#
# **Predict.** Which three sums does `padding=1` give? Answer with a tuple.

# %%
predict("ported", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# (4, 6, 15). The windows are 0, 3, 1 and 1, 4, 1 and 1, 5, 9. The zero at the end is never read.
#
# </details>

# %%
draw.two_paddings([3, 1, 4, 1, 5, 9])

# %% [markdown]
# **The shapes agree, but the values differ**, because every window begins one entry further to the left. Here
# are both libraries. The last line repairs the network in PyTorch: pad at the end, and then convolve without
# padding. (For images, this is `nn.ZeroPad2d((0, 1, 0, 1))`: left, right, top, bottom.)

# %% needs="tensorflow keras"
# One example, six positions, one channel.
x = np.array([[[3], [1], [4], [1], [5], [9]]], dtype="float32")
layer = layers.Conv1D(1, 3, strides=2, padding="same", kernel_initializer="ones")
print("SAME:", keras.ops.convert_to_numpy(layer(x))[0, :, 0])

# %% needs="torch"
import torch.nn.functional as F

x, W = torch.tensor([[[3.0, 1, 4, 1, 5, 9]]]), torch.ones(1, 1, 3)
print("padding=1:", F.conv1d(x, W, stride=2, padding=1))
print("padded at the end:", F.conv1d(F.pad(x, (0, 1)), W, stride=2))

# %% [markdown]
# A shift by one pixel sounds harmless, but a network has many layers, and the shifts add up.
#
# **Predict.** Three 3 x 3 convolutions with stride 2 follow each other, and their inputs have even sizes. With
# `padding=1` each of them begins one entry of *its input* earlier than with SAME. By how many pixels of the
# image are the receptive fields of the third layer shifted? Answer with one number.

# %%
predict("shift", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 7 pixels. An entry of the first layer's input is a pixel, an entry of the second one's stands for 2 pixels,
# and one of the third one's for 4. Each padding moves the fields by $p \cdot S_{l-1}$ pixels, so the shifts add
# up to $1 + 2 + 4$.
#
# </details>

# %%
draw.shifted_fields()

# %% [markdown]
# The fields have 15 pixels, so the network looks nearly half a field too far to the left. After five such
# layers, it would be [31]{= sum(2**k for k in range(5)) } pixels. Case closed: the same weights and the same
# shapes, but different pixels.
#
# The two kinds of padding agree where $P$ is 2, which for $f = 3$ and $s = 2$ means for odd $n$. Layer 5 of the
# whole model has an input of 10 x 9. So SAME adds $4 \cdot 2 + 3 - 10 = 1$ row, at the bottom, and
# $4 \cdot 2 + 3 - 9 = 2$ columns, one on each side, and this explains the `ZeroPad2d((1, 1, 0, 1))`. But the
# usual sizes, 224, 32 and 28, are all even, of course.

# %% [markdown]
# ## Further: what a model costs
#
# *This section and the next one are optional.* The number of parameters does not tell how long the whole model
# computes, or how much memory it needs. Each output value takes as many
# [**multiply-accumulates**](glossary.md#multiply-accumulate) (MACs) as its filter has weights, and 4 bytes.
# During training all output values stay in memory, because
# [backpropagation](13_backpropagation.ipynb) needs them again. (For a batch of 32, multiply the figure's bytes
# by 32. So when the memory is full, try a smaller batch first.)
#
# **Predict.** Which of the seven layers needs the most memory for its output?

# %%
predict("memory", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Layer 1. Nothing has been downsampled yet except by its own stride, so it returns
# $62 \cdot 42 \cdot 16 =$ [41,664]{= f"{62 * 42 * 16:,}" } values, four times as many as layers 2 and 3.
#
# </details>

# %%
outputs = np.array([np.prod(layer.shape) for layer in draw.MODEL])  # number of output values
weights = np.array([layer.weights for layer in draw.MODEL])  # of one filter or unit
macs = outputs * weights
memory = 4 * outputs  # in bytes
draw.costs(macs, memory)

# %% [markdown]
# The columns disagree. Layer 3, with its 7 x 7 kernels, does [72%]{= f"{macs[2] / macs.sum():.0%}" } of the
# [11]{= round(macs.sum() / 1e6) } million MACs. Layer 1 fills [65%]{= f"{memory[0] / memory.sum():.0%}" } of
# the memory, with only [5%]{= f"{draw.PARAMETERS[0] / sum(draw.PARAMETERS):.0%}" } of the
# [22,529]{= f"{sum(draw.PARAMETERS):,}" } parameters. And layer 6, dense, holds
# [28%]{= f"{draw.PARAMETERS[5] / sum(draw.PARAMETERS):.0%}" } of the parameters but does less than
# [0.1%]{= f"{np.ceil(1000 * macs[5] / macs.sum()) / 10}%" } of the work, because it uses each weight once,
# while a convolution uses it at every position. So before you make a network smaller, ask what should become
# smaller. [Architectures](18_architectures.ipynb) asks the same of LeNet and VGG-16.
#
# PyTorch can count the work in any code that you run inside a `with` block. It counts floating-point operations
# (FLOPs), and a MAC is two of them, a multiplication and an addition.

# %% needs="torch"
from torch.utils.flop_counter import FlopCounterMode

with FlopCounterMode(display=False) as counter:
    model(torch.zeros(1, 3, 128, 128))
print(f"{counter.get_total_flops() / 2:,.0f} MACs; ours: {macs.sum():,}")

# %% [markdown]
# ## Further: dilation
#
# Strides increase the receptive field, but they cost resolution. [**Dilation**](glossary.md#dilation) increases
# it without a stride. With dilation $d$, neighboring weights of a kernel lie $d$ pixels apart, as if there were
# zeros between them, so that the kernel covers
#
# $$f_d = d\,(f - 1) + 1$$
#
# pixels. This $f_d$ replaces $f$ in the formulas for sizes and receptive fields, but the number of weights stays
# $f^2$. The argument is called `dilation_rate` in Keras and `dilation` in PyTorch.

# %%
# Which pixels does one window read with dilation 2? Is the middle pixel read more often than others?
explore_sizes(7, 7, f=3, dilation=2)

# %% [markdown]
# The middle pixel is in a single window. Windows at even positions read even rows only, windows at odd
# positions read odd rows, and the two kinds never meet. That is why networks mix different dilations.
#
# Three 3 x 3 layers with the dilations 1, 2 and 4 see $1 + 2 + 4 + 8 =$
# [15]{= np.count_nonzero(np.convolve(np.convolve([1, 1, 1], [1, 0, 1, 0, 1]), [1, 0, 0, 0, 1, 0, 0, 0, 1])) }
# pixels; without dilation it would be
# [7]{= np.count_nonzero(np.convolve(np.convolve([1, 1, 1], [1, 1, 1]), [1, 1, 1])) }.
#
# **Predict.** What is the receptive field with a fourth layer, of dilation 8?

# %%
predict("dilated", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $15 + 16 =$ [31]{= 15 + 8 * 2 }: the fourth kernel covers $8 \cdot 2 + 1 = 17$ entries, so it adds 16.
#
# </details>

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: sizes on paper
#
# 1. A color image of 32 x 32 passes through 16 filters of 3 x 5 with VALID padding, 2 x 2 max pooling, and
#    16 filters of 3 x 3 with SAME padding. What are the `shape` of the output, a tuple, and the number of
#    `parameters`?
# 2. How many rows of the image does a value of layer 5 see, in *A whole model*? Write `rows_seen`.
# 3. A strip of 12 entries, $f = 6$, $s = 3$, SAME padding. How many zeros come before and after it? Write
#    `zeros` as a tuple.

# %%
shape = None
parameters = None
rows_seen = None
zeros = None
### BEGIN SOLUTION
shape = (15, 14, 16)
parameters = (3 * 5 * 3 + 1) * 16 + (3 * 3 * 16 + 1) * 16
rows_seen = 59  # 5, then + 1 * 2 = 7, + 6 * 4 = 31, + 1 * 4 = 35, + 2 * 12 = 59
zeros = (1, 2)  # 4 output values need 3 * 3 + 6 = 15 entries, 3 more than there are
### END SOLUTION

# %%
check("shape", shape)
check("parameters", parameters)
check("rows_seen", rows_seen)
check("zeros", zeros)

# %% [markdown]
# ### Exercise 2: design a network
#
# Faces in your photographs are up to 64 pixels wide. Design a network for images of 128 x 128 whose values
# can see a whole face:
#
# - all kernels have size 3, and there are at most ten layers;
# - the output has size 32 along each axis;
# - the receptive field is at least 64, and every pixel of the image is read.
#
# Write it as a list of layers `(f, s, p)`. Any network with these properties is right.

# %%
design = None
### BEGIN SOLUTION
design = [*2 * [(3, 2, 1)], *8 * [(3, 1, 1)]]  # R = 3, 7, and then 8 more with each layer: 71
### END SOLUTION

# %%
check("design", design)

# %% [markdown]
# Since pixels in the middle matter most, a careful designer would ask for more than 64. A further layer adds 8
# pixels at the end, but only 2 at the beginning.

# %% [markdown]
# ### Exercise 3: find the bug
#
# `layer_buggy` should compute what a Keras layer with a 3 x 3 kernel, `padding="same"` and stride 2 computes. On
# the test image of 7 x 7 it does, but on photographs of 224 x 224 it does not. Find out why, and write
# `layer_fixed` for a matrix of any size. (`slide` moves the kernel, without padding; it is right.)


# %%
def slide(padded):
    W = np.arange(1, 10).reshape(3, 3, 1, 1)
    return conv2d(padded[None, :, :, None], W, stride=2)[0, :, :, 0]


def layer_buggy(X):
    return slide(np.pad(X, 1))


def layer_fixed(X):
    result = None
    ### BEGIN SOLUTION
    top, left = X.shape[0] % 2, X.shape[1] % 2  # P is 2 for odd sizes, and 1 for even ones
    result = slide(np.pad(X, ((top, 1), (left, 1))))
    ### END SOLUTION
    return result


# %%
check("layer_fixed", layer_fixed)

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# There is no check for these questions. Predict first, and then change the next cell.
#
# 1. ... each of the five blocks pools first, and convolves afterwards?
# 2. ... each block becomes a single 3 x 3 convolution with stride 2?
# 3. ... the whole model gets images of 256 x 256? What happens to its parameters, and to the receptive field of
#    layer 5?

# %%
changed_blocks = 5 * [(2, 2, 0), (3, 1, 0)]
A = pass_through(224, changed_blocks)
print("R:", np.count_nonzero(A[:, 0]), "  S:", np.flatnonzero(A[:, 1])[0])

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. $S$ stays 32, but every convolution now meets neighbors twice as far apart:
#    $R =$ [156]{= int(np.count_nonzero(pass_through(156, 5 * [(2, 2, 0), (3, 1, 0)])[:, 0])) }, so the
#    smallest image has 156 pixels.
# 2. $R =$ [63]{= int(np.count_nonzero(pass_through(63, 5 * [(3, 2, 0)])[:, 0])) } and $S = 32$. The network
#    downsamples as much as before with half as many layers, but it sees less.
# 3. Neither the parameters of the convolutions nor their receptive fields change, so a value now sees a smaller
#    part of the object. Only layer 6 needs new weights, because its input grows from 400 values to
#    $11 \cdot 10 \cdot 16 =$
#    [1,760]{= f'{16 * np.prod([pass_through(256, [(5, s, 0), (2, 2, 0), (7, 1, 3), pool, (3, 2, 1)]).shape[1] for s, pool in ((2, (2, 3, 0)), (3, (4, 2, 0)))]):,}' }.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute the total stride $S = s_1 s_2 \cdots$ and the receptive field
#    $R_l = R_{l-1} + (f_l - 1)\, S_{l-1}$, and check them by counting paths. Without padding, a network has the
#    output size of one layer with kernel size $R$ and stride $S$;
# 2. say which pixels matter most, those in the middle;
# 3. follow shapes and parameters through a model, and read them in `model.summary()`. SAME padding adds
#    $P = \max((n_{out} - 1)\, s + f - n,\, 0)$ zeros, where $n_{out} = \lceil n/s \rceil$. If $P$ is odd, the
#    extra zero goes to the end.
#
# | term in this course | you may also read |
# |---|---|
# | [**total stride**](glossary.md#total-stride) $S$ | output stride, effective stride, jump |
# | [**receptive field**](glossary.md#receptive-field) $R$ | field of view |
# | [**effective receptive field**](glossary.md#effective-receptive-field) | ERF |
# | [**dilation**](glossary.md#dilation) | atrous convolution |

# %% [markdown]
# ## What to read next
#
# - Next is [Pooling](10_pooling.ipynb). [What filters see](26_what_filters_see.ipynb) draws the receptive fields of
#   a trained network on a photograph.
# - To practice this lesson and the last one: the assignment
#   [Arithmetic](../release/arithmetic/arithmetic.ipynb).
# - Araujo, Norris and Sim, *Computing Receptive Fields of Convolutional Neural Networks* (Distill, 2019),
#   with interactive figures: [distill.pub](https://distill.pub/2019/computing-receptive-fields/).
# - Luo, Li, Urtasun and Zemel, *Understanding the Effective Receptive Field in Deep Convolutional Neural
#   Networks* (NeurIPS 2016): [arXiv:1701.04128](https://arxiv.org/abs/1701.04128).
# - Yu and Koltun, *Multi-Scale Context Aggregation by Dilated Convolutions* (2016):
#   [arXiv:1511.07122](https://arxiv.org/abs/1511.07122).
