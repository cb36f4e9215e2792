#include "smplceres/body/pose_bodies.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "smplceres/base/parallel.h"
#include "smplceres/body/mesh.h"

namespace smplceres {
namespace {

// The size of a job: the poses of kBodies bodies and the model's data of kBlocks blocks (a quarter of a
// megabyte each) fit into a core's L2 cache.
constexpr int kBodies = 64;
constexpr int kBlocks = 32;

int Pieces(int size, int piece) { return (size + piece - 1) / piece; }

const double* Row(const BodyPoses::Rows& rows, Eigen::Index row) {
  return rows.data() + (rows.rows() == 1 ? 0 : row * rows.cols());
}

}  // namespace

int BodyPoses::size() const {
  Eigen::Index size = 1;
  for (const Rows* rows : {&shape, &global_orient, &body_pose, &transl})
    if (rows->rows() != 1) size = rows->rows();
  for (const Rows* rows : {&shape, &global_orient, &body_pose, &transl})
    if (rows->rows() != 1 && rows->rows() != size)
      throw std::invalid_argument(
          "betas, global_orient, body_pose, transl: expected as many bodies of each, or one, got " +
          std::to_string(shape.rows()) + ", " + std::to_string(global_orient.rows()) + ", " +
          std::to_string(body_pose.rows()) + " and " + std::to_string(transl.rows()));
  return static_cast<int>(size);
}

template <typename Scalar>
void PoseBodies(const BodyModel& model,
                const BodyPoses& poses,
                int threads,
                const Interrupted& interrupted,
                double* joints,
                Scalar* vertices) {
  const int N = poses.size();
  MeshPoses<Scalar> moves(model, vertices == nullptr ? 0 : N, std::min<Eigen::Index>(N, poses.shape.rows()));
  moves.shape = poses.shape.topRows(moves.shape.rows()).template cast<Scalar>();
  RunJobs(Pieces(N, kBodies), threads, interrupted, [&](int job, const Interrupted&) {
    Kinematics<double> kinematics;
    for (int i = job * kBodies; i < std::min(N, (job + 1) * kBodies); ++i) {
      kinematics.Compute(model,
                         Exp(Row(poses.global_orient, i)),
                         Row(poses.body_pose, i),
                         Row(poses.shape, i),
                         Row(poses.transl, i));
      double* joint = joints + static_cast<size_t>(i) * 3 * kinematics.position.size();
      for (const Eigen::Vector3d& position : kinematics.position) {
        Eigen::Vector3d::Map(joint) = position;
        joint += 3;
      }
      if (vertices != nullptr) moves.Set(i, kinematics);
    }
  });
  if (vertices == nullptr) return;
  const Mesh<Scalar>& mesh = model.template mesh<Scalar>();
  const int parts = Pieces(mesh.num_blocks(), kBlocks);
  RunJobs(Pieces(N, kBodies) * parts, std::min(threads, N), interrupted, [&](int job, const Interrupted&) {
    const int body = job / parts * kBodies, block = job % parts * kBlocks;
    mesh.Evaluate(moves,
                  {body, std::min(body + kBodies, N)},
                  {block, std::min(block + kBlocks, mesh.num_blocks())},
                  vertices);
  });
}

template void PoseBodies(const BodyModel&, const BodyPoses&, int, const Interrupted&, double*, double*);
template void PoseBodies(const BodyModel&, const BodyPoses&, int, const Interrupted&, double*, float*);

}  // namespace smplceres
