#include "smplceres/fit/sequence/steps.h"

#include <stdexcept>

namespace smplceres {
namespace {

const NumberArray& Find(const ClipStep& step, const std::string& name) {
  const auto found = step.arrays.find(name);
  if (found == step.arrays.end())
    throw std::invalid_argument("checkpoint: expected steps with an array " + name +
                                ", got one without; it may be another version's");
  return found->second;
}

// The array of a further slice of the frames.
std::string NameOf(const Slice& slice) { return "slices/" + slice.name; }

Eigen::Index NumRows(const NumberArray& array) { return array.shape.empty() ? 0 : array.shape[0]; }

}  // namespace

RowMatrix UnpackRows(const ClipStep& step, const std::string& name, Eigen::Index rows, Eigen::Index columns) {
  const NumberArray& array = Find(step, name);
  if (NumRows(array) != rows || static_cast<Eigen::Index>(array.values.size()) != rows * columns)
    throw std::invalid_argument("checkpoint: expected " + std::to_string(rows) + " rows of " +
                                std::to_string(columns) + " numbers in array " + name + ", got " +
                                std::to_string(NumRows(array)) + " rows and " +
                                std::to_string(array.values.size()) + " numbers in all");
  return Eigen::Map<const RowMatrix>(array.values.data(), rows, columns);
}

void PackVariables(const std::vector<Variables>& variables, ClipStep* step) {
  if (variables.empty()) {
    for (const char* name : {"global_orient", "body_pose", "betas", "transl", "log_zoom", "camera_motion"})
      step->arrays[name] = {{0}, {}};
    return;
  }
  const int N = static_cast<int>(variables.size());
  const auto pack = [&](const std::string& name, std::vector<int> of_one, const auto& get) {
    NumberArray array{{N}, {}};
    array.shape.insert(array.shape.end(), of_one.begin(), of_one.end());
    for (const Variables& each : variables) {
      const Eigen::VectorXd values = get(each);
      array.values.insert(array.values.end(), values.begin(), values.end());
    }
    step->arrays[name] = std::move(array);
  };
  const Variables& first = variables[0];
  const int num_motions = static_cast<int>(first.camera_motion.size()) / kMotionSize;
  pack("global_orient", {3}, [](const Variables& v) { return v.GlobalOrient(); });
  pack("body_pose", {static_cast<int>(first.BodyPose().size()) / 3, 3}, [](const Variables& v) {
    return v.BodyPose();
  });
  pack("betas", {static_cast<int>(first.betas.size())}, [](const Variables& v) { return v.betas; });
  pack("transl", {3}, [](const Variables& v) { return v.Transl(); });
  for (const Slice& slice : first.layout.slices())
    if (slice.is_further())
      pack(NameOf(slice), {slice.size}, [&](const Variables& v) { return v.Of(slice); });
  pack("log_zoom", {first.num_views()}, [](const Variables& v) { return v.log_zoom; });
  pack("camera_motion", {num_motions, kMotionSize}, [](const Variables& v) { return v.camera_motion; });
}

std::vector<Variables> UnpackVariables(const BodyModel& model,
                                       size_t num_views,
                                       const ClipStep& step,
                                       size_t num_bodies) {
  const Variables sized(model, num_views);
  const auto N = static_cast<Eigen::Index>(num_bodies);
  const auto V = static_cast<Eigen::Index>(num_views);
  const RowMatrix global_orient = UnpackRows(step, "global_orient", N, 3);
  const RowMatrix body_pose = UnpackRows(step, "body_pose", N, sized.BodyPose().size());
  const RowMatrix betas = UnpackRows(step, "betas", N, sized.betas.size());
  const RowMatrix transl = UnpackRows(step, "transl", N, 3);
  const RowMatrix log_zoom = UnpackRows(step, "log_zoom", N, V);
  const bool cameras_move = !Find(step, "camera_motion").values.empty();
  const RowMatrix camera_motion = UnpackRows(step, "camera_motion", N, cameras_move ? kMotionSize * V : 0);
  std::vector<Variables> variables(num_bodies, sized);
  for (Eigen::Index i = 0; i < N; ++i) {
    Variables& each = variables[static_cast<size_t>(i)];
    each.SetRootRotation(Exp(Eigen::Vector3d(global_orient.row(i))));
    each.BodyPose() = body_pose.row(i);
    each.betas = betas.row(i);
    each.Transl() = transl.row(i);
    each.log_zoom = log_zoom.row(i);
    each.camera_motion = camera_motion.row(i);
  }
  for (const Slice& slice : sized.layout.slices()) {
    if (!slice.is_further() || N == 0) continue;
    const RowMatrix rows = UnpackRows(step, NameOf(slice), N, slice.size);
    for (Eigen::Index i = 0; i < N; ++i) variables[static_cast<size_t>(i)].Of(slice) = rows.row(i);
  }
  return variables;
}

}  // namespace smplceres
