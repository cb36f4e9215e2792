// Conversion between NumPy arrays and Eigen. A wrong shape is a ValueError that names the argument, the
// expected shape and the given one.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <Eigen/Core>
#include <stdexcept>
#include <string>
#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres::bindings {

namespace py = pybind11;

using Array = py::array_t<double, py::array::c_style | py::array::forcecast>;
using IntArray = py::array_t<int, py::array::c_style | py::array::forcecast>;

constexpr py::ssize_t kAny = -1;

template <typename SomeArray>
std::string ShapeOf(const SomeArray& array) {
  std::string text = "(";
  for (py::ssize_t i = 0; i < array.ndim(); ++i) text += (i > 0 ? ", " : "") + std::to_string(array.shape(i));
  return text + (array.ndim() == 1 ? ",)" : ")");
}

// expected: sizes, or kAny. Throws std::invalid_argument.
template <typename SomeArray>
void CheckShape(const char* name, const SomeArray& array, const std::vector<py::ssize_t>& expected) {
  bool same = array.ndim() == static_cast<py::ssize_t>(expected.size());
  for (size_t i = 0; same && i < expected.size(); ++i)
    same = expected[i] == kAny || expected[i] == array.shape(static_cast<py::ssize_t>(i));
  if (same) return;
  std::string text;
  for (const py::ssize_t size : expected)
    text += (text.empty() ? "" : ", ") + (size == kAny ? std::string("n") : std::to_string(size));
  throw std::invalid_argument(std::string(name) + ": expected shape (" + text +
                              (expected.size() == 1 ? ",)" : ")") + ", got " + ShapeOf(array));
}

inline void CheckFinite(const char* name, const Array& array) {
  if (!Eigen::Map<const Eigen::VectorXd>(array.data(), array.size()).allFinite())
    throw std::invalid_argument(std::string(name) + ": expected finite numbers, got NaN or infinity");
}

// A matrix of `rows` rows from an array of any shape whose leading axes have that many elements.
inline RowMatrix ToMatrix(const Array& array, py::ssize_t rows) {
  return Eigen::Map<const RowMatrix>(array.data(), rows, rows > 0 ? array.size() / rows : 0);
}

inline Eigen::VectorXd ToVector(const Array& array) {
  return Eigen::Map<const Eigen::VectorXd>(array.data(), array.size());
}

// A finite vector of `size` numbers from an array of any shape with as many elements.
inline Eigen::VectorXd ToFiniteVector(const char* name, const Array& array, py::ssize_t size) {
  if (array.size() != size)
    throw std::invalid_argument(std::string(name) + ": expected " + std::to_string(size) +
                                " numbers, got shape " + ShapeOf(array));
  CheckFinite(name, array);
  return ToVector(array);
}

template <typename Derived>
py::array_t<typename Derived::Scalar> ToArray(const Eigen::MatrixBase<Derived>& matrix,
                                              std::vector<py::ssize_t> shape) {
  using Scalar = typename Derived::Scalar;
  py::array_t<Scalar> array(shape);
  Eigen::Map<Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      array.mutable_data(), matrix.rows(), matrix.cols()) = matrix;
  return array;
}

}  // namespace smplceres::bindings
