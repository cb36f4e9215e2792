// The exact Euclidean distance transform of a set of pixels.
//
//   D(p) = min over q in the set of |p - q|     (pixels, between centres)
//
// Separable: along columns, then the lower envelope of parabolas along rows, both linear in the pixels.
// Reference: Felzenszwalb, Huttenlocher, "Distance Transforms of Sampled Functions", 2012.
#pragma once

#include <Eigen/Core>

namespace smplceres {

using Pixels = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using DistanceImage = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// All infinity for an empty set.
DistanceImage DistanceTransform(const Pixels& set);

}  // namespace smplceres
