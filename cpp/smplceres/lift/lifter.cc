#include "smplceres/lift/lifter.h"

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "smplceres/lift/lifter_input.h"

namespace smplceres {
namespace {

constexpr int kAngles = 63, kRank = 8, kRoot = 6;
constexpr float kNormEpsilon = 1e-5f;

Eigen::VectorXf Silu(const Eigen::VectorXf& x) { return x.array() / (1.0f + (-x.array()).exp()); }

// Takes arrays of the expected sizes; -1: any size.
class Arrays {
 public:
  explicit Arrays(const std::map<std::string, LifterMatrix>& arrays) : arrays_(arrays) {}

  bool Has(const std::string& name) const { return arrays_.count(name) > 0; }

  const LifterMatrix& Get(const std::string& name, Eigen::Index rows, Eigen::Index cols) const {
    const auto found = arrays_.find(name);
    const auto size = [](Eigen::Index n) { return n < 0 ? std::string("any") : std::to_string(n); };
    const std::string expected = "lifter: " + name + ": expected " + size(rows) + " x " + size(cols);
    if (found == arrays_.end()) throw std::invalid_argument(expected + ", got none");
    const LifterMatrix& array = found->second;
    if ((rows >= 0 && array.rows() != rows) || (cols >= 0 && array.cols() != cols) || array.size() == 0)
      throw std::invalid_argument(expected + ", got " + std::to_string(array.rows()) + " x " +
                                  std::to_string(array.cols()));
    if (!array.allFinite())
      throw std::invalid_argument("lifter: " + name + ": expected finite numbers, got NaN or infinity");
    return array;
  }

 private:
  const std::map<std::string, LifterMatrix>& arrays_;
};

}  // namespace

Eigen::VectorXf Lifter::Norm::operator()(const Eigen::VectorXf& x) const {
  const Eigen::ArrayXf centred = x.array() - x.mean();
  const float variance = centred.square().mean();
  return centred / std::sqrt(variance + kNormEpsilon) * gain.array() + bias.array();
}

Lifter::Lifter(const std::map<std::string, LifterMatrix>& given, std::vector<std::string> slots)
    : slots_(std::move(slots)) {
  const Arrays arrays(given);
  const auto linear = [&](const std::string& name, Eigen::Index rows, Eigen::Index cols) {
    const LifterMatrix& weight = arrays.Get(name + "_weight", rows, cols);
    return Linear{weight, arrays.Get(name + "_bias", weight.rows(), 1).col(0)};
  };
  const auto norm = [&](const std::string& name, Eigen::Index size) {
    return Norm{arrays.Get(name + "_weight", size, 1).col(0), arrays.Get(name + "_bias", size, 1).col(0)};
  };
  input_ = linear("input", -1, LifterInput::SizeOf(slots_.size()));
  const Eigen::Index width = input_.weight.rows();
  for (int i = 0; arrays.Has("block" + std::to_string(i) + "_norm_weight"); ++i) {
    const std::string name = "block" + std::to_string(i);
    blocks_.push_back({norm(name + "_norm", width),
                       linear(name + "_first", width, width),
                       linear(name + "_second", width, width)});
  }
  norm_ = norm("norm", width);
  head_ = linear("head", kRoot + kAngles * (2 + kRank), width);
  mean_ = arrays.Get("mean", kAngles, 1).col(0).cast<double>();
  scale_ = arrays.Get("scale", kAngles, 1).col(0).cast<double>();
  degrees_of_freedom_ = arrays.Get("degrees_of_freedom", 1, 1)(0, 0);
  if (!(scale_.minCoeff() > 0.0) || !(degrees_of_freedom_ > 0.0))
    throw std::invalid_argument("lifter: scale, degrees_of_freedom: expected numbers > 0");
  whitening_ = arrays.Get("whitening", kAngles, kAngles).cast<double>() * scale_.cwiseInverse().asDiagonal();
}

int Lifter::SlotOf(const std::vector<std::string>& location) const {
  std::string name;
  for (const std::string& part : location) name += (name.empty() ? "" : "+") + part;
  const auto found = std::find(slots_.begin(), slots_.end(), name);
  return found == slots_.end() ? -1 : static_cast<int>(found - slots_.begin());
}

LiftedBody Lifter::Lift(const Eigen::VectorXf& input) const {
  Eigen::VectorXf h = input_(input);
  for (const Block& block : blocks_) h += block.second(Silu(block.first(block.norm(h))));
  const Eigen::VectorXd y = head_(Silu(norm_(h))).cast<double>();

  LiftedBody lifted;
  const Eigen::Vector3d first = y.segment<3>(0).normalized();
  const Eigen::Vector3d second = (y.segment<3>(3) - first.dot(y.segment<3>(3)) * first).normalized();
  lifted.root << first, second, first.cross(second);
  lifted.pose.mean = mean_ + scale_.cwiseProduct(y.segment(kRoot, kAngles));
  const Eigen::Index rest = kRoot + kAngles;
  const Eigen::ArrayXd lambda = 3.0 * (y.segment(rest, kAngles).array() / 3.0).tanh() - 1.0;
  const Eigen::VectorXd inverse_width = (-lambda).exp();
  const Eigen::Map<const Eigen::Matrix<double, kAngles, kRank, Eigen::RowMajor>> factor(y.data() + rest +
                                                                                        kAngles);
  const Eigen::Matrix<double, kAngles, kRank> M = inverse_width.asDiagonal() * (0.3 * factor);
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<double, kRank, kRank>> eigen(M.transpose() * M);
  const Eigen::Matrix<double, kAngles, kRank> MV = M * eigen.eigenvectors();
  const Eigen::Array<double, kRank, 1> g = eigen.eigenvalues().array().max(1e-12);
  const Eigen::Matrix<double, kRank, 1> shrink = (1.0 - (1.0 + g).rsqrt()) / g;
  const Eigen::MatrixXd whitened = inverse_width.asDiagonal() * whitening_;
  lifted.pose.precision_root = whitened;
  lifted.pose.precision_root.noalias() -= MV * (shrink.asDiagonal() * (MV.transpose() * whitened));
  lifted.pose.precision.setZero(kAngles, kAngles);
  lifted.pose.precision.selfadjointView<Eigen::Lower>().rankUpdate(lifted.pose.precision_root.transpose());
  lifted.pose.precision.triangularView<Eigen::StrictlyUpper>() = lifted.pose.precision.transpose();
  lifted.pose.degrees_of_freedom = degrees_of_freedom_;
  return lifted;
}

}  // namespace smplceres
