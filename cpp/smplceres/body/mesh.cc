#include "smplceres/body/mesh.h"

#include <algorithm>
#include <cmath>

#include "smplceres/body/lanes.h"
#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

constexpr int kFeatures = 9;  // size of a joint's vec(R - I)
constexpr int kLargestInteger = 32767;
// In 16-bit integers. Explicit prefetching is needed because the hardware's stops at each 4 kB page.
constexpr int kCacheLine = 32, kAhead = 4096;

// Appends the joints for which has(vertex, joint) is true for any vertex from begin to end - 1.
template <typename Has>
void AppendJoints(int num_joints, int begin, int end, const Has& has, std::vector<int>* joints) {
  for (int joint = 0; joint < num_joints; ++joint)
    for (int v = begin; v < end; ++v)
      if (has(v, joint)) {
        joints->push_back(joint);
        break;
      }
}

}  // namespace

template <typename Scalar>
MeshPoses<Scalar>::MeshPoses(const BodyModel& model, Eigen::Index bodies, Eigen::Index shapes)
    : shape(shapes, model.num_directions()),
      feature(bodies, model.num_pose_features()),
      transforms(bodies, 12 * model.num_joints()) {}

template <typename Scalar>
void MeshPoses<Scalar>::Set(Eigen::Index body, const Kinematics<double>& kinematics) {
  feature.row(body) = kinematics.feature.transpose().template cast<Scalar>();
  for (size_t k = 0; k < kinematics.rotation.size(); ++k) {
    Eigen::Map<Eigen::Matrix<Scalar, 3, 4, Eigen::RowMajor>> transform(transforms.row(body).data() + 12 * k);
    transform << kinematics.rotation[k].template cast<Scalar>(), kinematics.origin[k].template cast<Scalar>();
  }
}

// The model's data of a block, and rest positions that bodies share.
template <typename Scalar>
struct Mesh<Scalar>::Block {
  int number;
  const Scalar* shapedirs;                  // 3 x B x lanes
  Numbers shapedirs_space, posedirs_space;  // memory for directions in lanes
  Lanes<Scalar> shared_rest[3];
};

template <typename Scalar>
Mesh<Scalar>::Mesh(const BodyModel& model) : model_(model) {
  const int blocks = (model.num_vertices() + kWidth - 1) / kWidth;
  v_template_.setZero(static_cast<Eigen::Index>(blocks) * 3 * kWidth);
  for (int v = 0; v < model.num_vertices(); ++v)
    for (int axis = 0; axis < 3; ++axis)
      v_template_[(v / kWidth * 3 + axis) * kWidth + v % kWidth] =
          static_cast<Scalar>(model.v_template()(v, axis));
  StoreJoints(blocks);
  if constexpr (kSingle) StoreDirections();
}

template <typename Scalar>
void Mesh<Scalar>::StoreJoints(int blocks) {
  const RowMatrix& weights = model_.lbs_weights();
  const PoseBlendShapes& posedirs = model_.posedirs();
  const auto has_weight = [&](int vertex, int joint) { return weights(vertex, joint) != 0.0; };
  const auto has_posedirs = [&](int vertex, int joint) {
    const size_t v = static_cast<size_t>(vertex);
    const auto begin = posedirs.joint.begin();
    return std::binary_search(begin + posedirs.begin[v], begin + posedirs.begin[v + 1], joint);
  };
  weight_begin_.push_back(0);
  pose_begin_.push_back(0);
  for (int block = 0; block < blocks; ++block) {
    const int begin = block * kWidth, end = std::min(begin + kWidth, model_.num_vertices());
    AppendJoints(model_.num_joints(), begin, end, has_weight, &weight_joint_);
    AppendJoints(model_.num_joints(), begin, end, has_posedirs, &pose_joint_);
    weight_begin_.push_back(static_cast<int>(weight_joint_.size()));
    pose_begin_.push_back(static_cast<int>(pose_joint_.size()));
  }
  weight_.setZero(static_cast<Eigen::Index>(weight_joint_.size()) * kWidth);
  for (int v = 0; v < model_.num_vertices(); ++v) {
    const size_t block = static_cast<size_t>(v / kWidth);
    for (int i = weight_begin_[block]; i < weight_begin_[block + 1]; ++i)
      weight_[i * kWidth + v % kWidth] =
          static_cast<Scalar>(weights(v, weight_joint_[static_cast<size_t>(i)]));
  }
}

template <typename Scalar>
void Mesh<Scalar>::StoreDirections() {
  const Eigen::Index shape_size = ShapeSize();
  shapedirs_.resize(num_blocks() * shape_size);
  posedirs_.resize(pose_joint_.size() * kJointSize);
  pose_step_.reserve(pose_joint_.size());
  Eigen::ArrayXd lanes;
  for (int block = 0; block < num_blocks(); ++block) {
    ShapeInLanes(block, &lanes);
    shapedirs_.segment(block * shape_size, shape_size) = lanes.template cast<Scalar>();
    PoseInLanes(block, &lanes);
    for (Eigen::Index i = 0; i < lanes.size(); i += kJointSize) {
      const auto of_joint = lanes.segment<kJointSize>(i);
      const double step = of_joint.abs().maxCoeff() / kLargestInteger;
      pose_step_.push_back(static_cast<Scalar>(step));
      std::int16_t* stored = posedirs_.data() + (pose_step_.size() - 1) * kJointSize;
      if (step > 0.0)
        for (int n = 0; n < kJointSize; ++n)
          stored[n] = static_cast<std::int16_t>(
              ClampedInt(std::round(of_joint[n] / step), -kLargestInteger, kLargestInteger));
    }
  }
}

