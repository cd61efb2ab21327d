"""FastGAN at 64x64 in PyTorch, written from the paper as a peer for comparison.

The generator and the discriminator have the paper's blocks, but as many as 64x64 needs. The
discriminator must redraw photos from its features; the difference is a mean square, since the
paper's perceptual loss needs a network that was trained on other pictures. The average of the
weights is ten times shorter than the paper's, because a training of minutes has few steps.

Reference:
    [Liu et al., 2021](https://arxiv.org/abs/2101.04775), "Towards Faster and Stabilized GAN
    Training for High-fidelity Few-shot Image Synthesis".
"""

import copy
import time

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

LATENT_DIM, BATCH = 256, 8
_BASE, _RATE, _EMA = 16, 2e-4, 0.99


def _convolution(*arguments, **settings):
    return spectral_norm(nn.Conv2d(*arguments, bias=False, **settings))


class _Noise(nn.Module):
    """Adds noise with a learnt strength, which starts at zero."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        shape = (len(images), 1, *images.shape[2:])
        return images + self.weight * torch.randn(shape, dtype=images.dtype)


def _gated(before, after, noisy):
    noise = [_Noise()] if noisy else []
    convolution = _convolution(before, 2 * after, 3, padding=1)
    return [convolution, *noise, nn.BatchNorm2d(2 * after), nn.GLU(dim=1)]


def _up(before, after, double=False):
    """Doubles the size; `double` adds a second convolution, and noise."""
    layers = [nn.Upsample(scale_factor=2), *_gated(before, after, noisy=double)]
    return nn.Sequential(*layers, *(_gated(after, after, noisy=True) if double else []))


class _Excitation(nn.Module):
    """Scales the channels of a large feature map by a small one; the paper's equation 2."""

    def __init__(self, before, after):
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            _convolution(before, after, 4),
            nn.SiLU(),
            _convolution(after, after, 1),
            nn.Sigmoid(),
        )

    def forward(self, small, large):
        return large * self.layers(small)


class Generator(nn.Module):
    """Latents [batch, 256] to images [batch, 3, 64, 64] in -1..1."""

    def __init__(self):
        super().__init__()
        c4, c8, c16, c32, c64 = (_BASE * factor for factor in (16, 8, 4, 2, 2))
        self.start = nn.Sequential(
            spectral_norm(nn.ConvTranspose2d(LATENT_DIM, 2 * c4, 4, bias=False)),
            nn.BatchNorm2d(2 * c4),
            nn.GLU(dim=1),
        )
        self.to_8, self.to_16 = _up(c4, c8, double=True), _up(c8, c16)
        self.to_32, self.to_64 = _up(c16, c32, double=True), _up(c32, c64)
        self.excite = _Excitation(c4, c64)
        self.rgb = _convolution(c64, 3, 3, padding=1)

    def forward(self, latents):
        smallest = self.start(latents[:, :, None, None])
        large = self.to_64(self.to_32(self.to_16(self.to_8(smallest))))
        return torch.tanh(self.rgb(self.excite(smallest, large)))


class _Down(nn.Module):
    """Halves the size on two ways, whose results are averaged."""

    def __init__(self, before, after):
        super().__init__()
        self.main = nn.Sequential(
            _convolution(before, after, 4, stride=2, padding=1),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2),
            _convolution(after, after, 3, padding=1),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2),
        )
        self.short = nn.Sequential(
            nn.AvgPool2d(2),
            _convolution(before, after, 1),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2),
        )

    def forward(self, images):
        return (self.main(images) + self.short(images)) / 2


