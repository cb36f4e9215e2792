// Poses many bodies of one model on several threads.
//
// A job is a range of bodies and of blocks of the mesh, so that a part of the model is read once for many
// bodies. Results are bitwise identical for any number of threads and bodies.
#pragma once

#include <Eigen/Core>

#include "smplceres/base/interrupted.h"
#include "smplceres/body/body_model.h"

namespace smplceres {

// N bodies. Each member has N rows, or one row that all bodies share.
struct BodyPoses {
  using Rows = Eigen::Map<const RowMatrix>;

  Rows shape;          // B + X: betas, then coefficients of the frame
  Rows global_orient;  // 3, axis-angle, radians
  Rows body_pose;      // 3 (J - 1), axis-angles, radians
  Rows transl;         // 3, metres

  // N. Throws std::invalid_argument for rows that are neither N nor 1.
  int size() const;
};

// joints: N x J x 3. vertices: N x V x 3, or null for joints alone. Metres. If interrupted, the remaining
// elements are left unchanged.
template <typename Scalar>
void PoseBodies(const BodyModel& model,
                const BodyPoses& poses,
                int threads,
                const Interrupted& interrupted,
                double* joints,
                Scalar* vertices);

extern template void PoseBodies(
    const BodyModel&, const BodyPoses&, int, const Interrupted&, double*, double*);
extern template void PoseBodies(const BodyModel&, const BodyPoses&, int, const Interrupted&, double*, float*);

}  // namespace smplceres
