"""The public namespace `tf.math.special`."""

from tenfold.ops.bessel import bessel_i0 as bessel_i0
from tenfold.ops.bessel import bessel_i0e as bessel_i0e
from tenfold.ops.bessel import bessel_i1 as bessel_i1
from tenfold.ops.bessel import bessel_i1e as bessel_i1e
from tenfold.ops.bessel import bessel_j0 as bessel_j0
from tenfold.ops.bessel import bessel_j1 as bessel_j1
from tenfold.ops.bessel import bessel_k0 as bessel_k0
from tenfold.ops.bessel import bessel_k0e as bessel_k0e
from tenfold.ops.bessel import bessel_k1 as bessel_k1
from tenfold.ops.bessel import bessel_k1e as bessel_k1e
from tenfold.ops.bessel import bessel_y0 as bessel_y0
from tenfold.ops.bessel import bessel_y1 as bessel_y1
from tenfold.ops.special import dawsn as dawsn
from tenfold.ops.special import expint as expint
from tenfold.ops.special import fresnel_cos as fresnel_cos
from tenfold.ops.special import fresnel_sin as fresnel_sin
from tenfold.ops.special import spence as spence
