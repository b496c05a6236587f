import numpy as np

from grotto.ortho import Samples, solve_exposure


def _samples(gains, vignetting, *, wrong=0.0, seed=0):
    """Photos in a row, each seeing four fifths of the next one's places; noise of a hundredth."""
    random = np.random.default_rng(seed)
    photos = len(gains)
    paint = random.uniform(0.1, 0.6, (40 + 8 * photos, 24, 3))
    photo, place, radius, light = [], [], [], []
    for index in range(photos):
        rows, columns = np.meshgrid(np.arange(40), np.arange(24), indexing="ij")
        x, y = (rows - 19.5) / 20, (columns - 11.5) / 20
        square = (x**2 + y**2) / 1.36
        seen = paint[rows + 8 * index, columns] * gains[index] * (1 - vignetting * square)[..., None]
        seen = seen * np.exp(random.normal(0, 0.01, seen.shape))
        bad = random.random(square.shape) < wrong
        seen[bad] *= random.uniform(0.3, 1.0, (int(bad.sum()), 1))
        photo.append(np.full(square.size, index))
        place.append(((rows + 8 * index) * 24 + columns).ravel())
        radius.append(square.ravel())
        light.append(seen.reshape(-1, 3))
    return Samples(*(np.concatenate(part) for part in (photo, place, radius, light)))


def _gains(photos, seed=3):
    random = np.random.default_rng(seed)
    gains = np.exp(random.normal(0, 0.15, (photos, 1)) + random.normal(0, 0.03, (photos, 3)))
    return gains / np.exp(np.log(gains).mean(0))


def test_gains_and_falloff_are_found():
    gains = _gains(12)
    exposure = solve_exposure(_samples(gains, 0.25), np.zeros(12, np.int64))
    assert np.abs(np.log(exposure.gains * gains)).max() < 0.01
    square = np.linspace(0, 1, 11)
    np.testing.assert_allclose(exposure.lift(0, square), 1 / (1 - 0.25 * square), rtol=0.015)


def test_a_tenth_of_wrong_samples_is_borne():
    gains = _gains(12)
    exposure = solve_exposure(_samples(gains, 0.25, wrong=0.1), np.zeros(12, np.int64))
    assert np.abs(np.log(exposure.gains * gains)).max() < 0.03


def test_each_lens_has_its_own_falloff():
    lens = np.array([0, 1] * 6)
    even = _samples(np.ones((12, 3)), 0.0)
    factor = np.where(lens[even.photo] == 1, 1 - 0.3 * even.square_radius, 1.0)
    exposure = solve_exposure(Samples(even.photo, even.place, even.square_radius, even.light * factor[:, None]), lens)
    assert abs(exposure.lift(0, np.array([1.0]))[0] - 1) < 0.02
    assert abs(exposure.lift(1, np.array([1.0]))[0] - 1 / 0.7) < 0.04


def test_light_that_rises_outwards_is_not_believed():
    exposure = solve_exposure(_samples(np.ones((6, 3)), -0.5), np.zeros(6, np.int64))
    assert (exposure.lift(0, np.linspace(0, 1, 5)) >= 1.0 - 1e-6).all()


def test_no_overlap_leaves_photos_alone():
    alone = Samples(np.array([0, 1]), np.array([0, 1]), np.zeros(2), np.full((2, 3), 0.3))
    exposure = solve_exposure(alone, np.zeros(2, np.int64))
    assert (exposure.gains == 1).all()
    assert (exposure.falloff == 0).all()


def test_saturated_places_are_no_evidence():
    samples = _samples(np.ones((6, 3)), 0.0)
    clipped = Samples(samples.photo, samples.place, samples.square_radius, np.minimum(samples.light * 2.5, 1.0))
    exposure = solve_exposure(clipped, np.zeros(6, np.int64))
    assert np.abs(exposure.gains - 1).max() < 0.01