template <typename Scalar>
void Mesh<Scalar>::ShapeInLanes(int block, Eigen::ArrayXd* lanes) const {
  const Eigen::Index size = 3 * model_.num_directions();
  const double* rows[kWidth];
  for (int lane = 0; lane < kWidth; ++lane)  // lanes beyond the last vertex repeat it
    rows[lane] =
        model_.shapedirs().data() + size * std::min(block * kWidth + lane, model_.num_vertices() - 1);
  lanes->resize(ShapeSize());
  RowsToLanes<kWidth>(rows, size, lanes->data());
}

template <typename Scalar>
void Mesh<Scalar>::PoseInLanes(int block, Eigen::ArrayXd* lanes) const {
  static constexpr double kNone[3 * kFeatures] = {};
  const PoseBlendShapes& posedirs = model_.posedirs();
  const int first = pose_begin_[static_cast<size_t>(block)];
  const int num_joints = pose_begin_[static_cast<size_t>(block) + 1] - first;
  int pair[kWidth], end[kWidth];  // next and last pair of the vertex in each lane
  for (int lane = 0; lane < kWidth; ++lane) {
    const size_t v = static_cast<size_t>(std::min(block * kWidth + lane, model_.num_vertices() - 1));
    pair[lane] = posedirs.begin[v];
    end[lane] = posedirs.begin[v + 1];
  }
  lanes->resize(num_joints * kJointSize);
  for (int i = 0; i < num_joints; ++i) {
    const int joint = pose_joint_[static_cast<size_t>(first + i)];
    const double* rows[kWidth];
    for (int lane = 0; lane < kWidth; ++lane) {
      const size_t n = static_cast<size_t>(pair[lane]);
      const bool has = pair[lane] < end[lane] && posedirs.joint[n] == joint;
      rows[lane] = has ? posedirs.directions.data() + 3 * kFeatures * n : kNone;
      pair[lane] += has ? 1 : 0;
    }
    RowsToLanes<kWidth>(rows, 3 * kFeatures, lanes->data() + i * kJointSize);
  }
}

// v_template + shapedirs beta of a block.
template <typename Scalar>
void Mesh<Scalar>::Rest(const Block& block, const Scalar* shape, Lanes<Scalar>* rest) const {
  for (int axis = 0; axis < 3; ++axis)
    rest[axis] = LoadLanes(v_template_.data() + (3 * block.number + axis) * kWidth);
  for (int b = 0; b < model_.num_directions(); ++b)
    for (int axis = 0; axis < 3; ++axis)
      rest[axis] += LoadLanes(block.shapedirs + (axis * model_.num_directions() + b) * kWidth) * shape[b];
}

// Adds posedirs vec(R - I) of kBodies bodies.
template <typename Scalar>
template <int kBodies, typename Stored>
void Mesh<Scalar>::AddPoseBlend(const MeshPoses<Scalar>& poses,
                                int body,
                                int block,
                                const Stored* posedirs,
                                Lanes<Scalar> (*u)[3]) const {
  for (int i = pose_begin_[static_cast<size_t>(block)]; i < pose_begin_[static_cast<size_t>(block) + 1];
       ++i, posedirs += kJointSize) {
    if constexpr (std::is_same_v<Stored, std::int16_t>)
      for (int n = 0; n < kJointSize; n += kCacheLine) Prefetch(posedirs + kAhead + n);
    const Scalar* features[kBodies];
    Lanes<Scalar> sum[kBodies][3];
    for (int n = 0; n < kBodies; ++n) {
      features[n] =
          poses.feature.row(body + n).data() + kFeatures * (pose_joint_[static_cast<size_t>(i)] - 1);
      for (int axis = 0; axis < 3; ++axis) sum[n][axis].setZero();
    }
    for (int f = 0; f < kFeatures; ++f)
      for (int axis = 0; axis < 3; ++axis) {
        const Lanes<Scalar> direction = LoadLanes(posedirs + (kFeatures * axis + f) * kWidth);
        for (int n = 0; n < kBodies; ++n) sum[n][axis] += direction * features[n][f];
      }
    for (int n = 0; n < kBodies; ++n)
      for (int axis = 0; axis < 3; ++axis) {
        if constexpr (kSingle) {
          u[n][axis] += sum[n][axis] * pose_step_[static_cast<size_t>(i)];
        } else {
          u[n][axis] += sum[n][axis];
        }
      }
  }
}

