# %% [markdown]
# # From dense to convolutional layers
#
# Run the next two cells, and find the plus in each image, beside a diagonal cross and in a lot of noise. A layer that
# was trained with images like those on the left found nearly every plus in new images of this kind. Then it got
# images like those on the right, and found none at all. Yet it is the same plus, only further to the right. **What
# had the layer learned?**

# %% include="lesson_setup"

# %%
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.why_convolution import figures as draw
from lesson_tools.why_convolution.pluses import BOXES, pluses
from lesson_tools.why_convolution.questions import check, predict

LEFT, RIGHT, ANYWHERE = range(1, 7), range(9, 15), range(1, 15)  # columns of the middles
images, labels = pluses(3200, LEFT, seed=0)
test_images, test_labels = pluses(1000, RIGHT, seed=100)
draw.examples(images, test_images)

# %% [markdown]
# <details>
# <summary>Where are they?</summary>
#
# The middles of the pluses are, as (row, column) and from top to bottom, at
# [(4, 4)]{= divmod(int(labels[0]), 16) }, [(6, 5)]{= divmod(int(labels[1]), 16) }, [(2, 6)]{= divmod(int(labels[2]), 16) }
# in the training images, and at
# [(6, 10)]{= divmod(int(test_labels[0]), 16) }, [(5, 10)]{= divmod(int(test_labels[1]), 16) }, [(2, 14)]{= divmod(int(test_labels[2]), 16) }
# in the test images.
#
# </details>
#
# You will look into that layer, and then state two demands that a layer for images should meet. Only one kind of
# linear layer meets both, and you know it already.
#
# **By the end of this lesson you will be able to**
#
# 1. derive weight sharing from the demand that a shifted image gives a shifted output;
# 2. count the weights of a dense, a shared and a local layer, and recognize their matrices;
# 3. test whether a layer treats all positions alike, and say when you would not want it to.
#
# **Time:** about 45 minutes, and 25 for the exercises. **You need:** [Padding](04_padding.ipynb), and how a
# kernel learns, from [Images and convolution](01_images_and_convolution.ipynb).

# %% [markdown]
# ## Two layers for one task
#
# The images have 8 x 16 pixels. Each of two layers turns an image into 8 x 16 scores, one for each pixel, and its
# guess is the pixel with the largest score.
#
# - In the [**dense layer**](glossary.md#dense-layer), every score is a weighted sum of all pixels, and each score, or
#   [**unit**](glossary.md#unit), has its own weights. ([**Flattening**](glossary.md#flattening) the image into a vector
#   comes first.)
# - In the **convolution**, every score is a weighted sum of the 3 x 3 pixels around its own pixel, and
#   all scores use the same weights. Padding with $p = 1$ keeps the size.
#
# **Predict.** How many weights does each of them have, without biases? Answer with a tuple,
# `(dense, convolution)`.

