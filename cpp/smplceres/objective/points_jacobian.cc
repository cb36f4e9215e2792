#include "smplceres/objective/points_jacobian.h"

#include "smplceres/cost/point_chain.h"

namespace smplceres {

LinearizedPoints LinearizePoints(const BodyModel& model, const SkinnedPoints& points, const Variables& at) {
  points.CheckBody(model);
  at.Check(model, static_cast<size_t>(at.num_views()));
  const Kinematics<double> kinematics = at.Posed(model);
  const Eigen::VectorXd shape = at.Shape();
  KinematicsJacobian derivative;
  derivative.Compute(model, kinematics, Eigen::Matrix3d::Identity(), at.Pose().data(), true);
  SkinnedPoints::Jacobian of_points = points.MakeJacobian();
  LinearizedPoints result{RowMatrix(points.size(), 3), {}};
  points.Evaluate(kinematics, derivative, shape.data(), true, result.positions.data(), &of_points);

  const PointChain chain(model);
  const Eigen::Index F = model.layout().size(), B = model.num_betas();
  RowMatrix frame = RowMatrix::Zero(3 * points.size(), F), betas = RowMatrix::Zero(3 * points.size(), B);
  const RowMatrix identity = RowMatrix::Identity(3, 3);
  for (int i = 0; i < points.size(); ++i)
    chain.Add(identity, 0, points, of_points, i, chain.FromRow(3 * i, frame.data(), betas.data()));
  result.jacobian.resize(3 * points.size(), F + B);
  result.jacobian << frame, betas;
  return result;
}

}  // namespace smplceres
