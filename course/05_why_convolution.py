# %% [markdown]
# # From dense to convolutional layers
#
# The simplest layer that you could put on a photograph is a [dense layer](glossary.md#dense-layer), in
# which every output, or [unit](glossary.md#unit), has a weight for every input value. On a color
# photograph of 224 x 224 pixels, 1,000 units need [150,528,000]{= f'{224 * 224 * 3 * 1000:,}' } weights.
# That is expensive, but it is not the worst part. Each of these weights belongs to one position in the
# photograph, so what the layer learns about an edge in the upper left corner is of no use in the lower
# right corner. It would have to learn what an edge looks like [50,176]{= f'{224 * 224:,}' } times, once
# for each pixel.
#
# In this lesson you catch a dense layer doing just that. Then you state two demands that a sensible
# layer for images should meet, and they leave only one kind of layer. Nobody has to invent the
# convolution.
#
# **By the end of this lesson you will be able to**
#
# 1. derive weight sharing from the demand that a shifted image gives a shifted output;
# 2. count the weights of a dense, a shared and a local layer, and recognize their matrices;
# 3. test whether a layer treats all positions alike, and say when you would not want it to.
#
# **Time:** about 55 minutes, and 35 for the exercises. **You need:** [Padding](04_padding.ipynb), and how a
# kernel learns, from [Images and convolution](01_images_and_convolution.ipynb).

# %% include="lesson_setup"

# %%
from convnet.data import load_sample_image
from convnet.layers import Conv2D, Dense, Flatten
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.why_convolution import figures as draw
from lesson_tools.why_convolution.pluses import BOXES, pluses
from lesson_tools.why_convolution.questions import check, predict

# %% [markdown]
# ## Two questions about padding
#
# Both come from the [lesson before](04_padding.ipynb), and you will need the first answer soon. A
# 3 x 3 kernel slides over an image of 8 rows and 16 columns that is padded with $p = 1$ zeros on each
# side.
#
# - What is the shape of the output? Answer with a tuple, `(rows, columns)`.
# - When the middle of the kernel is on the corner pixel of the image, how many of its nine weights
#   lie on zeros?
#
# If you are stuck, answer with `"?"`.

