"""The blog's generator at inference in PyTorch and ONNX Runtime."""

import contextlib
import os

import onnxruntime
import torch

from benchmarks.torch_blog import LATENT_DIM, Generator


def sampler(mode, batch_size, threads):
    """Returns a function that makes a batch of images.

    Args:
        mode: `"eager"`, `"channels_last"`, `"frozen"` (TorchScript, batch norm folded,
            channels_last), `"compile"` or `"bfloat16"` (autocast), both channels_last.
        batch_size: int.
        threads: int.
    """
    torch.set_num_threads(threads)
    generator, latents = Generator().eval(), torch.randn(batch_size, LATENT_DIM)
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


def onnx_sampler(path, batch_size, threads):
    """Returns a function that makes a batch of images with ONNX Runtime."""
    if not os.path.exists(path):
        torch.onnx.export(
            Generator().eval(),
            (torch.randn(2, LATENT_DIM),),
            path,
            input_names=["latents"],
            dynamic_axes={"latents": {0: "batch"}},
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    latents = torch.randn(batch_size, LATENT_DIM).numpy()
    return lambda: session.run(None, {"latents": latents})
