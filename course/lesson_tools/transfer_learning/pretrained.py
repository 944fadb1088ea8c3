"""EfficientNet-Lite0 in PyTorch, with the names of torchvision's EfficientNets.

Its weights come from the same package as those of `convnet.efficientnet`, which computes the same
outputs in NumPy.
"""

from typing import Any

from convnet.efficientnet import EPSILON, WEIGHTS

__all__ = ["efficientnet_lite0"]

STAGES = (  # number of blocks, kernel size, stride of the first block, expansion, channels
    *((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80)),
    *((3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)),
)


def efficientnet_lite0() -> Any:
    """Return EfficientNet-Lite0, trained on ImageNet, as a `torch.nn.Module`.

    Its parts are named as in `torchvision.models.efficientnet_b0()`: the body is `features`, with
    1,280 feature maps, and the head `classifier`, a dropout and a dense layer for 1,000 classes.

    Returns
    -------
    model : torch.nn.Module
        Network for images of shape (m, 3, n_H, n_W), in training mode.

    Raises
    ------
    FileNotFoundError
        If the package of the weights is not installed.
    """
    # Importing this module must not require PyTorch.
    import torch
    import torch.nn.functional as F
    from torch import Tensor, nn

    class SameConv2d(nn.Conv2d):
        """A convolution with TensorFlow's SAME padding: an odd zero goes to the end."""

        def forward(self, x: Tensor) -> Tensor:
            pairs: list[int] = []
            for n, f, s in zip(x.shape[:1:-1], self.kernel_size, self.stride, strict=True):
                total = max((-(-n // s) - 1) * s + f - n, 0)
                pairs += [total // 2, total - total // 2]
            return super().forward(F.pad(x, pairs) if any(pairs) else x)

    def convolution(n_C_prev: int, n_C: int, f: int = 1, s: int = 1, groups: int = 1) -> list[Any]:
        convolved = SameConv2d(n_C_prev, n_C, f, s, groups=groups, bias=False)
        return [convolved, nn.BatchNorm2d(n_C, EPSILON, momentum=0.01), nn.ReLU6()]

    class InvertedResidual(nn.Module):
        """Expand the channels, convolve each of them, and reduce them again."""

        def __init__(self, n_C_prev: int, n_C: int, f: int, s: int, expansion: int) -> None:
            super().__init__()
            wide = expansion * n_C_prev
            self.shortcut = s == 1 and n_C_prev == n_C
            expand = convolution(n_C_prev, wide) if expansion > 1 else []
            project = convolution(wide, n_C)[:-1]  # without ReLU6
            self.layers = nn.Sequential(*expand, *convolution(wide, wide, f, s, wide), *project)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.layers(x) if self.shortcut else self.layers(x)

    class EfficientNetLite0(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            blocks: list[nn.Module] = []
            n_C_prev = 32
            for count, f, stride, expansion, n_C in STAGES:
                for number in range(count):
                    s = 1 if number else stride
                    blocks.append(InvertedResidual(n_C_prev, n_C, f, s, expansion))
                    n_C_prev = n_C
            stem, last = convolution(3, 32, 3, 2), convolution(n_C_prev, 1280)
            self.features = nn.Sequential(*stem, *blocks, *last)
            self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))

        def forward(self, x: Tensor) -> Tensor:
            return self.classifier(self.features(x).mean(dim=(2, 3)))

    model = EfficientNetLite0()
    stored = torch.load(WEIGHTS.find(), map_location="cpu", weights_only=True)
    # The file has the same tensors in the same order, under other names.
    state = zip(model.state_dict(), stored.values(), strict=True)
    model.load_state_dict(dict(state))
    return model
