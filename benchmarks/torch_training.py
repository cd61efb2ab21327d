"""A training step of the library's networks in PyTorch."""

import contextlib

import torch
from torch.nn import functional

from benchmarks.torch_networks import PAIRS

MODES = ("eager", "channels_last", "compile")


def training_step(architecture, mode, batch_size, threads):
    """Returns a function that runs one step: a discriminator update, then a generator update.

    Args:
        architecture: a key of `PAIRS`.
        mode: `"eager"`, `"channels_last"`, `"compile"` (channels_last, too), `"bfloat16"`
            (`"channels_last"` under autocast) or `"compile_bfloat16"` (`"compile"` under
            autocast).
        batch_size: int.
        threads: int.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layout = torch.contiguous_format if mode == "eager" else torch.channels_last
    generator, discriminator = (build() for build in PAIRS[architecture])
    latent_dim = generator.latent_dim
    for network in (generator, discriminator):
        network.to(memory_format=layout)
    optimizers = [
        torch.optim.RMSprop(network.parameters(), lr=1e-4, alpha=0.9, eps=1e-8, foreach=True)
        for network in (generator, discriminator)
    ]
    run_generator, run_discriminator = generator, discriminator
    if mode.startswith("compile"):
        run_generator, run_discriminator = torch.compile(generator), torch.compile(discriminator)
    photos = torch.randint(0, 256, (batch_size, 3, 64, 64), dtype=torch.uint8)
    targets = torch.cat([torch.full((batch_size, 1), 0.9), torch.zeros(batch_size, 1)])
    ones = torch.ones(batch_size, 1)
    cross_entropy = functional.binary_cross_entropy_with_logits

    def precision():
        if mode.endswith("bfloat16"):
            return torch.autocast("cpu", torch.bfloat16)
        return contextlib.nullcontext()

    def step():
        for parameter in discriminator.parameters():
            parameter.requires_grad_(True)
        with precision():
            with torch.no_grad():
                fakes = run_generator(torch.randn(batch_size, latent_dim))
            reals = (photos.float() / 127.5 - 1.0).to(memory_format=layout)
            logits = run_discriminator(torch.cat([reals, fakes.to(reals.dtype)]))
            loss = 2 * cross_entropy(logits.float(), targets)  # the sum of the means of both halves
        optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[1].step()
        for parameter in discriminator.parameters():
            parameter.requires_grad_(False)  # not needed in the generator's update
        with precision():
            logits = run_discriminator(run_generator(torch.randn(batch_size, latent_dim)))
            loss = cross_entropy(logits.float(), ones)
        optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimizers[0].step()

    return step
