// A body in many poses and shapes at once, on several threads.
//
// Bodies and blocks of the mesh are the jobs: each thread reads a part of the model once for many bodies, and
// what it computes is the same to the bit whatever the number of threads and of bodies.
#pragma once

#include <Eigen/Core>

#include "smplceres/base/interrupted.h"
#include "smplceres/body/body_model.h"

namespace smplceres {

// N bodies: N rows, or one row that all share, of each.
struct BodyPoses {
  using Rows = Eigen::Map<const RowMatrix>;

  Rows shape;          // B + X: betas, then coefficients of the frame
  Rows global_orient;  // 3, axis-angle, radians
  Rows body_pose;      // 3 (J - 1), axis-angles, radians
  Rows transl;         // 3, metres

  // N. Throws std::invalid_argument for rows that are neither N nor 1.
  int size() const;
};

// joints: N x J x 3. vertices: N x V x 3, or null for joints alone. Metres. Once `interrupted`, what is not
// yet computed is left as it was.
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
