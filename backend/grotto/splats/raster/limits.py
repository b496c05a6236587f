"""Limits of compositing that all engines share, so that their pictures agree."""

TILE = 16  # px along the sides of a tile; one row of a tile is one vector of the processor
BLUR = 0.3  # px^2 added to each projected covariance: gsplat's eps2d, 3DGS' low-pass filter
LEAST_ALPHA = 1.0 / 255.0  # below it a splat leaves nothing at a pixel
MOST_ALPHA = 0.999  # gsplat's kernels
LEAST_TRANSMITTANCE = 1e-4  # below it nothing further is composited
LEAST_W = 1e-3  # of a disc's homography: below it a ray runs along the disc's plane and misses it
