// Skinned points and their analytic Jacobians, compared with Jets through the whole body.
#include "smplceres/body/skinned_points.h"

#include <gtest/gtest.h>

#include <random>

#include "ceres/jet.h"
#include "smplceres/io/body_file.h"
#include "smplceres/math/so3.h"

namespace smplceres {
namespace {

constexpr int kBetas = 3;
constexpr int kVariables = 3 * 24 + 3 + kBetas;  // [ root 3 | body_pose | transl 3 | betas ]
using Jet = ceres::Jet<double, kVariables>;

Eigen::Matrix<Jet, Eigen::Dynamic, 1> Variables(const Eigen::VectorXd& x) {
  Eigen::Matrix<Jet, Eigen::Dynamic, 1> jets(x.size());
  for (int i = 0; i < kVariables; ++i) jets[i] = Jet(x[i], i);
  return jets;
}

TEST(SkinnedPoints, DerivativesEqualThoseOfJetsThroughTheBody) {
  const NamedBody body = ReadBody(std::string(SMPLCERES_TEST_DATA) + "/body_neutral.npz", kBetas);
  const BodyModel& model = *body.model;
  SkinnedPoints points(model);
  for (int joint = 0; joint < model.num_joints(); ++joint) points.Add(model, {{joint, 1.0}}, {});
  for (const Landmark& landmark : body.landmarks) {
    Weighted vertices;
    for (size_t i = 0; i < landmark.vertices.size(); ++i)
      vertices.emplace_back(landmark.vertices[i], landmark.weights[i]);
    points.Add(model, {}, vertices);
  }
  const int K = points.size();

  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 5; ++trial) {
    const Eigen::VectorXd x = Eigen::VectorXd::NullaryExpr(kVariables, [&] { return 0.5 * normal(random); });
    const Eigen::Matrix<Jet, Eigen::Dynamic, 1> jets = Variables(x);
    const int transl = model.layout().transl(), betas = model.layout().size();

    Kinematics<Jet> jet_kinematics;
    jet_kinematics.Compute(
        model, Exp(jets.data()), jets.data() + 3, jets.data() + betas, jets.data() + transl);
    std::vector<Jet> expected(static_cast<size_t>(3 * K));
    points.Evaluate(jet_kinematics, jets.data() + betas, expected.data());

    Kinematics<double> kinematics;
    kinematics.Compute(model, Exp(x.data()), x.data() + 3, x.data() + betas, x.data() + transl);
    KinematicsJacobian derivative;
    derivative.Compute(model, kinematics, LeftJacobian(x.head<3>()), x.data() + 3, true);
    SkinnedPoints::Jacobian jacobian = points.MakeJacobian();
    Eigen::VectorXd positions(3 * K);
    points.Evaluate(kinematics, derivative, x.data() + betas, true, positions.data(), &jacobian);

    for (int row = 0; row < 3 * K; ++row) {
      const Jet& jet = expected[static_cast<size_t>(row)];
      EXPECT_NEAR(positions[row], jet.a, 1e-13);
      EXPECT_LT((jacobian.pose.row(row).transpose() - jet.v.head(transl)).norm(), 1e-12);
      EXPECT_LT((Eigen::Vector3d::Unit(row % 3) - jet.v.segment<3>(transl)).norm(), 1e-12);
      EXPECT_LT((jacobian.shape.row(row).transpose() - jet.v.tail(kBetas)).norm(), 1e-12);
    }
  }
}

}  // namespace
}  // namespace smplceres
