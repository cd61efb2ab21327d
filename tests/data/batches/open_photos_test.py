from tfgan_faces.data.batches.open_photos import choose_cache


def test_photos_up_to_half_the_memory_size_are_kept_in_memory():
    assert choose_cache(4 * 2**30, 8 * 2**30)[0] == "memory"
    cache, reason = choose_cache(4 * 2**30 + 1, 8 * 2**30)
    assert cache == "none"
    assert reason == "the decoded photos take 4,096 MiB and the machine has 8,192 MiB"
