// Reads a body model from an .npz file: the package's, or SMPL, SMPL-H and SMPL-X with the same keys.
//
// Keys: v_template, shapedirs, posedirs, J_regressor, lbs_weights or weights, faces or f, parents or
// kintree_table. Optional: joint_names; landmark_names with landmark_vertices and landmark_weights (L x N,
// zeros pad); num_betas, the number of columns of shapedirs that are shape, others are expression; name; of
// bodies with hands and a face: hands_componentsl, hands_meanl, hands_sdl or hands_coeffsl, and those of r;
// lmk_faces_idx, lmk_bary_coords, dynamic_lmk_faces_idx, dynamic_lmk_bary_coords. With posedirs_vertices and
// posedirs_joints (N), posedirs is N x 3 x 9, the blocks that are not zero; with J_regressor_vertices (J x
// N), J_regressor is J x N, their weights.
#pragma once

#include <string>

#include "smplceres/io/named_body.h"

namespace smplceres {

// num_betas: maximum number of shape coefficients to keep, >= 1. Throws std::invalid_argument that names the
// file and the array.
NamedBody ReadBody(const std::string& path, int num_betas);

}  // namespace smplceres
