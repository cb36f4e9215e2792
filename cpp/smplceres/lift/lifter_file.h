// Reads the network of the conditional prior from an .npz file that tools/train_lifter.py wrote.
#pragma once

#include <memory>
#include <string>

#include "smplceres/lift/lifter.h"

namespace smplceres {

// Throws std::invalid_argument that names the file and the array.
std::shared_ptr<const Lifter> ReadLifter(const std::string& path);

}  // namespace smplceres
