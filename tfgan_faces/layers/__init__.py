"""Keras layers, such as pooling with switches, unpooling and deconvolution."""

from tfgan_faces.layers.block_convolution_2d import BlockConvolution2D
from tfgan_faces.layers.byte_dropout import ByteDropout
from tfgan_faces.layers.cropping_2d import Cropping2D
from tfgan_faces.layers.deconvolution_2d import Deconvolution2D
from tfgan_faces.layers.fused_batch_normalization import FusedBatchNormalization
from tfgan_faces.layers.inference_clip import InferenceClip
from tfgan_faces.layers.label_from_noise import LabelFromNoise
from tfgan_faces.layers.leaky_relu import LeakyReLU
from tfgan_faces.layers.max_pooling_2d import MaxPooling2D
from tfgan_faces.layers.max_pooling_with_argmax_2d import MaxPoolingWithArgmax2D
from tfgan_faces.layers.max_unpooling_2d import MaxUnpooling2D
from tfgan_faces.layers.minibatch_standard_deviation import MinibatchStandardDeviation
from tfgan_faces.layers.spectral_normalization import SpectralNormalization
from tfgan_faces.layers.unpooling_deconvolution_2d import UnpoolingDeconvolution2D

__all__ = [
    "BlockConvolution2D",
    "ByteDropout",
    "Cropping2D",
    "Deconvolution2D",
    "FusedBatchNormalization",
    "InferenceClip",
    "LabelFromNoise",
    "LeakyReLU",
    "MaxPooling2D",
    "MaxPoolingWithArgmax2D",
    "MaxUnpooling2D",
    "MinibatchStandardDeviation",
    "SpectralNormalization",
    "UnpoolingDeconvolution2D",
]