// Skins u and stores the vertices.
template <typename Scalar>
void Mesh<Scalar>::Skin(const Scalar* transforms, int block, const Lanes<Scalar>* u, Scalar* vertices) const {
  Lanes<Scalar> blended[12];
  for (int e = 0; e < 12; ++e) blended[e].setZero();
  for (int i = weight_begin_[static_cast<size_t>(block)]; i < weight_begin_[static_cast<size_t>(block) + 1];
       ++i) {
    const Lanes<Scalar> weight = LoadLanes(weight_.data() + i * kWidth);
    const Scalar* transform = transforms + 12 * weight_joint_[static_cast<size_t>(i)];
    for (int e = 0; e < 12; ++e) blended[e] += weight * transform[e];
  }
  Eigen::Array<Scalar, kWidth, 3> v;
  for (int axis = 0; axis < 3; ++axis) {
    const Lanes<Scalar>* row = blended + 4 * axis;
    v.col(axis) = row[0] * u[0] + (row[1] * u[1] + (row[2] * u[2] + row[3]));
  }
  const int begin = block * kWidth, size = std::min(kWidth, model_.num_vertices() - begin);
  if (size == kWidth) {
    Eigen::Map<Eigen::Array<Scalar, kWidth, 3, Eigen::RowMajor>>(vertices + 3 * begin) = v;
  } else {
    Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 3, Eigen::RowMajor>>(vertices + 3 * begin, size, 3) =
        v.topRows(size);
  }
}

template <typename Scalar>
template <int kBodies, typename Stored>
void Mesh<Scalar>::EvaluateBodies(const MeshPoses<Scalar>& poses,
                                  int body,
                                  const Block& block,
                                  const Stored* posedirs,
                                  Scalar* vertices) const {
  Lanes<Scalar> u[kBodies][3];
  for (int n = 0; n < kBodies; ++n) {
    if (poses.shape.rows() == 1) {
      for (int axis = 0; axis < 3; ++axis) u[n][axis] = block.shared_rest[axis];
    } else {
      Rest(block, poses.shape.row(body + n).data(), u[n]);
    }
  }
  AddPoseBlend<kBodies>(poses, body, block.number, posedirs, u);
  for (int n = 0; n < kBodies; ++n)
    Skin(poses.transforms.row(body + n).data(),
         block.number,
         u[n],
         vertices + static_cast<size_t>(body + n) * 3 * static_cast<size_t>(model_.num_vertices()));
}

template <typename Scalar>
void Mesh<Scalar>::Evaluate(const MeshPoses<Scalar>& poses,
                            Range bodies,
                            Range blocks,
                            Scalar* vertices) const {
  Block block;
  for (block.number = blocks.begin; block.number < blocks.end; ++block.number) {
    if constexpr (kSingle) {
      block.shapedirs = shapedirs_.data() + block.number * ShapeSize();
    } else {
      ShapeInLanes(block.number, &block.shapedirs_space);
      block.shapedirs = block.shapedirs_space.data();
    }
    if (poses.shape.rows() == 1) Rest(block, poses.shape.data(), block.shared_rest);
    const auto evaluate = [&](const auto* posedirs) {
      int body = bodies.begin;
      for (; body + kBodiesAtOnce <= bodies.end; body += kBodiesAtOnce)
        EvaluateBodies<kBodiesAtOnce>(poses, body, block, posedirs, vertices);
      for (; body < bodies.end; ++body) EvaluateBodies<1>(poses, body, block, posedirs, vertices);
    };
    if constexpr (kSingle) {
      const size_t begin = static_cast<size_t>(pose_begin_[static_cast<size_t>(block.number)]);
      const size_t end = static_cast<size_t>(pose_begin_[static_cast<size_t>(block.number) + 1]);
      const std::int16_t* stored = posedirs_.data() + begin * kJointSize;
      if (bodies.end - bodies.begin <= kBodiesAtOnce) {
        evaluate(stored);
      } else {  // convert once for all bodies
        const Eigen::Index size = static_cast<Eigen::Index>((end - begin) * kJointSize);
        block.posedirs_space.resize(size);
        for (Eigen::Index n = 0; n < size; n += kWidth)
          block.posedirs_space.template segment<kWidth>(n) = LoadLanes(stored + n);
        evaluate(block.posedirs_space.data());
      }
    } else {
      PoseInLanes(block.number, &block.posedirs_space);
      evaluate(block.posedirs_space.data());
    }
  }
}

template <typename Scalar>
void Mesh<Scalar>::Evaluate(const Kinematics<double>& kinematics,
                            const Eigen::VectorXd& shape,
                            Matrix* vertices) const {
  MeshPoses<Scalar> poses(model_, 1, 1);
  poses.shape = shape.transpose().cast<Scalar>();
  poses.Set(0, kinematics);
  vertices->resize(model_.num_vertices(), 3);
  Evaluate(poses, {0, 1}, {0, num_blocks()}, vertices->data());
}

template struct MeshPoses<double>;
template struct MeshPoses<float>;
template class Mesh<double>;
template class Mesh<float>;

}  // namespace smplceres