# %%
predict("same", None)
predict("corner", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The output has $8 + 2 - 3 + 1 =$ [8]{= 8 + 2 - 3 + 1 } rows and [16]{= 16 + 2 - 3 + 1 } columns, as
# many as the image. On the corner pixel, four weights lie on pixels of the image and
# [5]{= 9 - 4 } on zeros. If this was new, go back to [Padding](04_padding.ipynb).
#
# </details>

# %% [markdown]
# ## Find the plus
#
# The next cell makes images of 8 x 16 pixels. Each contains a plus, a diagonal cross, and a lot of
# noise, and the task is to say where the middle of the plus is. In the images for training, both
# patterns are in the left half. In the images for the test, they are in the right half. Try it
# yourself before you read on.

# %%
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
# in the test images. The second test image is a hard one.
#
# </details>

# %% [markdown]
# ## Two layers try
#
# We give the task to two layers. Each turns the image into 8 x 16 scores, one for each pixel, and
# its guess is the pixel with the largest score.
#
# - In the [**dense layer**](glossary.md#dense-layer), every score is a weighted sum of all pixels, and
#   each score has its own weights. ([**Flattening**](glossary.md#flattening) the image into a vector
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
# Training works as in lesson 01, where a kernel learned Sobel's weights. `train` compares the scores
# with the right positions, changes every weight a little so that the right score grows, and repeats
# this for 300 steps. (Lessons 12 to 14 open the box.) We do it five times, with new images and new
# initial weights each time, and count how many pluses are found in images that were not used for
# training.

# %%
LAYERS = {
    "dense layer": lambda: [Flatten(), Dense(128)],
    "convolution": lambda: [Conv2D(1, 3, padding=1), Flatten()],
}


def fit(name, images, labels, seed=0, rate=0.03):
    network = Network(LAYERS[name](), (8, 16, 1), seed)
    epochs = round(300 / np.ceil(len(images) / 32))  # up to 32 images in each of the 300 steps
    optimizer = Adam(rate)
    train(network, images, labels, epochs=epochs, optimizer=optimizer, seed=seed, progress=False)
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
# On the left, both layers find nearly all pluses. On the right, the convolution is just as good. And
# the dense layer? In five runs, with [5,000]{= f"{1000 * len(found['dense layer']):,}" } test images in all, it finds
# [0]{= int(1000 * np.sum(found['dense layer'], axis=0)[1]) }.
#
# "Of course," you may say, "it never saw a plus on the right, so how could it know?" True. But the
# convolution never saw one either. It finds them because its nine weights have no idea where in the
# image they are.

# %% [markdown]
# ## Is the comparison fair?
#
# A learning rate that suits one layer could be bad for the other. So here is what each finds on the
# left, in new images, for several rates:

# %%
validation = pluses(1000, LEFT, seed=200)
for name in LAYERS:
    for rate in (0.003, 0.01, 0.03, 0.1):
        accuracy = evaluate(fit(name, images, labels, rate=rate), *validation)[1]
        print(f"{name}, learning rate {rate:<5}: {accuracy:.2f}")

# %% [markdown]
# The rate of 0.03 is good for both. Ten times as many steps change little, and on the right they do not
# help the dense layer at all. Nor does a second dense layer with ReLU between the two, a
# [**multilayer perceptron**](glossary.md#multilayer-perceptron) (MLP), which also finds none of the
# pluses there. (`PYTHONPATH=course python -m benchmarks.lessons.weight_sharing` repeats these longer runs.)

# %% [markdown]
# ## What the dense layer has learned
#
# The weights of each score can be drawn as an image of 8 x 16 pixels, since there is one for each
# pixel. Two of the four scores below belong to pixels on the left, and two to pixels on the right.

# %%
W_dense = networks["dense layer"].layers[1].parameters["W"]  # (128 pixels, 128 scores)
V = W_dense.T.reshape(8, 16, 8, 16)  # V[h, w] holds the weights of the score at (h, w)
kernel = networks["convolution"].layers[0].parameters["W"][:, :, 0, 0]
draw.learned(V, kernel)

# %% [markdown]
# In the left half, the middle of a plus can be at [36]{= 6 * 6 } positions, and at each of them the
# dense layer has learned a small image of the plus (the third rule of
# [Kernels](02_kernels.ipynb)), using only the images whose plus was at this very position. There are
# [129]{= np.bincount(labels)[np.unique(labels)].max() } such images for a corner, and only
# [40]{= np.bincount(labels)[np.unique(labels)].min() } for the middle, where a plus leaves little room for
# the cross. The convolution learned its one plus from all 3,200.
#
# In the weights of the two scores on the right, there is no plus at all. So it does not help the dense
# layer if we forbid all answers except the 36 positions on the right:

# %%
right = np.array([16 * h + w for h in range(1, 7) for w in RIGHT])
right_images, right_labels = new_images[1]
scores = networks["dense layer"].scores(right_images)
guesses = right[scores[:, right].argmax(axis=1)]
print(f"found: {np.mean(guesses == right_labels):.3f}, by pure chance: {1 / len(right):.3f}")

# %% [markdown]
# It finds [3%]{= f'{np.mean(guesses == right_labels):.0%}' }, as many as by guessing. Without this help it
# finds none, because it nearly always answers with a position on the left, as in training.
#
# A layer for images should not be like that. Let us say precisely what we want instead.

# %% [markdown] tags=["row-11"]
# ## Every linear map from images to images
#
# We start with no assumption but linearity. In a linear map from an image $X$ to an image $Z$ of the
# same size, each output is a weighted sum of all pixels:
#
# $$Z_{h,w} = \sum_{y=0}^{n_H-1}\ \sum_{x=0}^{n_W-1} V_{h,w,y,x}\ X_{y,x}$$
#
# Here $(h, w)$ is the position of the output and $(y, x)$ the position of the pixel. The weights $V$
# form an array of shape $(n_H, n_W, n_H, n_W)$, which is `(8, 16, 8, 16)` for our dense layer. Every
# dense layer from images to images is of this kind, and so is the convolution, with a $V$ in which
# most weights are 0.

# %% [markdown]
# ## One pixel tells all
#
# How do you read $V$ off a layer that you can only use, but not open? Show it an image that is black
# except for a single pixel of value 1 at $(y, x)$. In the double sum, only one term is left:
#
# $$Z_{h,w} = V_{h,w,y,x} \quad \text{for all } h \text{ and } w$$
#
# So the response to a single pixel shows all the weights that this pixel has, one for each output.
# Here are the responses of our two trained layers, without their biases, to a pixel at (3, 3), and to
# one at (4, 11).

# %%
draw.single_pixels(V, kernel)

# %% [markdown] tags=["row-11"]
# ## First demand: a shift of the input shifts the output
#
# We demand what the dense layer fails to do. If the image is shifted by $u$ rows and $v$ columns, the
# output must be shifted by $u$ rows and $v$ columns, and not change otherwise. A map with this property
# is called [**translation equivariant**](glossary.md#translation-equivariance).
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
# the image. We did not put a kernel in, and nobody mentioned sliding. We asked for a linear map that is
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
#
# One experiment was enough for this question, but not for every weight. From (2, 3), an output five rows further
# up would lie outside the image, so the weight of this offset never showed. If all offsets were small, however,
# any pixel away from the border would show every weight at once. That leads to a second demand.

# %% [markdown] tags=["row-11"]
# ## Second demand: only nearby pixels count
#
# The kernel that we have found is still huge. In an image of 8 x 16 pixels, a pixel can lie up to 7 rows
# above or below the output, and up to 15 columns to its left or right.
#
# **Predict.** How many different offsets, and so how many weights, does the kernel have for images of
# 8 x 16 pixels?

# %%
predict("offsets", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# There are 15 row offsets, $-7$ to 7, and 31 column offsets, $-15$ to 15. That makes
# $15 \cdot 31 =$ [465]{= 15 * 31 } weights, where the dense layer has 16,384.
#
# </details>
#
# But what is at the left border of a photograph says little about whether there is an edge, or a
# plus, near the right one. So we demand [**local connectivity**](glossary.md#local-connectivity), and
# set $W_{r,q}$ to 0 unless both offsets are small. With offsets from $-1$ to 1, a kernel of 3 x 3
# weights remains. (Elsewhere in the course $r$ and $q$ start at 0 in the kernel's upper left corner.
# That only renumbers the weights.)

# %% [markdown]
# ## Three matrices
#
# If image and output are flattened into vectors, a linear map is a matrix, with a row for each output
# and a column for each pixel. This is what the two demands do to it:

# %%
draw.stages()

# %% [markdown]
# In the middle, equal weights line up along diagonals. A matrix with this property is a
# [**Toeplitz matrix**](glossary.md#toeplitz-matrix), and here each block, which connects one row of the
# output with one row of the image, is such a matrix. On the right, locality has removed most of the
# diagonals. So a convolution *is* a dense layer, in which most weights are 0 and the others repeat. A
# layer with 3 x 3 windows but without sharing would keep the same bands, in random colors.

# %% [markdown] tags=["row-11"]
# ## Counting weights at each stage
#
# | weights, for images of | 8 x 16 | 28 x 28 | 224 x 224 |
# |---|--:|--:|--:|
# | any linear map: $(n_H\, n_W)^2$ | [16,384]{= f'{(8 * 16) ** 2:,}' } | [614,656]{= f'{28**4:,}' } | [2,517,630,976]{= f'{224**4:,}' } |
# | 3 x 3 windows, not shared: $9\, n_H\, n_W$ | [1,152]{= f'{9 * 8 * 16:,}' } | [7,056]{= f'{9 * 28**2:,}' } | [451,584]{= f'{9 * 224**2:,}' } |
# | shared, any offset: $(2 n_H - 1)(2 n_W - 1)$ | [465]{= 15 * 31 } | [3,025]{= f'{55**2:,}' } | [199,809]{= f'{447**2:,}' } |
# | shared, and 3 x 3 windows | [9]{= 3 * 3 } | 9 | 9 |
#
# Only the last number does not grow with the image. That is why a convolution trained on small images
# can be used on large ones.

# %% [markdown]
# ## Repair the dense layer
#
# The derivation says that one kernel is enough, and our dense layer has learned 36 copies of it. What
# happens if we share them by hand? We cut out the 3 x 3 weights around each of the 36 positions, take
# the mean, and use this kernel everywhere.

# %%
copies = [V[h, w, h - 1 : h + 2, w - 1 : w + 2] for h in range(1, 7) for w in LEFT]
repaired = Network(LAYERS["convolution"](), (8, 16, 1))
repaired.layers[0].parameters["W"][:, :, 0, 0] = np.mean(copies, axis=0)
for half, data in zip(("left", "right"), new_images, strict=True):
    before, after = (evaluate(network, *data)[1] for network in (networks["dense layer"], repaired))
    print(f"pluses found on the {half}: {before:.2f} as trained, {after:.2f} with shared weights")

# %% [markdown]
# Without any further training, the layer finds pluses in the half where it never saw one. What it had
# learned about them was right all along, but tied to positions.

# %% [markdown]
# ## Equivariance on a photograph
#
# Now a kernel that you know, Sobel x, on a photograph. The second photograph is the first one, moved
# to the left by 60 columns.

# %%
cat = load_sample_image("chelsea.jpg")
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
draw.moved_photo(cat, sobel_x, columns=60)

# %% [markdown]
# Wherever both maps show the same part of the cat, they agree exactly, so a later layer that has
# learned to recognize an eye from edges recognizes it anywhere. At the border this ends, because part
# of the cat has left the image. Padding would not bring it back. It brings in zeros, from which a network
# can even learn [where the border is](04_padding.ipynb).

# %% [markdown]
# ## What equivariance does not give you
#
# **Not invariance.** The eye's response does not stay the same when the cat moves. It moves, too. A
# network that only has to answer "cat" needs more, and [Pooling](10_pooling.ipynb) is about that.
#
# **Not rotation, and not scale.** We demanded something of shifts alone, and that is all we got:

# %%
brick = load_sample_image("brick.jpg").astype(float)
draw.rotated_photo(brick, sobel_x)

# %% [markdown]
# A network that should recognize things upside down, or at several sizes, has to learn a filter for
# each case from examples.

# %% [markdown]
# ## When the assumption is wrong
#
# The two demands are an assumption about images, which is built into the layer before it sees a
# single one. Such an assumption is called an [**inductive bias**](glossary.md#inductive-bias). What is
# it worth, and what does it cost when it is wrong?
#
# To make it wrong, we shuffle the 128 pixels of all images, training and test, in the same random
# order. The label is now the new position of the plus's middle pixel.
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
# The dense layer. Put the rows of its weight matrix into the same order, and each pixel meets the same
# weights as before, so the scores do not change. (The next cell checks it.) A dense layer does not know
# which pixels are neighbors, so it learns as well from shuffled images as from the originals. In a
# 3 x 3 window of shuffled pixels, however, there is rarely more than one pixel of the plus.
#
# </details>

# %%
image = images[0].reshape(128)
print("the same scores:", np.allclose(image @ W_dense, image[order] @ W_dense[order], atol=1e-5))

# %% [markdown]
# ## Ten images or ten thousand
#
# The next cell takes about ten seconds. It trains both layers with 10 to 10,000 images, in which the plus
# can now be anywhere, once as they are and once with shuffled pixels.

# %%
new_position = np.argsort(order)


def unchanged(images, labels):
    return images, labels


def shuffled(images, labels):
    return images.reshape(-1, 128)[:, order].reshape(images.shape), new_position[labels]


def fraction_found(name, change, m, seed):
    network = fit(name, *change(*pluses(m, ANYWHERE, seed)), seed)
    return evaluate(network, *change(*pluses(1000, ANYWHERE, seed=300)))[1]


counts = [10, 100, 1000, 10_000]
curves = {
    title: [[fraction_found(name, change, m, seed) for seed in range(5)] for m in counts]
    for title, name, change in (
        ("dense layer", "dense layer", unchanged),
        ("dense layer, shuffled pixels", "dense layer", shuffled),
        ("convolution", "convolution", unchanged),
        ("convolution, shuffled pixels", "convolution", shuffled),
    )
}
draw.learning_curves(counts, curves)

# %% [markdown]
# With ten images, the convolution finds
# [94%]{= f"{100 * np.mean(curves['convolution'][0]):.0f}%" } of the pluses, and the dense layer
# [4%]{= f"{100 * np.mean(curves['dense layer'][0]):.0f}%" }. The dense layer has to see the plus at each of
# its 84 positions often enough, so it needs hundreds of times as many images to draw level.
#
# How many hundreds depends on how it is trained. If an **L2 penalty** in the cost keeps its weights small
# (lesson 15), it finds 87% with 1,000 images and 94% with 2,000, which is two hundred times as many as the
# convolution needs. With 10,000 images, nothing is left of the difference: it finds 97.5%, and the
# convolution 97.2%. (These numbers come from `benchmarks.lessons.weight_sharing`, which tunes every layer.)
#
# On shuffled pixels the convolution stays near
# [0.1]{= f"{np.mean(curves['convolution, shuffled pixels']):.1f}" }, however many images it gets. The dense
# layer overtakes it, because its two curves are nearly the same. So it is not the small number of weights
# that helps. Few weights help if what they assume is true.

# %% [markdown]
# ## Where it is wrong in practice
#
# Real images are not shuffled, but positions can matter. In a passport photograph, the eyes are always
# in the same rows. DeepFace (2014), a network for faces that were aligned beforehand, therefore used
# layers with local windows whose weights are *not* shared. In a table of patient data, neighboring
# columns have nothing in common, and a convolution over them makes no sense.
#
# Even a true assumption becomes less important when there is enough data. The vision transformer
# (2021) has almost none of it built in. Trained on a million images without strong regularization, it was
# a few points less accurate than convolutional networks of similar size. With 14 to 300 million training
# images, it matched or beat them. In the same year DeiT showed that strong augmentation and regularization can replace
# the additional images, so that a million is enough.

# %% [markdown]
# ## Further: both layers in PyTorch
#
# *You can skip this section.* In PyTorch, the dense layer is called `nn.Linear` and the convolution
# `nn.Conv2d`. Both expect the channels of the images before rows and columns, hence `permute`.

# %% needs="torch"
import torch
from torch import nn

torch.manual_seed(0)
in_pytorch = {
    "dense layer": nn.Sequential(nn.Flatten(), nn.Linear(128, 128)),
    "convolution": nn.Sequential(nn.Conv2d(1, 1, kernel_size=3, padding=1), nn.Flatten()),
}
for name, layer in in_pytorch.items():
    print(f"{name}: {sum(p.numel() for p in layer.parameters()):,} parameters")

# %% [markdown]
# As above, each is trained on the left for 300 steps with 32 images, and then searches both halves:

# %% needs="torch"
inputs, targets = torch.tensor(images).permute(0, 3, 1, 2), torch.tensor(labels)
for name, layer in in_pytorch.items():
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.03)
    for _ in range(300):
        batch = torch.randint(len(inputs), (32,))  # 32 random images
        loss = nn.functional.cross_entropy(layer(inputs[batch]), targets[batch])
        optimizer.zero_grad()
        loss.backward()  # the gradient of all parameters
        optimizer.step()
    for half, (half_images, half_labels) in zip(("left", "right"), new_images, strict=True):
        guesses = layer(torch.tensor(half_images).permute(0, 3, 1, 2)).argmax(dim=1)
        print(f"{name}, {half}: {np.mean(guesses.numpy() == half_labels):.2f}")

# %% [markdown]
# The result is the one you know. And here is a test of equivariance that works for any layer. Move an image of
# random numbers by three columns, and see whether the output moves along, away from the border:

# %% needs="torch"
image = torch.randn(1, 1, 8, 16)
moved = image.roll(3, dims=3)  # to the right
for name, layer in in_pytorch.items():
    output, moved_output = layer(image).reshape(8, 16), layer(moved).reshape(8, 16)
    same = torch.allclose(moved_output[:, 4:-1], output[:, 1:-4], atol=1e-4)
    print(f"{name}: {'equivariant' if same else 'not equivariant'}")

# %% [markdown]
# ## Further: where the idea comes from
#
# *You can skip this section.* In 1959, David Hubel and Torsten Wiesel found that many neurons in the
# visual cortex of a cat respond only to a small part of the visual field, and often only to edges of
# one direction. Kunihiko Fukushima turned this into a model, the *neocognitron* (1980), with layers of
# cells that see small patches and share their weights. It recognized digits wherever they were, but it
# was not trained with gradients. In 1989, Yann LeCun and his colleagues did that, with a network that
# read handwritten zip codes. The first of its layers had 300 shared weights for its 768 outputs. Its
# biases, however, were not shared, and there were 768 of them.

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
check("convolutions", convolutions and "".join(sorted(convolutions)))

# %% [markdown]
# <details>
# <summary>What the boxes do</summary>
#
# - A mirrors the image. A pixel on the left goes to the right, so the offset is different everywhere.
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
# ### Exercise 4: what happens if ...
#
# There is no check for these. Decide first, then change a copy of a cell above.
#
# 1. ... you train the dense layer with patterns in *all* columns, and test it on the right?
# 2. ... you use a 5 x 5 kernel, `Conv2D(1, 5, padding=2)`, with ten training images, and with 10,000?
# 3. ... the answer depends on the position, for example if a plus in the left half should be found and
#    a plus in the right half should not?
#
# <details>
# <summary>Discussion</summary>
#
# 1. Now it learns a plus at every position. With 3,200 images it finds about nine in ten pluses, fewer
#    than before on the left alone, because each of the 84 positions gets fewer images.
# 2. With ten images, it finds fewer pluses than the 3 x 3 kernel, because 25 weights can fit more of
#    the noise. With 10,000 images, it finds more. Our guess: the pixels around the plus help to
#    distinguish a real plus from one that noise and an arm of the cross form by chance.
# 3. A convolution alone cannot do this, because it treats both halves alike. The network has to get the
#    position in some other way, for example through a dense layer after the convolution, or through extra
#    input channels that hold the row and the column of each pixel.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **derive weight sharing:** the response to a single pixel holds its weights, and if the response
#    has to move with the pixel, a weight can only depend on the offset between pixel and output;
# 2. **count and recognize** the three stages: any matrix, diagonals of equal weights, a few of these
#    diagonals; $(n_H n_W)^2$, $(2 n_H - 1)(2 n_W - 1)$ and $f^2$ weights;
# 3. **test a layer** with one pixel at a time, and say when its assumption hurts: if positions differ,
#    or if neighbors have nothing in common.
#
# | term in this course | you may also read |
# |---|---|
# | [**parameter sharing**](glossary.md#parameter-sharing) | weight sharing, tied weights |
# | [**local connectivity**](glossary.md#local-connectivity) | locality, sparse connectivity, sparse interactions |
# | [**translation equivariance**](glossary.md#translation-equivariance) | shift equivariance; in d2l *translation invariance* |

# %% [markdown]
# ## What to read next
#
# - Next is [The convolution layer](06_convolution_layer.ipynb), with several channels and several
#   filters, and three layers that turn a photograph into a drawing.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* (2023), section 7.1, with the same derivation:
#   [d2l.ai](https://d2l.ai/chapter_convolutional-neural-networks/why-conv.html).
# - LeCun and others, *Backpropagation Applied to Handwritten Zip Code Recognition*, Neural Computation 1
#   (1989).
# - Fukushima, *Neocognitron: A Self-Organizing Neural Network Model for a Mechanism of Pattern
#   Recognition Unaffected by Shift in Position*, Biological Cybernetics 36 (1980).
# - Hubel and Wiesel, *Receptive Fields of Single Neurones in the Cat's Striate Cortex*, Journal of
#   Physiology 148 (1959).
# - Taigman, Yang, Ranzato and Wolf, *DeepFace: Closing the Gap to Human-Level Performance in Face
#   Verification*, CVPR 2014.
# - Dosovitskiy and others, *An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale*,
#   ICLR 2021: [arXiv:2010.11929](https://arxiv.org/abs/2010.11929).
# - Touvron and others, *Training Data-Efficient Image Transformers & Distillation through Attention* (DeiT),
#   ICML 2021: [arXiv:2012.12877](https://arxiv.org/abs/2012.12877).
