// A body model from an .npz file: the package's, or SMPL, SMPL-H and SMPL-X with the same keys.
//
// Keys: v_template, shapedirs, posedirs, J_regressor, lbs_weights or weights, faces or f, parents or
// kintree_table. Optional: joint_names; landmark_names with landmark_vertices and landmark_weights (L x N,
// zeros pad); num_betas, how many columns of shapedirs are shape; name. With posedirs_vertices and
// posedirs_joints (N), posedirs is N x 3 x 9, the blocks that are not zero; with J_regressor_vertices (J x
// N), J_regressor is J x N, their weights.
#pragma once

#include <string>

#include "smplceres/io/named_body.h"

namespace smplceres {

// num_betas: shape coefficients that are kept, where the file has as many; >= 1. Throws std::invalid_argument
// naming the file and the array.
NamedBody ReadBody(const std::string& path, int num_betas);

}  // namespace smplceres
