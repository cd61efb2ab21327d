from tfgan_faces.data.batches.cache import choose_cache


def test_photos_of_up_to_half_the_memory_are_kept_in_it():
    assert choose_cache(4 * 2**30, 8 * 2**30)[0] == "memory"
    cache, reason = choose_cache(4 * 2**30 + 1, 8 * 2**30)
    assert cache == "none"
    assert reason == "the decoded photos take 4,096 MiB, and the machine has 8,192"
