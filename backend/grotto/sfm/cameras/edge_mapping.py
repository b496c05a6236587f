"""Incremental mapping that adjusts the edge of the model as it grows (paper 001, "Edge-based Bundle Adjustment").

A view lies inside once all views that share verified matches with it are placed and were adjusted: nothing new will be said of
it, so it is held, and so are the points that only such views see. What remains is the edge, and the points seen from there. The
lenses are held meanwhile, as the views inside were placed with them: only adjustments of the whole model move them, which take
place each time the model has grown by much, and at the end. Each step is COLMAP's own; their order is ours.

pycolmap keeps the interpreter's lock within a step: progress and a cancel are heard between two steps, not within one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pycolmap

EDGE_FROM = 12  # photos: a smaller model is nearly all edge
EDGE_GROWTH = 1.15  # of photos, between two adjustments of the edge
WHOLE_GROWTH = 3.0  # of photos, between two adjustments of the whole model that is larger than EDGE_FROM
EDGE_ITERATIONS = 6  # at most: what is left of the error is removed with the next edge
RELAXATIONS = ((1.0, 1.0), (0.5, 1.0), (0.5, 0.5))  # of COLMAP's demands on the first pair: its inliers and its angle
TRIALS_OF_A_SMALL_MODEL = 30  # photos that may fail to be placed before another first pair is tried


def map_by_edges(
    database: Path,
    settings: pycolmap.IncrementalPipelineOptions,
    token: pycolmap.CancellationToken,
    next_image: Callable[[], None],
) -> list[pycolmap.Reconstruction]:
    """The models of a database of verified pairs. next_image: called for each photo placed after a first pair.

    Raises InterruptedError between two steps once `token` is cancelled.
    """
    with pycolmap.Database.open(str(database)) as opened:
        cached = pycolmap.DatabaseCacheOptions(min_num_matches=settings.min_num_matches, image_names=set(settings.image_names))
        cache = pycolmap.DatabaseCache.create(opened, cached)
    mapping = _Mapping(cache, settings, token, next_image)
    models: list[pycolmap.Reconstruction] = []
    for inliers, angle in RELAXATIONS:
        models += mapping.models(inliers, angle)
        if models:
            break
    return models


def edge_views(neighbours: Mapping[int, set[int]], adjusted: set[int], placed: set[int]) -> list[int]:
    """The placed views that are not inside, in order. neighbours: of each view, those that share verified matches with it."""
    settled = adjusted & placed
    return sorted(view for view in placed if not ({view} | neighbours[view]) <= settled)


class _Mapping:
    """One mapper on one set of photos, and the model that it is at."""

    def __init__(
        self,
        cache: pycolmap.DatabaseCache,
        settings: pycolmap.IncrementalPipelineOptions,
        token: pycolmap.CancellationToken,
        next_image: Callable[[], None],
    ) -> None:
        self.cache, self.settings, self.token, self.next_image = cache, settings, token, next_image
        self.pipeline = pycolmap.IncrementalPipeline(settings, cache, pycolmap.ReconstructionManager())
        self.mapper = pycolmap.IncrementalMapper(cache)
        self.options, self.triangulation = settings.get_mapper(), settings.get_triangulation()
        self.whole, self.edge = settings.get_global_bundle_adjustment(), settings.get_local_bundle_adjustment()
        self.edge.refine_focal_length = self.edge.refine_extra_params = False
        self.edge.ceres.solver_options.max_num_iterations = EDGE_ITERATIONS
        self.neighbours: defaultdict[int, set[int]] = defaultdict(set)
        for pair in cache.correspondence_graph.image_pairs():
            first, second = pycolmap.pair_id_to_image_pair(pair)
            self.neighbours[first].add(second)
            self.neighbours[second].add(first)
        self.model = pycolmap.Reconstruction()
        self.adjusted: set[int] = set()  # views of the model that an adjustment of the edge or the whole has moved

    def models(self, inliers: float, angle: float) -> Iterator[pycolmap.Reconstruction]:
        """One model after another, until no first pair is left. inliers, angle: parts of COLMAP's demands on that pair."""
        self.mapper.reset_initialization_stats()
        self.options = self.settings.get_mapper()
        self.options.init_min_num_inliers = int(inliers * self.options.init_min_num_inliers)
        self.options.init_min_tri_angle *= angle
        found = 0
        for _ in range(self.settings.init_num_trials):
            self.model, self.adjusted = pycolmap.Reconstruction(), set()
            self.mapper.begin_reconstruction(self.model)
            self._check()
            status = self.pipeline.initialize_reconstruction(self.mapper, self.options, self.model)
            begun = status == pycolmap.IncrementalPipelineStatus.SUCCESS
            if begun:
                self._grow()
            least = min(0.8 * self.cache.num_images(), self.settings.min_model_size)
            kept = begun and self.model.num_reg_images() >= (least if found else 1)
            self.mapper.end_reconstruction(not kept)
            if kept:
                found += 1
                yield self.model
            if status == pycolmap.IncrementalPipelineStatus.NO_INITIAL_PAIR:
                return
            if found >= self.settings.max_num_models or self.mapper.num_total_reg_images() >= self.cache.num_images() - 1:
                return

    def _grow(self) -> None:
        """Place photo after photo, and adjust. Where none can be placed, adjusting the whole model may make it possible."""
        of_edge = of_whole = self.model.num_reg_images()
        while self.mapper.num_shared_reg_images() < self.settings.max_model_overlap:
            placed = self._place_next()
            count = self.model.num_reg_images()
            if placed is None and count == of_whole:
                return
            grown = WHOLE_GROWTH if count > EDGE_FROM else self.settings.ba_global_frames_ratio
            if placed is None or count >= grown * of_whole:
                self._adjust_whole()
                of_edge = of_whole = self.model.num_reg_images()
            elif count > EDGE_FROM and count >= EDGE_GROWTH * of_edge:
                self._adjust_edge()
                of_edge = count
            if placed is not None:
                self.next_image()
        if self.model.num_reg_images() != of_whole:
            self._adjust_whole()

    def _place_next(self) -> int | None:
        """The image that was placed, with its points; None where none can be. Nothing is adjusted: the edge soon is."""
        for structure_less in (False, True) if self.settings.structure_less_registration_fallback else (False,):
            register = self.mapper.register_next_structure_less_image if structure_less else self.mapper.register_next_image
            for trial, image_id in enumerate(self.mapper.find_next_images(self.options, structure_less)):
                self._check()
                if register(self.options, image_id):
                    self.mapper.triangulate_image(self.triangulation, image_id)
                    return image_id
                if trial >= TRIALS_OF_A_SMALL_MODEL and self.model.num_reg_images() < self.settings.min_model_size:
                    break
        return None

    def _adjust_whole(self) -> None:
        self._check()
        rounds, change = self.settings.ba_global_max_refinements, self.settings.ba_global_max_refinement_change
        self.mapper.iterative_global_refinement(rounds, change, self.options, self.whole, self.triangulation)
        self.mapper.filter_frames(self.options)
        self.adjusted = set(self.model.reg_image_ids())

    def _adjust_edge(self) -> None:
        """Adjust the views of the edge and all points that they see; views inside hold those points where they see them, too."""
        self._check()
        self.mapper.complete_and_merge_tracks(self.triangulation)
        views = edge_views(self.neighbours, self.adjusted, set(self.model.reg_image_ids()))
        config = pycolmap.BundleAdjustmentConfig()
        seen: set[int] = set()
        for view in views:
            config.add_image(view)
            seen.update(point.point3D_id for point in self.model.image(view).get_observation_points2D())
        for point_id in sorted(seen):  # named one by one: COLMAP holds a point that views outside of the problem see
            config.add_variable_point(point_id)
        for camera_id in self.model.cameras:
            config.set_constant_cam_intrinsics(camera_id)
        if len(views) == self.model.num_reg_images():  # nothing inside holds the frame
            config.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
        pycolmap.create_default_ceres_bundle_adjuster(self.edge, config, self.model).solve()
        self.mapper.complete_and_merge_tracks(self.triangulation)
        self.mapper.filter_points(self.options)
        self.adjusted |= set(views)

    def _check(self) -> None:
        if self.token.is_cancelled:
            raise InterruptedError
