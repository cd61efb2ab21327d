"""The blog's pair in PyTorch, as its users write it, and one training step of it."""

import contextlib

import torch
from torch import nn
from torch.nn import functional

LATENT_DIM = 512


class Generator(nn.Module):
    """`tfgan_faces.models.blog.build_generator` at 64 pixels."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(LATENT_DIM, 128 * 8 * 8)
        layers = []
        for before, after in ((128, 256), (256, 256), (256, 128)):
            layers += [
                nn.Upsample(scale_factor=2, mode="nearest"),
                nn.Conv2d(before, after, 5, padding=2),
                nn.BatchNorm2d(after, eps=1e-5, momentum=0.1),
                nn.ReLU(inplace=True),
            ]
        self.blocks = nn.Sequential(*layers, nn.Conv2d(128, 3, 3, padding=1))

    def forward(self, latents):
        seed = functional.relu(self.dense(latents)).view(-1, 128, 8, 8)
        images = self.blocks(seed)
        return images if self.training else images.clamp(-1.0, 1.0)


class Discriminator(nn.Module):
    """`tfgan_faces.models.blog.build_discriminator` at 64 pixels."""

    def __init__(self):
        super().__init__()
        layers = []
        for before, after in ((3, 32), (32, 64), (64, 96)):
            layers += [
                nn.Conv2d(before, after, 5, padding=2),
                nn.MaxPool2d(2),
                nn.ReLU(inplace=True),
                nn.Dropout2d(0.2),
            ]
        self.layers = nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Linear(96 * 8 * 8, 1024),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(1024, 1),
        )

    def forward(self, images):
        return self.layers(images)


def training_step(mode, batch_size, threads):
    """Returns a function that does one step: the discriminator's turn, then the generator's.

    Args:
        mode: `"eager"`, `"channels_last"`, `"compile"` (channels_last, too) or `"bfloat16"`
            (autocast, channels_last).
        batch_size: int.
        threads: int.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layout = torch.contiguous_format if mode == "eager" else torch.channels_last
    generator, discriminator = Generator(), Discriminator()
    for network in (generator, discriminator):
        network.to(memory_format=layout)
    optimizers = [
        torch.optim.RMSprop(network.parameters(), lr=1e-4, alpha=0.9, eps=1e-8, foreach=True)
        for network in (generator, discriminator)
    ]
    run_generator, run_discriminator = generator, discriminator
    if mode == "compile":
        run_generator, run_discriminator = torch.compile(generator), torch.compile(discriminator)
    photos = torch.randint(0, 256, (batch_size, 3, 64, 64), dtype=torch.uint8)
    targets = torch.cat([torch.full((batch_size, 1), 0.9), torch.zeros(batch_size, 1)])
    ones = torch.ones(batch_size, 1)
    cross_entropy = functional.binary_cross_entropy_with_logits

    def precision():
        if mode == "bfloat16":
            return torch.autocast("cpu", torch.bfloat16)
        return contextlib.nullcontext()

    def step():
        for parameter in discriminator.parameters():
            parameter.requires_grad_(True)
        with precision():
            with torch.no_grad():
                fakes = run_generator(torch.randn(batch_size, LATENT_DIM))
            reals = (photos.float() / 127.5 - 1.0).to(memory_format=layout)
            logits = run_discriminator(torch.cat([reals, fakes.to(reals.dtype)]))
            loss = 2 * cross_entropy(logits.float(), targets)  # the sum of both halves' means
        optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[1].step()
        for parameter in discriminator.parameters():
            parameter.requires_grad_(False)  # spares the generator's turn their gradients
        with precision():
            logits = run_discriminator(run_generator(torch.randn(batch_size, LATENT_DIM)))
            loss = cross_entropy(logits.float(), ones)
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()

    return step
