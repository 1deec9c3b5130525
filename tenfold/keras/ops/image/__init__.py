"""`tf.keras.ops.image`: operations on images `(height, width, channels)` or batches of them, or channels first."""

from __future__ import annotations

from tenfold.keras.ops.image.borders import crop_images as crop_images
from tenfold.keras.ops.image.borders import pad_images as pad_images
from tenfold.keras.ops.image.colours import hsv_to_rgb as hsv_to_rgb
from tenfold.keras.ops.image.colours import rgb_to_grayscale as rgb_to_grayscale
from tenfold.keras.ops.image.colours import rgb_to_hsv as rgb_to_hsv
from tenfold.keras.ops.image.coordinates import elastic_transform as elastic_transform
from tenfold.keras.ops.image.coordinates import map_coordinates as map_coordinates
from tenfold.keras.ops.image.filters import gaussian_blur as gaussian_blur
from tenfold.keras.ops.image.filters import sobel_edges as sobel_edges
from tenfold.keras.ops.image.filters import ssim as ssim
from tenfold.keras.ops.image.patches import extract_patches as extract_patches
from tenfold.keras.ops.image.patches import extract_patches_3d as extract_patches_3d
from tenfold.keras.ops.image.projections import affine_transform as affine_transform
from tenfold.keras.ops.image.projections import perspective_transform as perspective_transform
from tenfold.keras.ops.image.resampling import scale_and_translate as scale_and_translate
from tenfold.keras.ops.image.resizing import resize as resize
