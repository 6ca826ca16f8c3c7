"""Near points, lines between points and places on maps, against scikit-learn and by their laws."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from pages.parts.latent_space.geometry import between, blended, extent, nearest, on_plane
from pages.parts.latent_space.map_chart import COLUMNS, ROWS, _ground

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(120, 6)).astype(np.float32)


def test_the_nearest_are_scikit_learn_s():
    oracle = NearestNeighbors(n_neighbors=7).fit(POINTS)
    distances, order = oracle.kneighbors(POINTS[4:5] + 0.1)
    found, away = nearest(POINTS, POINTS[4] + 0.1, 7)
    assert found.tolist() == order[0].tolist()
    np.testing.assert_allclose(away, distances[0], rtol=1e-5)


def test_a_garment_is_not_its_own_neighbour_and_few_have_few():
    found, _away = nearest(POINTS, POINTS[4], 10, but=4)
    assert 4 not in found
    found, away = nearest(POINTS[:3], POINTS[1], 10, but=1)
    assert sorted(found.tolist()) == [0, 2]
    assert np.isfinite(away).all()
    found, _away = nearest(POINTS, POINTS[4], 3, but=5000)
    assert found[0] == 4, "one that is not on the map leaves nobody out"


def test_a_walk_begins_and_ends_where_it_should_in_equal_steps():
    path = between(POINTS[0], POINTS[1], 10)
    assert path.shape == (10, 6)
    np.testing.assert_array_equal(path[[0, -1]], POINTS[:2])
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(POINTS[1] - POINTS[0]) / 9, rtol=1e-4)


def test_a_place_of_the_plane_is_what_scikit_learn_transforms_back_and_never_below_zero():
    points = np.abs(POINTS) + 5
    oracle = PCA(2).fit(points)
    place = np.array([0.4, -0.2])
    np.testing.assert_allclose(
        on_plane(oracle.mean_, oracle.components_, place), oracle.inverse_transform(place[None])[0], rtol=1e-5
    )
    assert on_plane(oracle.mean_, oracle.components_, 100 * place).min() == 0


def test_where_a_garment_is_on_a_map_without_a_way_back_its_own_code_is_and_nearby_something_like_it():
    places = RNG.normal(size=(120, 2)).astype(np.float32)
    np.testing.assert_array_equal(blended(POINTS, places, places[9]), POINTS[9])
    np.testing.assert_allclose(blended(POINTS, places, places[9] + 1e-5), POINTS[9], atol=1e-3)
    between_all = blended(POINTS, places, np.zeros(2))
    assert (POINTS.min(0) <= between_all).all()
    assert (between_all <= POINTS.max(0)).all()


@pytest.mark.parametrize("places", [RNG.normal(size=(50, 2)), np.zeros((5, 2))])
def test_a_map_has_room_around_all_its_places(places: np.ndarray):
    left, bottom, right, top = extent(places)
    assert left < places[:, 0].min() <= places[:, 0].max() < right
    assert bottom < places[:, 1].min() <= places[:, 1].max() < top


def test_the_ground_covers_the_map_and_is_grey_where_no_garment_is():
    places = np.array([[0.0, 0.0], [1.0, 1.0]])
    cells = _ground(places, extent(places))
    assert len(cells) == COLUMNS * ROWS
    left, bottom, right, top = extent(places)
    area = ((cells[:, 2] - cells[:, 0]) * (cells[:, 3] - cells[:, 1])).sum()
    assert area == pytest.approx((right - left) * (top - bottom), rel=1e-4)
    far = cells[:, 4]
    corner = cells[far.argmax(), :2]
    assert far.max() == 1
    assert {round(float(v)) for v in corner} == {0, 1}, "a corner between both"
    assert far.min() < 0.05
