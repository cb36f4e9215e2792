// The chain rule from points to parameter blocks,
//
//   dr/dx = sum over points of dr/dp dp/dx
//
// written to Ceres' row-major Jacobian blocks of a frame and of betas.
#pragma once

#include <algorithm>

#include "smplceres/body/layout.h"
#include "smplceres/body/skinned_points.h"

namespace smplceres {

class PointChain {
 public:
  explicit PointChain(const BodyModel& model) : layout_(model.layout()), num_betas_(model.num_betas()) {}

  // Jacobian blocks; null if a block is not requested.
  struct Blocks {
    double* frame;
    double* betas;
  };
  Blocks FromRow(int row, double* frame, double* betas) const {
    return {frame == nullptr ? nullptr : frame + row * layout_.size(),
            betas == nullptr ? nullptr : betas + row * num_betas_};
  }

  void SetZero(int rows, const Blocks& blocks) const {
    if (blocks.frame != nullptr) std::fill_n(blocks.frame, rows * layout_.size(), 0.0);
    if (blocks.betas != nullptr) std::fill_n(blocks.betas, rows * num_betas_, 0.0);
  }

  // Adds dr/dp dp/dx of one point of a set. by_point: rows x 3 n, dr/dp of a functor's n points; this is the
  // i-th. jacobian: that of all points of the set.
  void Add(const RowMatrix& by_point,
           int i,
           const SkinnedPoints& points,
           const SkinnedPoints::Jacobian& jacobian,
           int point,
           const Blocks& blocks) const {
    const auto dr_dp = by_point.middleCols<3>(3 * i);
    if (blocks.frame != nullptr) {
      Eigen::Map<RowMatrix> block(blocks.frame, by_point.rows(), layout_.size());
      const auto dp_dpose = jacobian.pose.middleRows<3>(3 * point);
      for (const int j : points.moving_joints(point)) {
        if (j < layout_.num_free_joints()) {
          block.middleCols<3>(layout_.joint(j)) += dr_dp.lazyProduct(dp_dpose.middleCols<3>(3 * j));
        } else {
          const Slice& driver = layout_.DriverOf(j);
          const Eigen::Matrix<double, Eigen::Dynamic, 3> dr_dtheta =
              dr_dp.lazyProduct(dp_dpose.middleCols<3>(3 * j));
          block.middleCols(driver.begin, driver.size) += dr_dtheta.lazyProduct(layout_.DirectionsOf(j));
        }
      }
      block.middleCols<3>(layout_.transl()) += points.translation_weight(point) * dr_dp;
      if (layout_.num_coefficients() > 0)
        block.middleCols(layout_.coefficients(), layout_.num_coefficients()) +=
            dr_dp.lazyProduct(jacobian.shape.middleRows<3>(3 * point).rightCols(layout_.num_coefficients()));
    }
    if (blocks.betas != nullptr) {
      Eigen::Map<RowMatrix> block(blocks.betas, by_point.rows(), num_betas_);
      block += dr_dp.lazyProduct(jacobian.shape.middleRows<3>(3 * point).leftCols(num_betas_));
    }
  }

  // Whether Add and Set need derivatives with respect to the coefficients of shape directions.
  bool NeedsShape(const double* frame, const double* betas) const {
    return betas != nullptr || (frame != nullptr && layout_.num_coefficients() > 0);
  }

  // Writes rows that were pulled back from points to the variables; without the coefficients of shape
  // directions if with_shape is false.
  void Set(const SkinnedPoints::PulledBack& rows, bool with_shape, const Blocks& blocks) const {
    if (blocks.frame != nullptr) {
      Eigen::Map<RowMatrix> block(blocks.frame, rows.pose.rows(), layout_.size());
      const int free = 3 * layout_.num_free_joints();
      block.middleCols(layout_.joint(0), free) = rows.pose.leftCols(free);
      for (const Slice& slice : layout_.driven()) {
        const PoseComponents& components = *slice.components;
        block.middleCols(slice.begin, slice.size) =
            rows.pose.middleCols(3 * components.first_joint, components.mean.size()) * components.directions;
      }
      block.middleCols<3>(layout_.transl()) = rows.transl;
      if (with_shape)
        block.middleCols(layout_.coefficients(), layout_.num_coefficients()) =
            rows.shape.rightCols(layout_.num_coefficients());
    }
    if (with_shape && blocks.betas != nullptr)
      Eigen::Map<RowMatrix>(blocks.betas, rows.shape.rows(), num_betas_) = rows.shape.leftCols(num_betas_);
  }

 private:
  FrameLayout layout_;
  int num_betas_;
};

}  // namespace smplceres
