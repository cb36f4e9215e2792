#include "smplceres/math/so3.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <random>

namespace smplceres {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Rotation vectors with lengths distributed uniformly from 0 to max_angle.
class RotationVectors {
 public:
  explicit RotationVectors(unsigned seed) : random_(seed) {}

  Eigen::Vector3d Next(double max_angle) {
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> exponent(-9.0, 0.0);
    const Eigen::Vector3d direction(normal(random_), normal(random_), normal(random_));
    return max_angle * std::pow(10.0, exponent(random_)) * direction.normalized();
  }

 private:
  std::mt19937 random_;
};

TEST(So3, ExpIsARotationAboutItsVector) {
  RotationVectors vectors(1);
  for (int i = 0; i < 1000; ++i) {
    const Eigen::Vector3d w = vectors.Next(2.0 * kPi);
    const Eigen::Matrix3d R = Exp(w);
    EXPECT_LT((R * R.transpose() - Eigen::Matrix3d::Identity()).norm(), 1e-14);
    EXPECT_NEAR(R.determinant(), 1.0, 1e-14);
    EXPECT_LT((R * w - w).norm(), 1e-14 * (1.0 + w.norm()));
  }
}

TEST(So3, LogUndoesExpUpToPi) {
  RotationVectors vectors(2);
  for (int i = 0; i < 1000; ++i) {
    const Eigen::Vector3d w = vectors.Next(kPi - 1e-6);
    EXPECT_LT((Log(Exp(w)) - w).norm(), 1e-9);
  }
}

TEST(So3, LeftJacobianIsTheDerivativeOfExp) {
  RotationVectors vectors(3);
  constexpr double kStep = 1e-6;
  for (int i = 0; i < 300; ++i) {
    const Eigen::Vector3d w = vectors.Next(kPi);
    const Eigen::Matrix3d J = LeftJacobian(w);
    for (int axis = 0; axis < 3; ++axis) {
      const Eigen::Vector3d step = kStep * Eigen::Vector3d::Unit(axis);
      const Eigen::Vector3d turn = Log(Exp(w + step) * Exp(w - step).transpose()) / (2.0 * kStep);
      EXPECT_LT((turn - J.col(axis)).norm(), 1e-8) << w.transpose();
    }
  }
}

TEST(So3, WrappedVectorsAreTheSameRotationAndNotLongerThanPi) {
  RotationVectors vectors(4);
  for (int i = 0; i < 1000; ++i) {
    const Eigen::Vector3d w = vectors.Next(40.0);
    const Eigen::Vector3d wrapped = WrapAxisAngle(w);
    EXPECT_LE(wrapped.norm(), kPi * (1.0 + 1e-15));
    EXPECT_LT((Exp(wrapped) - Exp(w)).norm(), 1e-12);
  }
}

}  // namespace
}  // namespace smplceres
