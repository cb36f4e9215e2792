// Skinned points: joints, vertices, and weighted sums of both, with their Jacobian.
//
//   p(theta, beta) = sum_k y_k,     y_k = R_k sum_m c_mk u_m  +  w_k o_k  +  v_k x_k
//   u_m            = a_m + S_m beta + P_m vec(R(theta) - I)
//
// beta are all B + X coefficients of shape directions, betas and then those of the frame (body_model.h).
// k runs over the few joints that move the point: R_k world rotation, x_k world position, o_k world
// image of the rest origin (kinematics.h). A *material* m is a rest position that one or several
// joints share with coefficients c_mk. w_k is joint k's skinning weight, v_k the weight of joint k's
// position. So a vertex is one material with c_mk = w_k = lbs_weights; a regressor over many vertices is one
// material per joint, with its vertices summed in advance; a joint has v_k = 1 only; a point inside a limb is
// a material without P_m that joints carry (AddCarried).
//
// Jacobian. A rotation of joint j by the world vector omega rotates all descendants of j about x_j:
//
//   dp = omega x ( sum_{k below j} y_k - (w_k + v_k) x_j ),     omega = A_j dtheta_j,
//   A_j = R_parent(j) J_l(theta_j)   (A_0 = J_l of the root's chart, see variables.h),
//
// and changes the pose features of joint j, which move every material that has a P_m. With Q_i the 3 x 3
// matrix that row i of P_m has for the features of joint j, R_j = exp(theta_j) here:
//
//   dp += sum_m M_m dP_mj J_l(theta_j) dtheta_j,     M_m = sum_k c_mk R_k,
//   dP_mj = rows Vee(Q_i R_j^T)                      (dR_j = [J_l dtheta_j]_x R_j).
//
// Gradients g of a function at many carried points, y = p, are pulled back together (PullBack): the sums of g
// and of p x g per joint are accumulated from child to parent:
//
//   dE/dtheta_j = A_j^T ( sum_{below j} p x g  -  x_j x sum_{below j} g ).
//
// The Jacobian is written by hand because autodiff through the kinematics costs 15 to 35 times more; the
// tests compare it with the templated version under Jets.
#pragma once

#include <Eigen/Core>
#include <type_traits>
#include <utility>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/kinematics.h"

namespace smplceres {

using Weighted = std::vector<std::pair<int, double>>;  // (joint or vertex number, weight)

// Derivatives of the kinematics shared by all points, computed once per evaluation.
struct KinematicsJacobian {
  // root_jacobian: A_0, from the root's three parameters to rotations of the body about x_0, in world axes.
  void Compute(const BodyModel& model,
               const Kinematics<double>& kinematics,
               const Eigen::Matrix3d& root_jacobian,
               const double* body_pose,
               bool with_shape);

  using Matrix3B = Eigen::Matrix<double, 3, Eigen::Dynamic, Eigen::RowMajor>;

  std::vector<Eigen::Matrix3d> turn;  // A_k
  std::vector<Eigen::Matrix3d> left;  // J_l(theta_k), index k (0 unused)
  RowMatrix position_shape;           // J x 3 (B + X): dx_k/dbeta, row after row
  RowMatrix origin_shape;             // J x 3 (B + X): do_k/dbeta

 private:
  void ComputeShape(const BodyModel& model, const Kinematics<double>& kinematics);
};

// The gradient of one of several functions at one of a set's points.
struct PointGradient {
  int row;
  int point;
  Eigen::Vector3d gradient;  // g
};

class SkinnedPoints {
 public:
  explicit SkinnedPoints(const BodyModel& model);

  // Appends  sum joints w x_j + sum vertices w v  and returns the point's index. `offset` is added to the
  // rest position of each vertex (metres), for a marker above the skin at the same distance for all shapes.
  // Throws std::invalid_argument for indices outside the model, no weights, and an offset from joints.
  int Add(const BodyModel& model,
          const Weighted& joints,
          const Weighted& vertices,
          const Eigen::Vector3d& offset = Eigen::Vector3d::Zero());

