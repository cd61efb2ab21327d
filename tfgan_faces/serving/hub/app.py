"""A page for the generator in this folder. Run: pip install -r requirements.txt; python app.py"""

import pathlib
import tempfile

import tensorflow as tf

HERE = pathlib.Path(__file__).parent
LAST_SEED = 2**31 - 1
FOLDER = pathlib.Path(tempfile.mkdtemp())
model = tf.saved_model.load(str(HERE / "saved_model"))


def faces(first, count, truncation):
    """Writes the faces of consecutive seeds as PNGs, and returns (path, caption) of each."""
    seeds = [min(int(first) + index, LAST_SEED) for index in range(int(count))]
    answer = model.signatures["sample_png"](
        seed=tf.constant(seeds, tf.int64), truncation=tf.fill([len(seeds)], float(truncation))
    )
    files = []
    for seed, png in zip(seeds, answer["png_bytes"].numpy()):
        path = FOLDER / f"face-{seed}-{truncation:g}.png"
        path.write_bytes(png)  # as served: the file says that it is generated
        files.append((str(path), f"seed {seed}"))
    return files


def main():
    """Starts the page."""
    import gradio as gr

    gr.Interface(
        faces,
        [
            gr.Number(0, label="First seed", precision=0, minimum=0, maximum=LAST_SEED),
            gr.Slider(1, 64, 16, step=1, label="Faces"),
            gr.Slider(0.0, 1.0, 1.0, label="Unusual (truncation)"),
        ],
        gr.Gallery(label="Faces of nobody", columns=8, format="png"),
        title="Faces of nobody",
        description="Every face here was invented by a network.",
    ).launch()


if __name__ == "__main__":
    main()