# %%
predict("weights", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The image has $8 \cdot 16 = 128$ pixels, and there are as many scores. So the dense layer has
# $128 \cdot 128 =$ [16,384]{= f'{128 * 128:,}' } weights, and the convolution has
# [9]{= 3 * 3 }.
#
# </details>

# %% [markdown]
# ## Trained on the left, tested on the right
#
# `train` is gradient descent, as in lesson 01: again and again, it changes every weight a little so that the score of
# the right position grows and the others fall. (Lessons 12 to 14 have the details.) We train each layer five times,
# with new images and new initial weights, and count the pluses that it finds in other images.

# %%
LAYERS = {
    "dense layer": lambda: [Flatten(), Dense(128)],
    "convolution": lambda: [Conv2D(1, 3, padding=1), Flatten()],
}


def fit(name, images, labels, seed=0):
    network = Network(LAYERS[name](), (8, 16, 1), seed)
    epochs = round(300 / np.ceil(len(images) / 32))  # about 300 steps with up to 32 images each
    settings = {"epochs": epochs, "optimizer": Adam(0.03), "progress": False}
    train(network, images, labels, seed=seed, **settings)
    return network


networks, found = {}, {name: [] for name in LAYERS}
for seed in range(5):
    images, labels = pluses(3200, LEFT, seed)
    new_images = [pluses(1000, columns, 100 + seed) for columns in (LEFT, RIGHT)]
    for name in LAYERS:
        networks[name] = fit(name, images, labels, seed)
        found[name].append([evaluate(networks[name], *half)[1] for half in new_images])

draw.accuracies(found)

# %% [markdown]
# On the left, both layers find nearly all pluses. On the right, the convolution is just as good. And the dense layer?
# In five runs, with [5,000]{= f"{1000 * len(found['dense layer']):,}" } test images in all, it finds
# [0]{= int(1000 * np.sum(found['dense layer'], axis=0)[1]) }. Neither other learning rates (as long as it still
# learns the left half), nor ten times as many steps, nor a second dense layer, which makes it a [**multilayer
# perceptron**](glossary.md#multilayer-perceptron), change that ([the
# details](../benchmarks/lessons/weight_sharing.md)).
#
# "Of course," you may say, "it never saw a plus on the right, so how could it know?" True. But the
# convolution never saw one either. It finds them because its nine weights have no idea where in the
# image they are.

# %% [markdown]
# ## Training with shifted copies
#
# So let us show the dense layer some pluses on the right. Training with modified copies of images is called
# [**data augmentation**](glossary.md#data-augmentation). Here, each copy is shifted so that its plus comes to a random
# position, and what leaves the image on one side comes back on the other.


# %%
def shifted_copies(images, labels, m, seed=0):
    rng = np.random.default_rng(seed)
    copies, positions = [], []
    for i in rng.integers(len(images), size=m):
        old_row, old_column = divmod(labels[i], 16)
        row, column = rng.integers(1, 7), rng.integers(1, 15)
        copies.append(np.roll(images[i], (row - old_row, column - old_column), axis=(0, 1)))
        positions.append(16 * row + column)
    return np.array(copies), np.array(positions)


augmented = fit("dense layer", *shifted_copies(images, labels, 9600))
accuracy_left, accuracy_right = (evaluate(augmented, *half)[1] for half in new_images)
print(f"pluses found on the left: {accuracy_left:.2f}, on the right: {accuracy_right:.2f}")

# %% [markdown]
# So a dense layer *can* find a plus anywhere, once it has seen pluses everywhere. But it takes thousands of copies to
# tell it what we knew from the start: a plus is a plus, wherever it is. Could a layer know this without any examples?

# %% [markdown]
# ## What the dense layer has learned
#
# Back to the layer that was trained on the left only. Each score has a weight for each pixel, so its weights form an
# image of 8 x 16 pixels. Two of the four scores below belong to pixels on the left, and two to pixels on the right.

# %%
W_dense = networks["dense layer"].layers[1].parameters["W"]  # (128 pixels, 128 scores)
V = W_dense.T.reshape(8, 16, 8, 16)  # V[h, w] holds the weights of the score at (h, w)
kernel = networks["convolution"].layers[0].parameters["W"][:, :, 0, 0]
draw.learned(V, kernel)

# %% [markdown]
# In the left half, the middle of a plus can be at [36]{= 6 * 6 } positions. At each of them the dense layer has
# learned a plus of its own, and only the images whose plus was at this very position could show it one. There are
# [129]{= np.bincount(labels)[np.unique(labels)].max() } such images for one of the positions, and only
# [40]{= np.bincount(labels)[np.unique(labels)].min() } for another. The convolution learned its one plus from all
# 3,200.
#
# The two scores on the right have no plus at all. They have only learned that they are never the right answer. Let us
# say precisely what we want instead.

# %% [markdown] tags=["row-11"]
# ## Every linear map from images to images
#
# We start with no assumption but linearity. In a linear map from an image $X$ to an image $Z$ of the
# same size, each output is a weighted sum of all pixels:
#
# $$Z_{h,w} = \sum_{y=0}^{n_H-1}\ \sum_{x=0}^{n_W-1} V_{h,w,y,x}\ X_{y,x}$$
#
# Here $(h, w)$ is the position of the output and $(y, x)$ the position of the pixel. For our dense layer, the weights
# $V$ form an array of shape `(8, 16, 8, 16)`. The convolution is of this kind, too, with a $V$ in which most weights
# are 0.
#
# How could you read $V$ off a layer without opening it? Show it an image that is black except for a single pixel of
# value 1 at $(y, x)$. In the double sum, only one term is left:
#
# $$Z_{h,w} = V_{h,w,y,x} \quad \text{for all } h \text{ and } w$$
#
# So the response to a single pixel shows all the weights that this pixel has, one for each output.

# %% [markdown] tags=["row-11"]
# ## First demand: a shift of the input shifts the output
#
# If the image is shifted by $u$ rows and $v$ columns, the output must be shifted by $u$ rows and $v$ columns, and not
# change otherwise, except where something enters or leaves at the border. A map with this property is called
# [**translation equivariant**](glossary.md#translation-equivariance).
#
# What does that mean for the weights? Take the single pixel at $(y, x)$. Its response at $(h, w)$ is
# $V_{h,w,y,x}$. Now move the pixel to $(y + u, x + v)$. The response must move along, so at
# $(h + u, w + v)$ we must find the same number:
#
# $$V_{h+u,\, w+v,\, y+u,\, x+v} = V_{h,w,y,x}$$
#
# This holds for **every** shift that stays inside the image. All weights whose pixel lies at the same
# offset from its output, $y - h$ rows further down and $x - w$ columns further to the right, are one
# and the same weight.

# %% [markdown]
# ## The convolution appears
#
# So the weight depends on the offset alone. Call the offset $(r, q)$ and the weight $W_{r,q}$, and put
# $y = h + r$ and $x = w + q$ into the sum:
#
# $$Z_{h,w} = \sum_{r}\ \sum_{q} W_{r,q}\ X_{h+r,\, w+q}$$
#
# You know this formula. It is the cross-correlation of lesson 01, with a kernel $W$ that slides over
# the image. We put in neither a kernel nor any sliding. We asked for a linear map that is
# equivariant, and [**parameter sharing**](glossary.md#parameter-sharing), also called weight sharing,
# followed.
#
# The same argument settles the biases. A black image remains black when it is shifted, so its
# output, which consists of the biases, must not change either. All biases are equal, and one is enough.

# %% [markdown]
# ## Try it with numbers
#
# **Predict.** A layer is linear and translation equivariant and has no bias. You show it a single pixel
# of value 1 at (2, 3). The output is 5 at (2, 3), $-2$ at (2, 4), and 0 elsewhere. Now you show it an
# image with two pixels that are not 0, a 3 at (4, 1) and a 1 at (4, 2). What is the output at (4, 2)?

# %%
predict("pixel", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The response to the 3 at (4, 1) is $3 \cdot 5$ at (4, 1) and $3 \cdot (-2)$ at (4, 2). The response to
# the 1 at (4, 2) is 5 at (4, 2) and $-2$ at (4, 3). Linear means that they add up, so the output at
# (4, 2) is $-6 + 5 =$ [-1]{= 3 * -2 + 1 * 5 }.
#
# </details>

# %% [markdown] tags=["row-11"]
# ## Second demand: only nearby pixels count
#
# The kernel that we have found is still huge. In images of 8 x 16 pixels, the offsets reach from $-7$ to 7 rows and
# from $-15$ to 15 columns, which makes $15 \cdot 31 =$ [465]{= 15 * 31 } weights.
#
# But what is at the left border says little about whether there is a plus near the right one. So we demand
# [**local connectivity**](glossary.md#local-connectivity), and set $W_{r,q}$ to 0 unless both offsets are
# small. With offsets from $-1$ to 1, a kernel of 3 x 3 weights remains. (Elsewhere in the course $r$ and $q$ start at 0
# in the kernel's upper left corner. That only renumbers the weights.)

# %% [markdown] tags=["row-11"]
# ## Counting weights at each stage
#
# If image and output are flattened into vectors, a linear map is a matrix, with a row for each output
# and a column for each pixel. This is what the two demands do to it:

# %%
draw.stages()

# %% [markdown]
# In the middle, equal weights line up along diagonals. A matrix with this property is a
# [**Toeplitz matrix**](glossary.md#toeplitz-matrix), and here each block, which connects one row of the
# output with one row of the image, is such a matrix. On the right, locality has removed most of the
# diagonals. So a convolution *is* a dense layer, in which most weights are 0 and the others repeat.
#
# | weights, for images of | 8 x 16 | 28 x 28 | 224 x 224 |
# |---|--:|--:|--:|
# | any linear map: $(n_H\, n_W)^2$ | [16,384]{= f'{(8 * 16) ** 2:,}' } | [614,656]{= f'{28**4:,}' } | [2,517,630,976]{= f'{224**4:,}' } |
# | 3 x 3 windows with padding, not shared: $9\, n_H\, n_W$ | [1,152]{= f'{9 * 8 * 16:,}' } | [7,056]{= f'{9 * 28**2:,}' } | [451,584]{= f'{9 * 224**2:,}' } |
# | shared, any offset: $(2 n_H - 1)(2 n_W - 1)$ | [465]{= 15 * 31 } | [3,025]{= f'{55**2:,}' } | [199,809]{= f'{447**2:,}' } |
# | shared, and 3 x 3 windows | [9]{= 3 * 3 } | 9 | 9 |
#
# Only the last number does not grow with the image, so a convolution trained on small images can be used on large
# ones.

# %% [markdown]
# ## Repair the dense layer
#
# One kernel is enough, and the dense layer that was trained on the left has learned 36 of them. So share its weights
# by hand: cut out the 3 x 3 weights around each of the 36 positions, take the mean, and use this kernel everywhere.

# %%
copies = [V[h, w, h - 1 : h + 2, w - 1 : w + 2] for h in range(1, 7) for w in LEFT]
repaired = Network(LAYERS["convolution"](), (8, 16, 1))
repaired.layers[0].parameters["W"][:, :, 0, 0] = np.mean(copies, axis=0)
for half, data in zip(("left", "right"), new_images, strict=True):
    before, after = (evaluate(network, *data)[1] for network in (networks["dense layer"], repaired))
    print(f"pluses found on the {half}: {before:.2f} as trained, {after:.2f} with shared weights")

# %% [markdown]
# Without any further training, and without a single shifted image, the layer finds pluses in the half where it never
# saw one. What it had learned was right all along, but tied to positions.

# %% [markdown]
# ## A test for equivariance, in PyTorch
#
# To test any layer, compare two orders: shift the image and apply the layer, or apply the layer and shift its
# output. In PyTorch, images have their channels before rows and columns. (Where PyTorch is missing, this cell is
# skipped.)

# %% needs="torch"
import torch
from torch import nn

torch.manual_seed(0)
torch_layers = {
    "Linear": nn.Sequential(nn.Flatten(), nn.Linear(128, 128), nn.Unflatten(1, (1, 8, 16))),
    "Conv2d, zero padding": nn.Conv2d(1, 1, kernel_size=3, padding=1),
    "Conv2d, circular": nn.Conv2d(1, 1, kernel_size=3, padding=1, padding_mode="circular"),
}
image = torch.randn(1, 1, 8, 16)
for name, layer in torch_layers.items():
    first, last = layer(image.roll(3, dims=3)), layer(image).roll(3, dims=3)
    same = torch.isclose(first, last, atol=1e-5)
    print(f"{name}: {same.float().mean():.0%} of the outputs agree")

# %% [markdown]
# With circular padding, what leaves the image on the right returns on the left, as it does in `roll`, and the
# convolution passes. With zero padding it fails in 4 of 16 columns, those where one of the two orders meets
# zeros. From these zeros, a network can even learn [where the border is](04_padding.ipynb).
#
# Equivariant does not mean *invariant*: when a cat moves, the response to its eye moves, too.
# [Pooling](10_pooling.ipynb) asks how a network can answer "cat" all the same. Nor did we demand anything for
# rotations or for smaller cats, which a network has to learn from examples.

# %% [markdown]
# ## When the assumption is wrong
#
# The two demands are an assumption about images that is built into the layer before it sees a single one, an
# [**inductive bias**](glossary.md#inductive-bias). To make it wrong, we shuffle the 128 pixels of all images,
# training and test, in the same random order. The label is now the new position of the plus's middle pixel.
#
# **Predict.** Which of the two layers can still be trained to find the plus, `"dense"`,
# `"convolution"`, `"both"` or `"neither"`?

# %%
order = np.random.default_rng(0).permutation(128)
predict("shuffled", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The dense layer. Put the rows of its weight matrix into the same order, and each pixel meets the same weights as
# before, so the scores do not change, as the next cell checks. (Its columns follow the labels, in the same way.) A
# dense layer does not know which pixels are neighbors. In a 3 x 3 window of shuffled pixels, however, there is rarely
# more than one pixel of the plus.
#
# </details>

# %%
image = images[0].reshape(128)
print("the same scores:", np.allclose(image @ W_dense, image[order] @ W_dense[order], atol=1e-5))

# %% [markdown]
# ## Ten images or ten thousand
#
# How much is a true assumption worth, and how much does a false one cost? The next cell takes a few seconds. It
# trains both layers with 10 to 10,000 images, in which the plus can now be anywhere.

# %%
new_position = np.argsort(order)


def shuffled(images, labels):
    return images.reshape(-1, 128)[:, order].reshape(images.shape), new_position[labels]


def fraction_found(arm, m, seed):
    training, test = pluses(m, ANYWHERE, seed), pluses(1000, ANYWHERE, seed=300)
    if "shifted" in arm:
        training = shifted_copies(*training, 9600, seed)
    if "shuffled" in arm:
        training, test = shuffled(*training), shuffled(*test)
    return evaluate(fit(arm.split(",")[0], *training, seed), *test)[1]


counts, curves = [10, 100, 1000, 10_000], {}
copied, mixed = "dense layer, shifted copies", "convolution, shuffled pixels"
for arm in ("dense layer", copied, "convolution", mixed):
    curves[arm] = [[fraction_found(arm, m, seed) for seed in range(5)] for m in counts]
draw.learning_curves(counts, curves)

# %% [markdown]
# With ten images, the convolution finds [94%]{= f"{100 * np.mean(curves['convolution'][0]):.0f}%" } of the pluses,
# about as many as with the plus itself as its kernel (95%). The dense layer finds
# [4%]{= f"{100 * np.mean(curves['dense layer'][0]):.0f}%" }. It has to see many pluses at each of the 84 positions.
# Trained by gradient descent, it therefore needs hundreds of times as many images, unless we also shift them. With
# shifted copies, it finds [65%]{= f"{100 * np.mean(curves[copied][0]):.0f}%" } after ten images and
# [94%]{= f"{100 * np.mean(curves[copied][1]):.0f}%" } after a hundred. What is not built into a layer can be put into
# its data, at the price of more training. (In the [benchmark](../benchmarks/lessons/weight_sharing.md), every layer
# is tuned. Then 2,000 images and their copies even give the dense layer a small lead. Without copies, but with a
# penalty on large weights, two hundred times as many images are enough to match the convolution.)
#
# On shuffled pixels the convolution stays near [0.1]{= f"{np.mean(curves[mixed]):.1f}" }, however many images it gets.
# By chance, it would find [0.01]{= f'{1 / 84:.2f}' }. So what has it learned? Ten pixels of an image are bright, five
# in the plus and five in the cross. In about one image of ten, the brightest should be the middle of the plus:

# %%
test_images, test_labels = pluses(1000, ANYWHERE, seed=300)
brightest = test_images.reshape(-1, 128).argmax(axis=1)
print(f"the brightest pixel is the middle of the plus: {np.mean(brightest == test_labels):.3f}")

# %% [markdown]
# Among shuffled neighbors, a kernel can do hardly better than look at its middle pixel. The dense layer does not
# notice the shuffling, so with many images it is far ahead. Few weights help only if what they assume is true.
#
# Real images are not shuffled, but positions can matter. In [aligned photographs of
# faces](https://openaccess.thecvf.com/content_cvpr_2014/html/Taigman_DeepFace_Closing_the_2014_CVPR_paper.html), the
# eyes are always in the same rows, and DeepFace (2014) had layers with local windows whose weights are *not* shared.
# With enough images, or strong augmentation, a network can also do with less of the assumption, as [vision
# transformers](29_after_2020.ipynb) show, which give up locality.

# %% [markdown]
# ## A dark plus
#
# Finally, something that looks easy. Half of the images, in training and in the test, are replaced by their
# negatives, so that half of the pluses are dark. Nothing is shuffled, and there are 3,200 images for training.
#
# **Predict.** What fraction of these pluses can a single kernel find at best?

# %%
predict("negatives", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# Half. In the negative of an image, all responses of a kernel change their sign, and the largest becomes the
# smallest. So a kernel that finds the plus in an image misses it in the negative. The bias does not help,
# because it adds the same number to all scores.
#
# </details>

# %%
LAYERS["four kernels"] = lambda: [Conv2D(4, 3, padding=1), ReLU(), Conv2D(1, 1), Flatten()]


def with_negatives(m, seed):
    images, labels = pluses(m, ANYWHERE, seed)
    return images * np.resize([-1, 1], (m, 1, 1, 1)), labels  # every other image


for name in ("convolution", "four kernels"):
    runs = [fit(name, *with_negatives(3200, seed), seed) for seed in range(5)]
    accuracies = [evaluate(network, *with_negatives(1000, seed=100))[1] for network in runs]
    print(f"{name}:", np.round(accuracies, 2))

# %% [markdown]
# The layer that needed no shifted images cannot find both bright and dark pluses. It stays well below one half,
# because in training they pull its nine weights in opposite directions, so that the weights stay near 0. A shared
# kernel looks everywhere, but only for one thing. In the second line, four kernels, followed by a `ReLU` and one more
# layer, find nearly every plus. How do four feature maps become one decision, and what is the `ReLU` for? The [next
# lesson](06_convolution_layer.ipynb) is about layers with many kernels.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: count
#
# Three layers turn an image of 3 x 3 pixels into four outputs: a dense layer; a layer in which each
# output sees one of the four 2 x 2 patches, with its own weights; and a convolution with a 2 x 2
# kernel, without padding. How many parameters do they have, **biases included**? Answer with a tuple,
# `(dense, local, shared)`.

# %%
n_parameters = None
### BEGIN SOLUTION
n_parameters = (4 * (9 + 1), 4 * (4 + 1), 4 + 1)
### END SOLUTION

# %%
check("counts", n_parameters)

# %% [markdown]
# ### Exercise 2: read the weights of a layer
#
# Write `weights_of(layer, n_H, n_W)`. It gets a function `layer`, a linear map from images of shape
# `(n_H, n_W)` to images of the same shape, and returns its weights as an array `V` of shape
# `(n_H, n_W, n_H, n_W)`. All you need is one pixel at a time.


# %%
def weights_of(layer, n_H, n_W):
    V = None
    ### BEGIN SOLUTION
    V = np.zeros((n_H, n_W, n_H, n_W))
    for y in range(n_H):
        for x in range(n_W):
            image = np.zeros((n_H, n_W))
            image[y, x] = 1
            V[:, :, y, x] = layer(image)
    ### END SOLUTION
    return V


# %%
check("weights_of", weights_of)

# %% [markdown]
# ### Exercise 3: six black boxes
#
# `BOXES` contains six linear maps, `BOXES["A"]` to `BOXES["F"]`, which turn an image into an image of
# the same size. Which of them are convolutions with a small kernel (at most 5 x 5)? The next cell draws
# the weight matrix of a box, once your `weights_of` works. Change the letter, or try the boxes on an
# image of your choice.

# %%
box = "A"
V_box = weights_of(BOXES[box], 4, 6)
if V_box is not None:
    display(draw.weight_matrix(V_box, f"box {box}"))

# %% [markdown]
# Answer with the letters of the convolutions, such as `"AC"`.

# %%
convolutions = None
### BEGIN SOLUTION
convolutions = "BE"
### END SOLUTION

# %%
letters = convolutions and sorted(filter(str.isalpha, "".join(convolutions).upper()))
check("convolutions", letters and "".join(letters))

# %% [markdown]
# <details>
# <summary>What the boxes do</summary>
#
# - A mirrors the image. A pixel on the left goes to the right, so the offset differs from column to column.
# - B blurs with a 3 x 3 kernel, a convolution.
# - C subtracts the mean of the image. The weights are shared, since they depend on the offset alone,
#   but every output uses every pixel.
# - D darkens the corners, as simple lenses do. It is local, but its weights depend on the position.
# - E moves the image two columns to the right, a convolution with a single 1 in its kernel.
# - F pixelates the image with blocks of 2 x 2. A shift by two pixels shifts the output by two pixels,
#   but a shift by one pixel changes it. Layers with stride 2 have the same weakness.
#
# </details>

# %% [markdown]
# ## Recap
#
# A linear layer with [translation equivariance](glossary.md#translation-equivariance) has one weight for each offset
# between pixel and output, which is [parameter sharing](glossary.md#parameter-sharing). With
# [local connectivity](glossary.md#local-connectivity) only the small offsets remain, and the layer is a convolution: a
# [dense layer](glossary.md#dense-layer) with $(n_H n_W)^2$ weights shrinks to $f^2$. This
# [inductive bias](glossary.md#inductive-bias) replaces training images where it is true, as shifted copies do, and
# does harm where it is false.

# %% [markdown]
# ## What to read next
#
# - Next is [The convolution layer](06_convolution_layer.ipynb), with several channels and several
#   filters, and three layers that turn a photograph into a drawing.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.1, has the same derivation, and mostly
#   says *translation invariance* for equivariance:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/why-conv.html).
# - LeCun and others, *Backpropagation Applied to Handwritten Zip Code Recognition*, Neural Computation 1
#   (1989): 300 shared weights for the 768 outputs of the first layer.
