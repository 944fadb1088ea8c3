# %% [markdown]
# # Bonus exercises
#
# A shortcut, a measure and a detector: three short functions that are easy to get wrong without
# noticing. The network trains all the same, only worse, or it looks better than it is. Here a
# check tells you what is wrong.
#
# | you write | after lesson |
# |---|---|
# | `residual_block`: its forward pass | [19 Residual networks](19_residual_networks.ipynb) |
# | `mask_iou`: the overlap of masks | [25 Segmentation](25_segmentation.ipynb) |
# | `suppress`: one box for each object | [25 Segmentation](25_segmentation.ipynb) |
#
# The exercises do not depend on each other. Nothing here is graded, and there is nothing to hand
# in. **Time:** about 20 minutes each. A solution is folded below each check, for when you have
# tried. For an attack on a network, another function of a few lines, see the optional lesson
# [Adversarial examples](33_adversarial_examples.ipynb).

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, MaxPooling2D, ReLU
from convnet.network import Network
from lesson_tools.bonus import figures as draw
from lesson_tools.bonus.questions import check, predict
from lesson_tools.digit_page import NOTHING, make_page, trained_window_network

# %% [markdown]
# ## A block that adds its input
#
# A **residual block** computes $\text{ReLU}(F(x) + x)$, which is simple until $F(x)$ and $x$ have
# different shapes. In ResNet-18 this happens in three of the eight blocks: they halve height and
# width and double the number of channels, so $F(x) + x$ is not defined. A **projection** then
# brings $x$ into the shape of $F(x)$.
#
# - $F$ consists of two 3 x 3 convolutions with padding 1, with filters `W_1` and `W_2` and a ReLU
#   between them. Only the first convolution has the stride of the block.
# - The shortcut is $x$ itself if `W_s` is `None`. Otherwise `W_s` holds the filters of a 1x1
#   convolution, which is applied to $x$ with the stride of the block.
# - Both are added, and a ReLU follows the sum.
#
# The convolutions have no biases, because in practice batch normalization follows each of them. It
# is left out here.
#
# ### Exercise 1: residual_block
#
# Write `residual_block(x, W_1, W_2, W_s, stride)` for a batch `x` of shape (m, n_H, n_W, n_C). Use
# `conv2d(x, W, stride=..., padding=...)` and `relu(x)`.


# %%
def residual_block(x, W_1, W_2, W_s, stride):
    A = None
    ### BEGIN SOLUTION
    F = conv2d(x, W_1, stride=stride, padding=1)
    F = conv2d(relu(F), W_2, padding=1)
    shortcut = x if W_s is None else conv2d(x, W_s, stride=stride)
    A = relu(F + shortcut)
    ### END SOLUTION
    return A


# %%
check("residual_block", residual_block)

# %% [markdown]
# The two blocks below are a whole stage of a small network for CIFAR-10. Only the first one needs a
# projection, because the shape does not change in the second one.

# %%
rng = np.random.default_rng(0)
images = rng.normal(size=(4, 32, 32, 16))
W_1, W_2, W_3, W_4 = (
    rng.normal(size=(3, 3, n_C_prev, 32)) * np.sqrt(2 / (9 * n_C_prev))
    for n_C_prev in (16, 32, 32, 32)
)
W_s = rng.normal(size=(1, 1, 16, 32)) * np.sqrt(1 / 16)
half = residual_block(images, W_1, W_2, W_s, stride=2)
if half is not None:
    print(
        images.shape, "to", half.shape, "to", residual_block(half, W_3, W_4, None, stride=1).shape
    )

# %% [markdown]
# ## The overlap of masks, and the empty image
#
# The **intersection over union** (IoU) of a true mask and a predicted one is the number of pixels
# in both, divided by the number of pixels in at least one. Now suppose that most of your scans show
# no tumor, and that your network, rightly, finds none in them. Then both masks are empty, and their
# IoU is 0/0. NumPy answers `nan`, and so is the mean over all images. You have to decide what such
# a pair is worth, and to say so beside your results. Here
#
# - an IoU is **1** if both masks are empty: there is nothing, and the network says so;
# - it is **0** if only one of them is empty: something was missed, or invented.
#
# ### Exercise 2: mask_iou
#
# Write `mask_iou(truth, predicted)` for two boolean arrays of shape (m, n_H, n_W), the masks of m
# images. It returns an array with the IoU of each image. For boolean arrays, `&` is true where both
# are true, and `|` where at least one is.


# %%
def mask_iou(truth, predicted):
    iou = None
    ### BEGIN SOLUTION
    both = (truth & predicted).sum(axis=(1, 2))
    either = (truth | predicted).sum(axis=(1, 2))
    iou = np.where(either == 0, 1.0, both / np.maximum(either, 1))
    ### END SOLUTION
    return iou


