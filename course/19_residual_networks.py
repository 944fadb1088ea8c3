# %% [markdown]
# # Residual networks
#
# In 2015 a team at Microsoft took a network with 18 layers, which worked, and made it deeper. With 34 layers it
# became *worse*. One idea turned that around. It costs no parameters and takes one plus sign.

# %% include="lesson_setup"

# %%
from convnet.data import digits
from convnet.functional import (
    conv2d,
    conv2d_backward,
    cross_entropy_backward,
    relu,
    relu_backward,
)
from convnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, Layer, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from lesson_tools.residual_networks import figures as draw
from lesson_tools.residual_networks.questions import check, predict
from lesson_tools.residual_networks.results import results, tuned

draw.published()

# %% [markdown]
# Perhaps the deeper network had overfitted? No: it was worse on its *training* images, too. That is odd, and in
# a minute you will see how odd, because you will build a deep network that is exactly as good as a shallow one,
# without training the added layers.
#
# The plus sign is now in nearly every network that matters, transformers included. It is also surrounded by
# explanations that sound right and are not. So this lesson does two things. It takes the idea apart, down to
# the gradient, and then it tries to break the claims about it, our own from an earlier edition among them.
# One of those did break.

# %% [markdown]
# **By the end of this lesson you will be able to**
#
# 1. build a residual block, with stride and projection, and derive its gradient;
# 2. say what a shortcut adds and what it does not, and defend it with an experiment in which each network has
#    its own learning rate;
# 3. write, initialize and train a residual network in PyTorch and in Keras.
#
# **Time:** about 75 minutes, and 35 for the exercises. **You need:**
# [Batch normalization](17_batch_normalization.ipynb), [Architectures](18_architectures.ipynb) and
# [Training](14_training.ipynb).

# %% [markdown]
# ## Two questions to start
#
# - A 3 x 3 convolution from 16 to 16 channels is followed by batch normalization, and therefore needs no
#   bias. How many parameters do the two layers learn?
# - Three 3 x 3 convolutions with stride 1 follow each other. How many rows of the input does one output value
#   see?