  // Appends a point at a + S beta at rest (3, 3 x (B + X); metres), carried by joints with these skinning
  // weights and without pose blend shapes; returns the point's index. Throws as Add does.
  int AddCarried(const BodyModel& model,
                 const Weighted& joints,
                 const Eigen::Vector3d& a,
                 const KinematicsJacobian::Matrix3B& S);

  int size() const { return static_cast<int>(points_.size()); }

  // Throws std::invalid_argument unless the body has the sizes for which the points were made.
  void CheckBody(const BodyModel& model) const;

  // points: 3 size(), metres, world.
  template <typename T>
  void Evaluate(const Kinematics<T>& kinematics, const T* shape, T* points) const;

  // Memory for the Jacobian, owned by the caller so that evaluation is free of shared state.
  struct Jacobian {
    RowMatrix pose;   // 3 size() x 3J; columns of joints that do not move a point stay zero
    RowMatrix shape;  // 3 size() x (B + X)
  };
  Jacobian MakeJacobian() const { return MakeJacobian(size()); }
  Jacobian MakeJacobian(int num_points) const;
  void Evaluate(const Kinematics<double>& kinematics,
                const KinematicsJacobian& derivative,
                const double* shape,
                bool with_shape,
                double* points,
                Jacobian* jacobian) const;
  // Evaluates point i alone, into a Jacobian of one point.
  void EvaluateOne(int i,
                   const Kinematics<double>& kinematics,
                   const KinematicsJacobian& derivative,
                   const double* shape,
                   bool with_shape,
                   double* point,
                   Jacobian* jacobian) const;

  // Evaluates points begin to end - 1 without derivatives. As for PullBack, every point of the set must be
  // carried by one joint (AddCarried).
  void EvaluateCarried(
      const Kinematics<double>& kinematics, const double* shape, int begin, int end, double* points) const;
  // Gradients at points pulled back to the variables: rows of sums of g^T dp/dx. points: as evaluated.
  struct PulledBack {
    RowMatrix pose;    // rows x 3J
    RowMatrix transl;  // rows x 3
    RowMatrix shape;   // rows x (B + X)
  };
  void PullBack(const std::vector<PointGradient>& gradients,
                const double* points,
                const Kinematics<double>& kinematics,
                const KinematicsJacobian& derivative,
                bool with_shape,
                int num_rows,
                PulledBack* pulled_back) const;

  // Joints whose rotation moves point i; other columns of Jacobian::pose are zero.
  const std::vector<int>& moving_joints(int i) const { return points_[static_cast<size_t>(i)].moving_joints; }
  // dp/dtransl = translation_weight(i) I; 1 for every point whose weights sum to 1.
  double translation_weight(int i) const { return points_[static_cast<size_t>(i)].translation_weight; }

 private:
  using Matrix3B = KinematicsJacobian::Matrix3B;

  struct Influence {
    int joint;
    double skin_weight;   // w_k
    double joint_weight;  // v_k
  };
  struct Material {
    std::vector<double> share;  // c_mk, one per influence
    Eigen::Vector3d a;
    Matrix3B shape;                // S_m, 3 x (B + X)
    Matrix3B pose;                 // P_m, 3 x P; empty if pose_joints is
    std::vector<int> pose_joints;  // joints whose nine features move it (non-zero blocks of P_m)
  };
  struct Point {
    std::vector<Influence> influences;
    std::vector<Material> materials;
    std::vector<int> ancestors;      // influences and their ancestors, children first
    std::vector<int> moving_joints;  // ancestors and the materials' pose_joints, ascending
    double translation_weight = 0.0;
    bool reshaped = false;  // whether pose features move a material
    bool carried = false;   // whether one joint carries it (Carried)
  };

  // Sums over a joint and its descendants: of y_k, and of the weights w_k + v_k.
  struct SubtreeSum {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    double weight = 0.0;
  };

