"""Three pairs of the library's networks at 64x64, in typical PyTorch code."""

import torch
from torch import nn


class BlogGenerator(nn.Module):
    """`tfgan_faces.models.blog.build_generator`."""

    latent_dim = 512

    def __init__(self):
        super().__init__()
        self.dense = nn.Sequential(nn.Linear(self.latent_dim, 128 * 8 * 8), nn.ReLU(inplace=True))
        blocks = [_upsampled(*channels, 5) for channels in ((128, 256), (256, 256), (256, 128))]
        self.blocks = nn.Sequential(*blocks, nn.Conv2d(128, 3, 3, padding=1))

    def forward(self, latents):
        images = self.blocks(self.dense(latents).view(-1, 128, 8, 8))
        return images if self.training else images.clamp(-1.0, 1.0)


class LightGenerator(nn.Module):
    """`tfgan_faces.models.light.build_generator`."""

    latent_dim = 128

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(self.latent_dim, 256 * 4 * 4, bias=False)
        self.blocks = nn.Sequential(
            _norm(256),
            nn.ReLU(inplace=True),
            *(_upsampled(*pair, 3, bias=False) for pair in ((256, 128), (128, 64), (64, 32))),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(32, 3, 5, padding=2),
            nn.Tanh(),
        )

    def forward(self, latents):
        return self.blocks(self.dense(latents).view(-1, 256, 4, 4))


class ExerciseGenerator(nn.Module):
    """`tfgan_faces.models.exercise.build_generator`.

    PyTorch has one layer for both unpooling and deconvolution, a transposed convolution with a
    stride of 2. An experienced user would choose it.
    """

    latent_dim = 128

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(self.latent_dim, 256 * 4 * 4)
        blocks = []
        for before, after in ((256, 128), (128, 64), (64, 32)):
            blocks += [
                nn.ConvTranspose2d(before, after, 5, stride=2, output_padding=1),
                nn.ReLU(inplace=True),
                nn.Dropout(0.1),
                nn.BatchNorm2d(after, eps=1e-3, momentum=0.1),
            ]
        self.blocks = nn.Sequential(*blocks)
        self.rgb = nn.Conv2d(32, 3, 5)

    def forward(self, latents):
        seed = self.dense(latents).view(-1, 256, 4, 4)
        # Symmetric padding by one pixel equals repeating the edge. The crop before the last layer
        # saves the computation of pixels that would be cropped afterwards.
        images = self.blocks(nn.functional.pad(seed, (1, 1, 1, 1), mode="replicate"))
        margin = (images.shape[2] - 68) // 2
        images = images[:, :, margin : margin + 68, margin : margin + 68]
        return torch.tanh(self.rgb(images))


class PoolingDiscriminator(nn.Module):
    """`build_discriminator` of `tfgan_faces.models.blog` and `exercise`."""

    def __init__(self, dense, block_dropout):
        super().__init__()
        layers = []
        for before, after in ((3, 32), (32, 64), (64, 96)):
            layers += [
                nn.Conv2d(before, after, 5, padding=2),
                nn.MaxPool2d(2),
                nn.ReLU(inplace=True),
                block_dropout(),
            ]
        self.layers = nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Linear(96 * 8 * 8, dense),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(dense, 1),
        )

    def forward(self, images):
        return self.layers(images)


class ResidualDiscriminator(nn.Module):
    """`tfgan_faces.models.modern.build_discriminator`, which `light` uses, too."""

    def __init__(self):
        super().__init__()
        stages = [_Down(*channels) for channels in ((48, 96), (96, 192), (192, 256))]
        self.layers = nn.Sequential(
            nn.Conv2d(3, 48, 4, stride=2, padding=1),
            *stages,
            nn.LeakyReLU(0.2, inplace=True),
            nn.Flatten(),
            nn.Linear(256 * 4 * 4, 1),
        )

    def forward(self, images):
        return self.layers(images)


class _Down(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.short = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(before, after, 1, bias=False))
        self.long = nn.Sequential(
            nn.LeakyReLU(0.2),
            nn.Conv2d(before, before, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.AvgPool2d(2),
            nn.Conv2d(before, after, 3, padding=1),
        )

    def forward(self, images):
        return self.short(images) + self.long(images)


def _upsampled(before, after, kernel_size, bias=True):
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(before, after, kernel_size, padding=kernel_size // 2, bias=bias),
        _norm(after),
        nn.ReLU(inplace=True),
    )


def _norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


# Architecture name -> functions that build the generator and the discriminator.
PAIRS = {
    "blog": (BlogGenerator, lambda: PoolingDiscriminator(1024, lambda: nn.Dropout2d(0.2))),
    "exercise": (ExerciseGenerator, lambda: PoolingDiscriminator(512, lambda: nn.Dropout(0.3))),
    "light": (LightGenerator, ResidualDiscriminator),
}