# %%
predict("normalized", None)
predict("sees", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# $3 \cdot 3 \cdot 16 \cdot 16 = 2304$ weights, and a scale $\gamma$ and a shift $\beta$ for each of the 16
# channels, together [2,336]{= f"{3 * 3 * 16 * 16 + 2 * 16:,}" }. (If this was new, go back to
# [Batch normalization](17_batch_normalization.ipynb).)
#
# The [receptive field](glossary.md#receptive-field) grows by 2 with each layer, so it is
# $1 + 2 + 2 + 2 = 7$. (If this was new, go back to [Receptive fields](09_receptive_fields.ipynb).)
#
# </details>

# %% [markdown]
# ## A block of two convolutions
#
# Deep networks are built from blocks. Ours consists of two 3 x 3 convolutions with padding 1, each followed by
# ReLU, and it keeps the shape of its input $x$. Call the two convolutions with the ReLU between them $F$. Then
# a **plain** block computes $\text{ReLU}(F(x))$. For later, the next cell has a switch that adds $x$ first.
#
# The class is a layer of the course's library, so that it fits into a `Network`. Its backward pass follows
# from [Backpropagation](13_backpropagation.ipynb), line by line.


# %%
class Block(Layer):
    """Two 3x3 convolutions that keep the shape, with or without a shortcut around them."""

    def __init__(self, shortcut):
        super().__init__(shortcut=shortcut)

    def build(self, shape):
        n_C = shape[-1]
        return shape, {"W_1": (3, 3, n_C, n_C), "W_2": (3, 3, n_C, n_C)}

    def initialize(self, rng):
        for W in self.parameters.values():
            W[...] = rng.normal(0, np.sqrt(2 / np.prod(W.shape[:-1])), W.shape)

    def forward(self, x, training):
        W_1, W_2 = self.parameters.values()
        Z_1 = conv2d(x, W_1, padding=1)
        Z_2 = conv2d(relu(Z_1), W_2, padding=1)
        if self.settings["shortcut"]:
            Z_2 = x + Z_2
        self.saved = x, Z_1, Z_2
        return relu(Z_2)

    def backward(self, dy):
        x, Z_1, Z_2 = self.saved
        W_1, W_2 = self.parameters.values()
        dZ_2 = relu_backward(dy, Z_2)
        dA_1, dW_2, _ = conv2d_backward(dZ_2, relu(Z_1), W_2, padding=1)
        dx, dW_1, _ = conv2d_backward(relu_backward(dA_1, Z_1), x, W_1, padding=1)
        self.store_gradients(W_1=dW_1, W_2=dW_2)
        return dx + dZ_2 if self.settings["shortcut"] else dx


def digit_network(n_blocks, shortcut, seed=0):
    blocks = [Block(shortcut) for _ in range(n_blocks)]
    layers = [Conv2D(8, 3, padding=1), ReLU(), *blocks, AveragePooling2D(8), Flatten(), Dense(10)]
    return Network(layers, (8, 8, 1), seed)


data = digits()
shallow = digit_network(n_blocks=2, shortcut=False)
settings = {"batch": 50, "progress": False}
train(shallow, data.train_images, data.train_labels, epochs=6, optimizer=Adam(0.01), **settings)
print(
    f"accuracy on the training images: {evaluate(shallow, data.train_images, data.train_labels)[1]:.4f}"
)

# %% [markdown]
# ## A deeper network need not be worse
#
# Now add eight blocks to this trained network, without training them. Can you choose their weights so that
# nothing gets lost? Each block should pass on exactly what it receives: it should compute the **identity**.
# What it receives comes out of a ReLU, so no value is negative, and ReLU does not change it.
#
# **Predict.** So a 3 x 3 convolution from 8 to 8 channels has to copy its input. It has
# $3 \cdot 3 \cdot 8 \cdot 8 = 576$ weights. How many of them are not 0?

# %%
predict("copies", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# 8. For output channel $c$, the middle weight of the kernel for input channel $c$ is 1, and all others
# are 0. In code, `W[1, 1]` is the identity matrix.
#
# </details>

# %%
identity = np.zeros((3, 3, 8, 8))
identity[1, 1] = np.eye(8)

deep = digit_network(n_blocks=10, shortcut=False)
first, added, last = deep.layers[:4], deep.layers[4:12], deep.layers[12:]
for target, source in zip(first + last, shallow.layers, strict=True):
    for name, values in source.parameters.items():
        target.parameters[name][...] = values
for block in added:
    block.parameters["W_1"][...] = block.parameters["W_2"][...] = identity

print(
    f"accuracy on the training images: {evaluate(deep, data.train_images, data.train_labels)[1]:.4f}"
)

# %% [markdown]
# Twenty layers in blocks, and the same accuracy to the last digit. So among all networks of that depth there is
# one that is at least as good as the shallow network. If training ends up with a worse one on the *training
# images*, then the network is not to blame. Training has failed to find what exists.
#
# He, Zhang, Ren and Sun (2015) called this [**degradation**](glossary.md#degradation): with more layers, the
# training error grows. It is not [overfitting](glossary.md#overfitting), where the training error is small.

# %% [markdown]
# ## The shortcut
#
# Here is their idea. If many layers should compute something close to the identity, then do not make them
# learn it. Give it to them, and let them learn the rest:

# %%
draw.plain_and_residual()

# %% [markdown]
# The red line is a [**residual connection**](glossary.md#residual-connection), also called a **shortcut** or
# skip connection. If a block should compute $H(x)$, then $F$ only has to learn the *residual*
# $F(x) = H(x) - x$. To compute the identity, no kernel needs a one in the right position: it is enough that all
# weights are 0.
#
# A network of such blocks is a **residual network**, a ResNet. An ensemble of them, with up to 152 layers, won the
# ImageNet competition of 2015.

# %% [markdown]
# ## The gradient takes the shortcut, too
#
# In the backward pass, an addition sends the [upstream gradient](glossary.md#upstream-gradient) to both of its
# inputs unchanged. For $y = x + F(x)$ that means
#
# $$dx = dy + (\text{gradient through } F).$$
#
# So $dy$ arrives at $x$ even if nothing at all comes through $F$. In `Block.backward` this is the last line. The
# ReLU after the addition comes before it, and sets the gradient to 0 wherever the output of the block is 0. He et
# al. (2016) therefore moved this ReLU into the branch.
#
# **Predict.** A layer without a shortcut lets no gradient through where $F'(x) = 0$. For which value of
# $F'(x)$ does $x + F(x)$ let no gradient through? Answer with a number, or with `np.inf` if there is none.

# %%
predict("blocked", None)

# %% [markdown]
# **Predict.** Three layers follow each other, each with one input, one output and the local derivative 0.5.
# Without shortcuts, the gradient is multiplied by $0.5^3 = 0.125$. And with a shortcut around each layer?

# %%
predict("factor", None)

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# For $F'(x) = -1$, because then $1 + F'(x) = 0$. The derivative must hit $-1$ exactly to cancel, while without
# a shortcut any small derivative will do.
#
# $$(1 + 0.5)^3 = 1 + 3 \cdot 0.5 + 3 \cdot 0.5^2 + 0.5^3 = 3.375$$
#
# Multiplied out, the product has eight terms, one for each **path** through the three layers: each layer is
# either crossed or skipped. The 1 belongs to the path that skips all of them.
#
# </details>
#
# With 20 layers, the factor is [9.5e-07]{= f"{0.5**20:.1e}" } without shortcuts, and
# [3,325]{= f"{1.5**20:,.0f}" } with them. Neither is what you want. A shortcut keeps gradients from vanishing, but
# it does not keep them from exploding.

# %% [markdown]
# ## Measured in twenty layers
#
# Now for a real network, with ten blocks. Its weights are drawn with variance $2 / n$, where
# $n = 9 n_{C_{prev}}$ is the number of inputs of a unit. This is Kaiming
# [initialization](glossary.md#initialization), by the same He. The 2 makes up for the ReLU, which loses about
# half of the squared norm. We send one mini-batch forward and its gradient back, with twenty seeds.


# %%
def gradient_norms(network, images, labels):
    """Return the norm of the gradient at the input of each block, and after the last block."""
    gradient = cross_entropy_backward(network.forward(images, training=True), labels)
    norms = []
    for layer in reversed(network.layers):
        gradient = layer.backward(gradient)
        if isinstance(layer, Block | AveragePooling2D):
            norms.append(np.linalg.norm(gradient))
    return np.array(norms[::-1]) / norms[0]


batch = data.train_images[:50], data.train_labels[:50]
norms = {
    name: np.array(
        [gradient_norms(digit_network(10, shortcut, seed), *batch) for seed in range(20)]
    )
    for name, shortcut in (("plain", False), ("residual", True))
}
draw.gradient_norms(norms)

# %% [markdown]
# In the plain network, [37%]{= f"{np.median(norms['plain'][:, 0]):.0%}" } of the norm arrives at the first block (the median), and
# never less than [10%]{= f"{norms['plain'][:, 0].min():.0%}" }. That is hardly a vanished gradient. In the residual network it
# grows by a factor of [34]{= f"{np.median(norms['residual'][:, 0]):.0f}" }, and once by more than
# [100]{= int(norms['residual'][:, 0].max() // 100 * 100) }.
#
# You will often read that shortcuts work *because* they cure the vanishing gradient. He et al. did not say so.
# Their plain networks had batch normalization, they checked that the gradients had healthy norms, and they
# wrote that vanishing gradients are an unlikely cause. Keep that in mind for the explanation that we are going
# to test.

# %% [markdown]
# ## The usual demonstration
#
# Does the shortcut help, then? Here is the experiment that you find in many courses. Train two networks that differ in
# nothing but the plus sign, and look at the loss.

# %%
histories = {}
for name, shortcut in (("plain", False), ("residual", True)):
    network = digit_network(10, shortcut)
    histories[name] = train(
        network, data.train_images, data.train_labels, epochs=8, optimizer=Adam(0.003), **settings
    )
draw.learning(histories)

# %% [markdown]
# Case closed? The residual network starts behind, overtakes and is far ahead in the end. You could stop here, as many texts
# do. But this is one seed, and with `seed=3` it is the plain network that is ahead after eight epochs. It is also one number
# of epochs and one learning rate. Who says that both networks need the same one?

# %% [markdown]
# ## We try to break it
#
# The next figure comes from a longer study (`python -m benchmarks.lessons.residual_networks`; its results are stored
# with the course). The rules are the same for each network:
#
# - five learning rates, so that each network can have its own (in the later figures, at least three);
# - five runs for each rate, each with a training set (1,200 of the 1,500 digits) and a seed of its own;
# - the same blocks, the same initial weights, the same optimizer (Adam), the same batches.

# %%
study = results()
draw.rates(
    study,
    ["plain, 4 layers", "plain, 20 layers", "residual, 4 layers", "residual, 20 layers"],
    epochs=(4, 20),
)

# %% [markdown]
# Take your time with this figure. We read five things from it.
#
# 1. **The rate decides who wins.** At 0.0003 the *plain* network with 20 layers is ahead of all others. At 0.01
#    [four]{= {4: "four"}[int(np.sum(study["plain, 20 layers"]["training loss, 20 epochs"][3] > 2.2))] } of its five runs
#    learn nothing, even in 20 epochs, while
#    [four]{= {4: "four"}[int(np.sum(study["residual, 20 layers"]["training loss, 20 epochs"][3] < 2.2))] } of the residual
#    network's learn something.
# 2. **Degradation is real.** After 20 epochs, each at its best rate, 4 plain layers reach a mean loss of
#    [0.05]{= f"{tuned(study['plain, 4 layers'], 20).values.mean():.2f}" }, and 20 plain layers
#    [0.30]{= f"{tuned(study['plain, 20 layers'], 20).values.mean():.2f}" }. So does this come from too short a training?
#    In part: after 4 epochs it was [0.79]{= f"{tuned(study['plain, 4 layers'], 4).values.mean():.2f}" } against
#    [1.80]{= f"{tuned(study['plain, 20 layers'], 4).values.mean():.2f}" }.
# 3. **The plus sign helps, but it does not cure degradation by itself.** The residual network reaches a mean loss of
#    [0.11]{= f"{tuned(study['residual, 20 layers'], 20).values.mean():.2f}" }, still more than 4 plain layers. Run by run, with
#    the same images and the same first weights, its loss is smaller than the plain network's in only
#    [3]{= int(np.sum(tuned(study['residual, 20 layers'], 20).values < tuned(study['plain, 20 layers'], 20).values)) } of 5
#    cases. Its test accuracy is higher in
#    [4]{= int(np.sum(tuned(study['residual, 20 layers'], 20, 'test accuracy').values > tuned(study['plain, 20 layers'], 20, 'test accuracy').values)) } of 5,
#    [0.85]{= f"{tuned(study['residual, 20 layers'], 20, 'test accuracy').values.mean():.2f}" } against
#    [0.79]{= f"{tuned(study['plain, 20 layers'], 20, 'test accuracy').values.mean():.2f}" } on average. Both measures point in
#    the same direction, but the runs spread so widely that five of them do not settle it.
# 4. **It widens the range** of useful rates a little, and after 20 epochs its worst run is far better
#    ([0.17]{= f"{tuned(study['residual, 20 layers'], 20).values.max():.2f}" } against
#    [0.80]{= f"{tuned(study['plain, 20 layers'], 20).values.max():.2f}" }).
# 5. **In the shallow network it does harm.** With 4 layers, the residual network has the larger loss in
#    [5]{= int(np.sum(tuned(study['residual, 4 layers'], 4).values > tuned(study['plain, 4 layers'], 4).values)) } of 5 runs after 4
#    epochs, and still in
#    [4]{= int(np.sum(tuned(study['residual, 4 layers'], 20).values > tuned(study['plain, 4 layers'], 20).values)) } of 5 after 20.
#    So the plus sign is not good in itself. If it is a remedy, then for depth.

# %% [markdown]
# ## One of our own claims broke
#
# The first edition of this course told a much clearer story: losses of 1.94, 1.80 and 1.78 without shortcuts, and
# 0.41, 0.44 and 0.31 with them, after four epochs at the rate 0.003. It concluded that "20 layers trained with it and
# hardly without".
#
# Then we tried to break it, and it broke. Three things had changed at once: the residual blocks also had one ReLU
# less, and their weights started with half of the variance. We gave the plain network blocks with one ReLU, too,
# and weights that suit them. Its losses fell to 0.76, 0.59 and 0.94, without any shortcut
# (`python -m benchmarks.lessons.residual_networks --earlier`). So most of the gap had
# nothing to do with the plus sign. But it leaves a hint: what matters seems to be **how the network starts**.

# %% [markdown]
# ## Is it the start?
#
# Remember the deep network that you built by hand, with identities as blocks. With a shortcut, a block with small
# weights is nearly the identity. So here is a guess: the shortcut helps because it lets training *start* near the
# identity.
#
# A guess can be tested. Take two networks that start as the very same function, with all ten blocks equal to the
# identity. In the residual network, $W_2 = 0$. In the *plain* network, all kernels copy their input, as yours did. It
# has no plus sign, and after the first step nothing holds it near the identity.

# %%
ARMS = ["plain, 20 layers", "residual, 20 layers"]
ARMS += [f"{arm}, starts as identity" for arm in ARMS]
draw.tuned_arms(study, ARMS)

# %%
losses = {arm: tuned(study[arm], epochs=20).values for arm in ARMS}
for arm, values in losses.items():
    accuracies = tuned(study[arm], 20, "test accuracy").values
    print(f"{arm:<42} mean loss {values.mean():.2f}, test accuracy {accuracies.mean():.3f}")

# %% [markdown]
# Look at the right panel first, after 20 epochs. The plain network that starts as the identity has a smaller loss
# than the one with random weights in
# [5]{= int(np.sum(losses[ARMS[2]] < losses[ARMS[0]])) } of 5 runs, and it also beats the *residual* network with random
# weights in [4]{= int(np.sum(losses[ARMS[2]] < losses[ARMS[1]])) } of 5. No plus sign, and still better! So far the
# guess stands: the start matters, and a plain network profits from it, too.
#
# But the start is not everything. After 4 epochs, on the left, it has hardly helped the plain network
# ([1.67]{= f"{tuned(study[ARMS[2]], 4).values.mean():.2f}" } instead of
# [1.80]{= f"{tuned(study[ARMS[0]], 4).values.mean():.2f}" }), and only start *and* shortcut together give
# [1.08]{= f"{tuned(study[ARMS[3]], 4).values.mean():.2f}" }.
#
# After 20 epochs, too, the network with shortcuts wins in
# [5]{= int(np.sum(losses[ARMS[3]] < losses[ARMS[2]])) } of 5 runs. But is that the plus sign? One more difference remains,
# because its $W_1$ starts with random numbers, while the plain network's kernels all copy. So we trained one more network,
# with the plus sign, $W_2 = 0$, and a $W_1$ that copies.

# %%
W_1_COPIES = f"{ARMS[3]}, W_1 copies"
draw.tuned_arms(study, [ARMS[2], W_1_COPIES, ARMS[3]])

# %% [markdown]
# After 4 epochs the new network is between the other two, with a mean loss of
# [1.39]{= f"{tuned(study[W_1_COPIES], 4).values.mean():.2f}" }, so that about half of the gain belongs to the plus sign. After 20
# epochs this gain is gone. The new network reaches [0.07]{= f"{tuned(study[W_1_COPIES], 20).values.mean():.2f}" }, just as
# without the plus sign ([0.07]{= f"{losses[ARMS[2]].mean():.2f}" }), and it is ahead in only
# [3]{= int(np.sum(tuned(study[W_1_COPIES], 20).values < losses[ARMS[2]])) } of 5 runs. With a random $W_1$ the mean loss is
# [0.04]{= f"{losses[ARMS[3]].mean():.2f}" }. So the 5 of 5 came from the random $W_1$. Perhaps kernels that are all alike have
# little to start from, but that is a guess.
#
# A comparison of two networks is only as good as the list of their differences.

# %% [markdown]
# ## With batch normalization
#
# Nobody trains such networks without normalization, and He et al. did not either. In their blocks, batch normalization
# follows each convolution, in plain and residual networks alike. We did the same in ours.

# %%
NORMALIZED = [f"{arm}, batch normalization" for arm in ARMS[:2]]
draw.tuned_arms(study, [*ARMS[:2], *NORMALIZED])

# %% [markdown]
# Here the plus sign earns its fame. After 4 epochs, the residual network has the smaller loss in
# [5]{= int(np.sum(tuned(study[NORMALIZED[1]], 4).values < tuned(study[NORMALIZED[0]], 4).values)) } of 5 runs, and a mean test
# accuracy of [0.79]{= f"{tuned(study[NORMALIZED[1]], 4, 'test accuracy').values.mean():.2f}" } against
# [0.47]{= f"{tuned(study[NORMALIZED[0]], 4, 'test accuracy').values.mean():.2f}" }. Its worst run is better than the plain
# network's best one. After 20 epochs it still has the smaller loss in
# [5]{= int(np.sum(tuned(study[NORMALIZED[1]], 20).values < tuned(study[NORMALIZED[0]], 20).values)) } of 5, but the accuracies
# have met at [0.90]{= f"{tuned(study[NORMALIZED[1]], 20, 'test accuracy').values.mean():.2f}" } and
# [0.90]{= f"{tuned(study[NORMALIZED[0]], 20, 'test accuracy').values.mean():.2f}" }. So with batch normalization, the shortcut
# makes training **faster**. Given time, the plain network catches up in accuracy.
#
# Is that the start again? De and Smith (2020) argue that it is: batch normalization shrinks what a block adds
# compared with what the shortcut carries, so that deep residual networks begin near the identity. It fits our
# results, but we have not tested it here.

# %% [markdown]
# ## What the shortcut adds, and what it does not
#
# - **Alone, it helps, but less than its fame suggests.** With weights made for plain networks, the plus sign raised the mean
#   test accuracy of 20 layers by
#   [six]{= {6: "six"}[round(100 * np.subtract(*[tuned(study[arm], 20, "test accuracy").values.mean() for arm in ARMS[1::-1]]))] }
#   points. It did not bring them back to the level of 4 layers.
# - **With batch normalization, it adds speed.** After 4 epochs the difference was large, after 20 only the loss showed it.
# - **It makes a good start easy.** A block with small weights is nearly the identity, and from there, deep networks
#   train well. After 20 epochs, the start accounted for most of the gain.
# - **Together with such a start, it speeds training up further.** After 20 epochs, what is left of this could be chance.
# - **It is not the only way.** Copying kernels did nearly as well. Xiao et al. (2018) trained a plain network with 10,000
#   layers, without normalization, by choosing its start with care.
# - **It does not make depth useful.** Four plain layers reach a test accuracy of
#   [0.891]{= f"{tuned(study['plain, 4 layers'], 20, 'test accuracy').values.mean():.3f}" } here, and twenty residual ones, from
#   the best start, [0.908]{= f"{tuned(study[ARMS[3]], 20, 'test accuracy').values.mean():.3f}" }. With 297 test digits,
#   that is a tie. Tiny digits do not need twenty layers.
#
# And what could we not show? Anything about large networks. He et al. trained on ImageNet, and on CIFAR-10 with up to
# 110 layers, and there the shortcut won clearly: their plain networks got worse with depth, and the residual ones
# better. (They report one run of most networks.) Later work points where our small experiment points, though.
# *DiracNets* (2017) have an identity inside their kernels instead of shortcuts, and come close to ResNets on
# ImageNet. *Deep kernel shaping* (2021) needs a careful start and a special optimizer, but neither shortcuts
# nor normalization.

# %% [markdown]
# ## How to initialize a residual block
#
# Why did a good initialization for plain networks fail here? Kaiming initialization keeps the scale of the activations from
# layer to layer, so $F(x)$ is about as large as $x$. In a plain network, $F(x)$ *replaces* $x$. Here it is *added*.
#
# **Predict.** Suppose that $F(x)$ has exactly the variance of $x$, that the two are unrelated, and that no ReLU follows the
# addition. By which factor has the variance grown after ten blocks $x + F(x)$?

# %%
predict("variance", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The variance of a sum of unrelated numbers is the sum of their variances, so each block doubles it, and ten
# blocks multiply it by $2^{10} =$ [1,024]{= f"{2**10:,}" }. The standard deviation grows 32-fold. (The gradient, which takes
# the same paths backward, grew by a similar factor in our figure, although there a ReLU follows each addition.)
#
# </details>
#
# So the recipe for plain networks is wrong for residual ones. Three remedies are in use:
#
# 1. **Zero-initialize the last scale.** With [batch normalization](glossary.md#batch-normalization), set the scale
#    $\gamma$ of each block's last normalization to 0 (Goyal et al., 2017). Then $F(x) = 0$, and each block starts
#    as its shortcut. Only the start is zero: the gradient of $\gamma$ is not.
# 2. **Normalize.** Batch normalization alone divides each block's contribution by its standard deviation. The
#    sum still grows, but only like the number of blocks, because each one adds a variance of 1 and does not
#    double the sum. So deep in the network, a block changes its input only a little (De and Smith, 2020).
# 3. **Scale the weights down** by a factor that depends on the depth (Zhang et al., *Fixup*, 2019), which trains deep
#    residual networks without any normalization.

# %% [markdown]
# ## Blocks that change the shape
#
# $x$ and $F(x)$ can only be added if they have the same shape. But a network has to become smaller and deeper from
# stage to stage: 32 x 32 x 16, then 16 x 16 x 32, then 8 x 8 x 64. In the first block of a stage, the first
# convolution has stride 2 and twice as many filters. What becomes of the shortcut?

# %%
draw.block_with_stride()

# %% [markdown]
# It gets a layer of its own, a **projection**: a convolution with kernels of 1 x 1 and the stride of the block. (A
# kernel of 1 x 1 looks at a single pixel and mixes its channels; [1x1 convolution](22_one_by_one_convolution.ipynb)
# is all about it.) He et al. also tried to fill the missing channels with zeros instead, which was nearly as good
# and needs no parameters.
#
# **Predict.** The input is 32 x 32 x 16, the block has stride 2 and 32 output channels. Which shape do both paths
# have at the plus sign, and how many weights does the projection have, without biases? Answer with four numbers,
# `(height, width, channels, weights)`.

# %%
predict("projection", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# `[(16, 16, 32, 512)]{= (*conv2d(np.ones((1, 32, 32, 16)), np.ones((1, 1, 16, 32)), stride=2).shape[1:], 16 * 32) }`. The stride
# halves 32, and each of the 32 filters has 16 weights. With stride 2, this kernel of 1 x 1 never sees three of
# four pixels. They reach the output through $F$ alone.
#
# </details>

# %% [markdown]
# ## A residual network in PyTorch
#
# Now all of it together: He et al.'s network for small images. It has three stages with 16, 32 and 64 channels
# and the same number $n$ of blocks in each, which makes $6n + 2$ layers. A block is a module of its own.

# %% needs="torch"
import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, blocks_per_stage, in_channels, n_classes=10):
        super().__init__()
        channels = 16
        stem = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        layers = [stem, nn.BatchNorm2d(channels), nn.ReLU()]
        for width in (16, 32, 64):
            for _ in range(blocks_per_stage):
                layers.append(BasicBlock(channels, width, stride=2 if width > channels else 1))
                channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            elif isinstance(module, BasicBlock):
                nn.init.zeros_(module.bn2.weight)  # each block starts as its shortcut

    def forward(self, x):
        return self.classifier(self.features(x).mean(dim=(2, 3)))


resnet_20 = ResNet(blocks_per_stage=3, in_channels=3)
print(f"ResNet-20: {sum(parameter.numel() for parameter in resnet_20.parameters()):,} parameters")

# %% [markdown]
# The paper says 0.27 million. Now train its little sister with one block per stage, eight layers, on the digits. On
# one core this takes a few seconds. (`torch.accelerator` needs PyTorch 2.6 or later.)

# %% needs="torch"
from torch.utils.data import DataLoader, TensorDataset


def tensors(images, labels):
    return TensorDataset(torch.tensor(images).permute(0, 3, 1, 2), torch.tensor(labels))


has_accelerator = torch.accelerator.is_available()
device = torch.accelerator.current_accelerator() if has_accelerator else torch.device("cpu")
torch.manual_seed(0)
model = ResNet(blocks_per_stage=1, in_channels=1).to(device)
loader = DataLoader(tensors(data.train_images, data.train_labels), batch_size=50, shuffle=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

for epoch in range(1, 9):
    model.train()
    total = 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    print(f"epoch {epoch}: loss {total / len(loader.dataset):.3f}")

model.eval()
x, y = tensors(data.test_images, data.test_labels).tensors
with torch.inference_mode():
    accuracy = (model(x.to(device)).argmax(dim=1) == y.to(device)).float().mean().item()
print(f"accuracy on {len(y)} test digits: {accuracy:.3f}")

# %% [markdown]
# ## A residual network in Keras
#
# `Sequential` has no room for a second path. In the **functional API** you call each layer on the tensor that it
# should read, so a shortcut is a variable that you keep for later.

# %% needs="keras tensorflow"
import keras
from keras import layers


def convolution(x, channels, kernel_size, stride=1, gamma="ones"):
    x = layers.Conv2D(
        channels,
        kernel_size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.BatchNormalization(momentum=0.9, gamma_initializer=gamma)(x)


def basic_block(x, channels, stride=1):
    shortcut = x
    x = layers.ReLU()(convolution(x, channels, 3, stride))
    x = convolution(x, channels, 3, gamma="zeros")
    if stride != 1 or shortcut.shape[-1] != channels:
        shortcut = convolution(shortcut, channels, 1, stride)
    return layers.ReLU()(layers.Add()([x, shortcut]))


keras.utils.set_random_seed(0)
inputs = keras.Input((8, 8, 1))
x = layers.ReLU()(convolution(inputs, 16, 3))
x = basic_block(x, 16)
x = basic_block(x, 32, stride=2)
x = basic_block(x, 64, stride=2)
outputs = layers.Dense(10)(layers.GlobalAveragePooling2D()(x))
model_keras = keras.Model(inputs, outputs)

model_keras.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model_keras.fit(data.train_images, data.train_labels, batch_size=50, epochs=8, verbose=2)
_, accuracy = model_keras.evaluate(data.test_images, data.test_labels, verbose=0)
print(f"accuracy on {len(data.test_labels)} test digits: {accuracy:.3f}")

# %% [markdown]
# Two differences are worth knowing. Keras' running statistics move slowly by default (momentum 0.99), too slowly for
# 240 steps, so we set 0.9. And with stride 2, PyTorch's `padding=1` and Keras' `"same"` pad differently; see
# [One layer, four libraries](16_one_layer_four_libraries.ipynb). For real work, take a pretrained one:
# `torchvision.models.resnet18(weights="DEFAULT")` or `keras.applications.ResNet50()`.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: count a block
#
# In ResNet-18, the first block of the second stage reads 64 channels and has 128 output channels and stride 2.
# Like the block in the figure, it consists of two 3 x 3 convolutions and a projection, each followed by batch
# normalization. How many parameters does it learn?

# %%
parameters = None
### BEGIN SOLUTION
parameters = 9 * 64 * 128 + 9 * 128 * 128 + 64 * 128 + 3 * 2 * 128
### END SOLUTION

# %%
check("parameters", parameters)

# %% [markdown]
# ### Exercise 2: a block with a projection
#
# Write the forward pass of the block in the figure without its batch normalizations:
# `projection_block(x, W_1, W_2, W_s, stride)`. `W_1` and `W_2` are the filters of the two 3 x 3 convolutions, with
# padding 1, and `W_s` those of the projection. Use `conv2d` and `relu`.


# %%
def projection_block(x, W_1, W_2, W_s, stride):
    A = None
    ### BEGIN SOLUTION
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    A = relu(F + conv2d(x, W_s, stride=stride))
    ### END SOLUTION
    return A


# %%
check("projection_block", projection_block)

# %% [markdown]
# ### Exercise 3: find the bug
#
# This backward pass belongs to the block $x + \text{ReLU}(W * x)$, in which the ReLU comes before the addition. Its
# gradient is wrong. Repair a copy of its lines in `shortcut_backward`. On which images would a test of the buggy
# function pass?


# %%
def shortcut_backward_buggy(dy, x, W):
    Z = conv2d(x, W, padding=1)
    dy = relu_backward(dy, Z)
    dx, _, _ = conv2d_backward(dy, x, W, padding=1)
    return dx + dy


def shortcut_backward(dy, x, W):
    gradient = None
    ### BEGIN SOLUTION
    Z = conv2d(x, W, padding=1)
    dZ = relu_backward(dy, Z)  # dy itself is still needed
    dx, _, _ = conv2d_backward(dZ, x, W, padding=1)
    gradient = dx + dy
    ### END SOLUTION
    return gradient


# %%
check("shortcut_backward", shortcut_backward)

# %% [markdown]
# <details>
# <summary>When does the buggy function pass?</summary>
#
# Where $W * x$ is positive everywhere, the ReLU changes nothing: on images and weights without
# negative numbers, for example. Test with random numbers of both signs.
#
# </details>

# %% [markdown]
# ### Exercise 4: what happens if ...
#
# Write down what you expect, then change the cells above.
#
# 1. ... each block of the residual network starts with $W_2 = 0$? Add `self.parameters["W_2"][...] = 0`
#    as the last line of `Block.initialize`, after the loop, and run the cells from there to *The usual demonstration*.
# 2. ... you do the same in the plain network?
# 3. ... you remove block 5 from a trained network: `del network.layers[6]`, and then `evaluate`? Compare a residual with a plain
#    one.
#
# <details>
# <summary>Discussion</summary>
#
# 1. Each block starts as the identity. The gradient of $W_1$ is 0 in the first step only, because it has to pass
#    through $W_2 = 0$. The gradient arrives at the first block as it left the last one, and the loss falls sooner.
# 2. Then the network is dead: all activations are 0, and so are all gradients of the blocks. Forever.
# 3. Both lose much more than you might hope. In our runs with two seeds, plain networks fell from 0.62 and 0.64 to 0.16
#    on average, little better than guessing, because each block expects the output of the one before. Residual ones
#    fell from 0.93 and 0.94 to between 0.19 and 0.78. With many more blocks a single one matters less: Veit, Wilber and
#    Belongie (2016) removed single blocks from a trained ResNet with 110 layers, and the error hardly changed.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. build a residual block: $\text{ReLU}(x + F(x))$, with a projection where the shape changes. Its gradient is $dy$
#    plus the gradient through $F$, so a [residual connection](glossary.md#residual-connection) keeps it from
#    vanishing, and not from exploding;
# 2. say what a shortcut adds: something by itself, and much faster training together with batch normalization or a start near
#    the identity, which helps a plain network, too. And you can defend it, since each network had its own rate;
# 3. write a residual network as an `nn.Module` and as a functional `keras.Model`, with the last scale of each block
#    initialized to zero, and train it.
#
# Terms: [residual connection](glossary.md#residual-connection), [degradation](glossary.md#degradation),
# [initialization](glossary.md#initialization), [batch normalization](glossary.md#batch-normalization),
# [vanishing gradient](glossary.md#vanishing-gradient).

# %% [markdown]
# ## What to read next
#
# - Next is [How networks are trained today](20_training_today.ipynb).
# - To write the block once more, with and without a projection: [Bonus exercises](bonus.ipynb).
# - He, Zhang, Ren and Sun, *Deep Residual Learning for Image Recognition* (2015):
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385). On the ReLU after the addition: *Identity Mappings
#   in Deep Residual Networks* (2016), [arXiv:1603.05027](https://arxiv.org/abs/1603.05027).
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning*, section 8.6,
#   [Residual Networks](https://d2l.ai/chapter_convolutional-modern/resnet.html).
# - Veit, Wilber and Belongie, *Residual Networks Behave Like Ensembles of Relatively Shallow Networks* (2016):
#   [arXiv:1605.06431](https://arxiv.org/abs/1605.06431).
# - On the start: Goyal et al., *Accurate, Large Minibatch SGD* (2017),
#   [arXiv:1706.02677](https://arxiv.org/abs/1706.02677); Zhang, Dauphin and Ma, *Fixup Initialization* (2019),
#   [arXiv:1901.09321](https://arxiv.org/abs/1901.09321); De and Smith, *Batch Normalization Biases Residual Blocks
#   Towards the Identity Function in Deep Networks* (2020), [arXiv:2002.10444](https://arxiv.org/abs/2002.10444).
# - Without any shortcut: Zagoruyko and Komodakis, *DiracNets* (2017), [arXiv:1706.00388](https://arxiv.org/abs/1706.00388);
#   Xiao et al., *Dynamical Isometry and a Mean Field Theory of CNNs* (2018),
#   [arXiv:1806.05393](https://arxiv.org/abs/1806.05393); Martens et al., *Rapid training of deep neural networks
#   without skip connections or normalization layers using Deep Kernel Shaping* (2021),
#   [arXiv:2110.01765](https://arxiv.org/abs/2110.01765).