  static std::vector<Influence> MakeInfluences(const BodyModel& model,
                                               const Weighted& joints,
                                               const Weighted& vertices);
  static std::vector<Material> MakeMaterials(const BodyModel& model,
                                             const Weighted& vertices,
                                             const Eigen::Vector3d& offset,
                                             const std::vector<Influence>& influences);
  static Material MakeMaterial(const BodyModel& model,
                               const Weighted& vertices,
                               const Eigen::Vector3d& offset);

  // Appends a point and computes its remaining members from influences and materials.
  int Append(Point point);

  // u_m.
  template <typename T>
  static Eigen::Matrix<T, 3, 1> MaterialPosition(const Material& material,
                                                 const Eigen::Matrix<T, Eigen::Dynamic, 1>& feature,
                                                 const T* shape);
  // Adds the material's part to the y_k of its joints; returns M_m.
  static Eigen::Matrix3d AddMaterial(const Point& point,
                                     const Material& material,
                                     const Kinematics<double>& kinematics,
                                     const double* shape,
                                     std::vector<SubtreeSum>* subtree_sums);
  // Writes the Jacobian to the rows of point `slot` of `jacobian`.
  void Linearize(int i,
                 const Kinematics<double>& kinematics,
                 const KinematicsJacobian& derivative,
                 const double* shape,
                 bool with_shape,
                 std::vector<SubtreeSum>* subtree_sums,
                 double* point,
                 Jacobian* jacobian,
                 int slot) const;

  // A copy of the points that one joint carries, so that all rest positions a + S beta are one product.
  struct Carried {
    std::vector<int> point, joint;
    std::vector<double> a, S;  // 3 and 3 x (B + X) numbers each
  };
  // Evaluates entries begin to end - 1 of carried_.
  void CarryRange(const Kinematics<double>& kinematics,
                  const double* shape,
                  size_t begin,
                  size_t end,
                  double* points) const;

  int num_joints_;
  int num_directions_;
  std::vector<int> parents_;
  std::vector<Point> points_;
  Carried carried_;
};

template <typename T>
Eigen::Matrix<T, 3, 1> SkinnedPoints::MaterialPosition(const Material& material,
                                                       const Eigen::Matrix<T, Eigen::Dynamic, 1>& feature,
                                                       const T* shape) {
  Eigen::Matrix<T, 3, 1> u;
  for (int axis = 0; axis < 3; ++axis) {
    T value = T(material.a[axis]);
    for (Eigen::Index b = 0; b < material.shape.cols(); ++b) value += material.shape(axis, b) * shape[b];
    for (const int joint : material.pose_joints)
      for (int i = 9 * (joint - 1); i < 9 * joint; ++i) value += material.pose(axis, i) * feature[i];
    u[axis] = value;
  }
  return u;
}

template <typename T>
void SkinnedPoints::Evaluate(const Kinematics<T>& kinematics, const T* shape, T* points) const {
  using Vector3 = Eigen::Matrix<T, 3, 1>;
  constexpr bool kCarriedApart = std::is_same_v<T, double>;
  if constexpr (kCarriedApart) CarryRange(kinematics, shape, 0, carried_.point.size(), points);
  for (size_t i = 0; i < points_.size(); ++i) {
    const Point& point = points_[i];
    if (kCarriedApart && point.carried) continue;
    Vector3 p = Vector3::Zero();
    for (const Influence& influence : point.influences) {
      const size_t k = static_cast<size_t>(influence.joint);
      p += influence.skin_weight * kinematics.origin[k] + influence.joint_weight * kinematics.position[k];
    }
    for (const Material& material : point.materials) {
      const Vector3 u = MaterialPosition<T>(material, kinematics.feature, shape);
      for (size_t k = 0; k < material.share.size(); ++k)
        if (material.share[k] != 0.0)
          p += kinematics.rotation[static_cast<size_t>(point.influences[k].joint)] * u * T(material.share[k]);
    }
    Eigen::Map<Vector3>(points + 3 * i) = p;
  }
}

}  // namespace smplceres
