#include "smplceres/lift/lifter_file.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "smplceres/io/npz.h"

namespace smplceres {
namespace {

LifterMatrix ToMatrix(const NpzFile& file, const std::string& name) {
  const NpyArray<double> array = file.Floats(name);
  if (array.shape.size() > 2) file.Refuse(name, "at most 2 dimensions", std::to_string(array.shape.size()));
  const Eigen::Index rows = array.shape.empty() ? 1 : array.shape[0];
  const Eigen::Index cols = array.shape.size() < 2 ? 1 : array.shape[1];
  using Doubles = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Doubles>(array.values.data(), rows, cols).cast<float>();
}

}  // namespace

std::shared_ptr<const Lifter> ReadLifter(const std::string& path) {
  const NpzFile file(path);
  std::map<std::string, LifterMatrix> arrays;
  const auto add = [&](const std::string& name) { arrays[name] = ToMatrix(file, name); };
  const auto add_layer = [&](const std::string& name) {
    add(name + "_weight");
    add(name + "_bias");
  };
  for (const char* layer : {"input", "norm", "head"}) add_layer(layer);
  for (int i = 0; file.Has("block" + std::to_string(i) + "_norm_weight"); ++i)
    for (const char* part : {"_norm", "_first", "_second"}) add_layer("block" + std::to_string(i) + part);
  for (const char* name : {"whitening", "mean", "scale", "degrees_of_freedom"}) add(name);
  try {
    return std::make_shared<const Lifter>(arrays, file.Texts("slots").values);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(path + ": " + error.what());
  }
}

}  // namespace smplceres
