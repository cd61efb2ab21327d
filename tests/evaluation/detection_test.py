import numpy as np

from tfgan_faces.evaluation.detection import face_scores


def test_the_score_of_an_image_is_that_of_its_likeliest_face_or_zero():
    seen = []

    def detector(image):
        seen.append(image)
        scores = {10: [0.3, 0.8], 20: []}[int(image[64, 64, 0])]
        return np.array([[0.0] * 14 + [score] for score in scores]).reshape(-1, 15)

    images = np.full((2, 8, 8, 3), 10, np.uint8)
    images[1] = 20
    np.testing.assert_allclose(face_scores(detector, images), [0.8, 0.0])
    # The image fills the inner 96 of 128 pixels; the margin is gray.
    assert seen[0].shape == (128, 128, 3)
    assert (seen[0][15] == 128).all()
    assert (seen[0][16:112, 16:112] == 10).all()
