import tfgan_faces  # noqa: F401  before TensorFlow, which reads settings of it when it is loaded