# %%
check("mask_iou", mask_iou)

# %% [markdown]
# **Predict.** Of 100 images, 10 show a disc and 90 show nothing. A lazy network finds nothing in
# any of them. What is its mean IoU, by the rule above?

# %%
predict("nothing_found", None)

# %%
rows, columns = np.mgrid[0:32, 0:32]
truth = np.zeros((100, 32, 32), dtype=bool)
truth[:10] = np.hypot(rows - 16, columns - 16) < 8
scores = mask_iou(truth, np.zeros_like(truth))
if scores is not None:
    print(f"mean IoU: {np.mean(scores):.2f}, of the images with a disc: {np.mean(scores[:10]):.2f}")

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The mean IoU is [0.90]{= f"{np.mean(scores):.2f}" }, although the network never finds anything.
# That is the price of the rule: with many empty images, the mean says little about the others. If
# you count an empty pair as 0 instead, the lazy network gets 0, but a perfect one only 0.10. So
# report the images with an object separately. Or do as lesson 25 does, and count the pixels of all
# images first, before you divide once.
#
# </details>

# %% [markdown]
# ## Object detection: one box for each object
#
# Often a box around each object is enough. [**Object detection**](glossary.md#object-detection)
# predicts a box and a class for every object. You already own most of a detector: at each position,
# the window network of [1x1 convolution](22_one_by_one_convolution.ipynb) says which digit it sees,
# or none. But several neighboring positions see the same digit, so there are several boxes for one
# digit.
#
# [**Non-maximum suppression**](glossary.md#non-maximum-suppression) is greedy. Keep the box with
# the highest score, delete all boxes whose IoU with it is above a threshold, and go on with the
# best of the boxes that are left. Two boxes around the same object have a high IoU. The IoU of
# boxes is defined like that of masks, with areas in place of pixel counts. A box is (top, left,
# bottom, right):


# %%
def box_iou(one, others):
    """Return the IoU of one box with each of several boxes."""
    top_left = np.maximum(one[:2], others[:, :2])
    bottom_right = np.minimum(one[2:], others[:, 2:])
    both = np.prod(np.maximum(bottom_right - top_left, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return both / (np.prod(one[2:] - one[:2]) + areas - both)


# %% [markdown]
# ### Exercise 3: suppress
#
# Write `suppress(boxes, scores, iou_threshold)` for boxes of shape (n, 4) and their n scores, which
# are all different. It returns a list with the numbers of the boxes that are kept, beginning with
# the highest score. A box whose IoU *equals* the threshold is kept. (`np.argsort(-scores)` sorts by
# falling score.)


# %%
def suppress(boxes, scores, iou_threshold):
    kept = None
    ### BEGIN SOLUTION
    kept, order = [], np.argsort(-scores)
    while len(order):
        best, others = order[0], order[1:]
        kept.append(int(best))
        order = others[box_iou(boxes[best], boxes[others]) <= iou_threshold]
    ### END SOLUTION
    return kept


# %%
check("suppress", suppress)

# %% [markdown]
# Now the detector. The dense layers of the window network become convolutions, as in lesson 22, and
# each position that prefers a digit to nothing reports the 8 x 8 pixels in the middle of its
# window.

# %%
data = digits()
page, spots = make_page(data.test_images, data.test_labels, (64, 96), np.random.default_rng(100))
layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
scan = Network([*layers, Conv2D(32, 4), ReLU(), Conv2D(11, 1)], page.shape)
scan.parameters[:] = trained_window_network().parameters

class_scores = scan.forward(page[None])[0]
evidence = class_scores[..., :NOTHING].max(axis=-1) - class_scores[..., NOTHING]
positions = np.argwhere(evidence > 0)
classes = class_scores.argmax(axis=-1)[evidence > 0]
corners = 2 * positions + 2  # the window of (h, w) begins at (2h, 2w)
boxes = np.hstack([corners, corners + 8])

kept = suppress(boxes, evidence[evidence > 0], iou_threshold=0.3)
print(f"{len(spots)} digits, {len(boxes)} boxes")
if kept is not None:
    draw.suppressed(page, (boxes, classes), (boxes[kept], classes[kept]))

# %% [markdown]
# In PyTorch, this is `torchvision.ops.nms(boxes, scores, iou_threshold)` (or `batched_nms`,
# separately for each class), with boxes as $(x_1, y_1, x_2, y_2)$. Detectors such as SSD and
# RetinaNet learn the boxes, too: next to the convolution for the classes, a second one predicts how
# far to move and stretch several anchor boxes at each position. For detection, see *Dive into Deep
# Learning*, sections 14.3 to 14.8 ([d2l.ai](https://d2l.ai/chapter_computer-vision/index.html)).
