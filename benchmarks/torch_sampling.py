"""Inference of the library's generators in PyTorch and ONNX Runtime."""

import contextlib
import os

import onnxruntime
import torch

from benchmarks.torch_networks import PAIRS


def sampler(architecture, mode, batch_size, threads):
    """Returns a function that samples a batch of images.

    Args:
        architecture: a key of `PAIRS`.
        mode: `"eager"`, `"channels_last"`, `"frozen"` (TorchScript, batch norm folded,
            channels_last), `"compile"` (channels_last) or `"bfloat16"` (channels_last, autocast).
        batch_size: int.
        threads: int.
    """
    torch.set_num_threads(threads)
    generator = PAIRS[architecture][0]().eval()
    latents = torch.randn(batch_size, generator.latent_dim)
    if mode != "eager":
        generator.to(memory_format=torch.channels_last)
    if mode == "frozen":
        with torch.no_grad():
            traced = torch.jit.freeze(torch.jit.trace(generator, latents))
            generator = torch.jit.optimize_for_inference(traced)
    if mode == "compile":
        generator = torch.compile(generator)

    def make():
        autocast = torch.autocast("cpu", torch.bfloat16)
        with torch.inference_mode(), autocast if mode == "bfloat16" else contextlib.nullcontext():
            generator(latents)

    return make


def onnx_sampler(architecture, path, batch_size, threads):
    """Returns a function that samples a batch of images with ONNX Runtime."""
    generator = PAIRS[architecture][0]().eval()
    if not os.path.exists(path):
        torch.onnx.export(
            generator,
            (torch.randn(2, generator.latent_dim),),
            path,
            input_names=["latents"],
            dynamic_axes={"latents": {0: "batch"}},
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    latents = torch.randn(batch_size, generator.latent_dim).numpy()
    return lambda: session.run(None, {"latents": latents})