def _decoder(before, doublings):
    channels = [before, *(max(_BASE * 4 // 2**index, 8) for index in range(doublings))]
    blocks = (_up(*pair) for pair in zip(channels, channels[1:]))
    return nn.Sequential(*blocks, _convolution(channels[-1], 3, 3, padding=1), nn.Tanh())


class Discriminator(nn.Module):
    """Images to two maps of logits, of the image and of its half; and features to redraw it."""

    def __init__(self):
        super().__init__()
        c64, c32, c16, c8 = (_BASE * factor for factor in (2, 4, 8, 16))
        self.start = nn.Sequential(_convolution(3, c64, 3, padding=1), nn.LeakyReLU(0.2))
        self.to_32, self.to_16, self.to_8 = _Down(c64, c32), _Down(c32, c16), _Down(c16, c8)
        self.excite_16, self.excite_8 = _Excitation(c64, c16), _Excitation(c32, c8)
        self.large = nn.Sequential(
            _convolution(c8, c8, 1), nn.BatchNorm2d(c8), nn.LeakyReLU(0.2), _convolution(c8, 1, 4)
        )
        self.small = nn.Sequential(
            _convolution(3, c64, 4, stride=2, padding=1), nn.LeakyReLU(0.2), _Down(c64, c32)
        )
        self.small_logits = _convolution(c32, 1, 4)
        self.decoders = nn.ModuleList([_decoder(c8, 3), _decoder(c16, 3), _decoder(c32, 3)])

    def forward(self, images):
        x64 = self.start(images)
        x32 = self.to_32(x64)
        x16 = self.excite_16(x64, self.to_16(x32))
        x8 = self.excite_8(x32, self.to_8(x16))
        small = self.small(functional.interpolate(images, 32, mode="area"))
        logits = torch.cat([self.large(x8).flatten(1), self.small_logits(small).flatten(1)], 1)
        return logits, (x8, x16, small)

    def redrawing_error(self, photos, features, quarter):
        """Returns how far photos are from what the decoders make of their features.

        Args:
            photos: tensor [batch, 3, 64, 64].
            features: what `forward` returned for them.
            quarter: pair of ints 0 or 1, the row and column of the quarter that is redrawn from
                the features at 16x16.
        """
        x8, x16, small = features
        row, column = quarter
        part = x16[:, :, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        photo = photos[:, :, 32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        return (
            functional.mse_loss(self.decoders[0](x8), photos)
            + functional.mse_loss(
                self.decoders[1](part), functional.interpolate(photo, 64, mode="bilinear")
            )
            + functional.mse_loss(self.decoders[2](small), photos)
        )


def hinge(real, fake):
    """Returns the discriminator's hinge loss with random margins between 0.8 and 1."""
    margins = [0.8 + 0.2 * torch.rand_like(logits) for logits in (real, fake)]
    return (margins[0] - real).relu().mean() + (margins[1] + fake).relu().mean()


def augmented(images):
    """Returns images with DiffAugment's colors and translation, see `objectives.augmentation`."""
    count, side = len(images), images.shape[2]
    random = torch.rand(5, count, 1, 1, 1)
    images = images + random[0] - 0.5
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * 2 * random[1]
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (random[2] + 0.5)
    reach = side // 8
    padded = functional.pad(images, (reach,) * 4)
    moves = (random[3:, :, 0, 0, 0] * (2 * reach + 1)).long()
    rows, columns = ((move[:, None] + torch.arange(side)) for move in moves)
    index = torch.arange(count)[:, None, None]
    return padded.permute(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)


def train(photos, seconds, threads, seed=0, bfloat16=True):
    """Trains for some seconds.

    Args:
        photos: uint8 array [count, 64, 64, 3].
        seconds: number.
        threads: int.
        seed: int.
        bfloat16: whether to compute under autocast.

    Returns:
        The averaged generator, and the number of steps.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    photos = torch.from_numpy(photos).permute(0, 3, 1, 2)
    generator, discriminator = Generator(), Discriminator()
    for network in (generator, discriminator):
        network.to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(generator)
    optimizers = [
        torch.optim.Adam(network.parameters(), _RATE, betas=(0.5, 0.999))
        for network in (generator, discriminator)
    ]
    steps, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        chosen = photos[torch.randint(len(photos), (BATCH,))]
        chosen = torch.where(torch.rand(BATCH, 1, 1, 1) < 0.5, chosen.flip(3), chosen)
        real = augmented(chosen.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)
        quarter = torch.randint(2, (2,)).tolist()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            fakes = generator(torch.randn(BATCH, LATENT_DIM))
            changed = augmented(fakes.float())
            logits, features = discriminator(real)
            loss = hinge(logits.float(), discriminator(changed.detach())[0].float())
            loss = loss + discriminator.redrawing_error(real, features, quarter)
        optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[1].step()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = -discriminator(changed)[0].float().mean()
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()
        _average(averaged, generator)
        steps += 1
    return averaged, steps


@torch.no_grad()
def _average(averaged, generator):
    for mean, weight in zip(averaged.parameters(), generator.parameters()):
        mean.lerp_(weight, 1.0 - _EMA)
    for mean, value in zip(averaged.buffers(), generator.buffers()):
        mean.copy_(value)


@torch.no_grad()
def faces(generator, count, seed=0):
    """Returns generated faces, uint8 [count, 64, 64, 3]."""
    generator.eval()
    torch.manual_seed(seed)
    latents = torch.randn(count, LATENT_DIM).split(100)
    images = torch.cat([generator(rows) for rows in latents])
    images = ((images + 1.0) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return images.permute(0, 2, 3, 1).numpy()
