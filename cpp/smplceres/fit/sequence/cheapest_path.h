// The cheapest path through candidates: Viterbi's algorithm.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

namespace smplceres {

// Chooses one candidate c_f of each frame f = 0 ... F - 1, so that
//
//   sum_f costs[f][c_f]  +  sum_{f >= 1} steps(f)(c_f, c_{f-1})
//
// is minimal; ties are resolved in favour of lower indices. steps(f): a row per candidate of frame f and a
// column per candidate of the frame before; called once per frame, in order. Throws std::invalid_argument for
// a frame without candidates and for matrices of another size.
std::vector<int> CheapestPath(const std::vector<Eigen::VectorXd>& costs,
                              const std::function<Eigen::MatrixXd(size_t frame)>& steps);

}  // namespace smplceres
