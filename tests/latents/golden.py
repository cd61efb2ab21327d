"""Numbers that a seed must give in every runtime: TensorFlow, XLA, ONNX Runtime, JavaScript."""

# From version 0.6.0, which used TensorFlow's kernel: the first, fourth and last of 6 numbers.
LATENT_DIM, PLACES = 6, [0, 3, 5]
GOLDEN = {
    0: (-1.697034, 0.087011, 0.943474),
    1: (0.126650, -0.788847, -1.556994),
    -1: (0.474434, 0.427493, -1.857810),
    2**31: (-0.519072, 1.814819, -0.536866),
    2**63 - 1: (-1.631032, 0.183648, -0.791381),
    -(2**63): (-0.178201, -0.296516, -0.983611),
}
