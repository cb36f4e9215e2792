// Limbs of a body, each with things numbered in a row (spheres, patches), and which of them may meet.
#pragma once

#include <utility>
#include <vector>

namespace smplceres {

struct Limb {
  int joint;  // the one nearest to the root
  int begin;  // numbers of its things: begin to end - 1
  int end;
  int chain;  // arms, legs, head, trunk: limbs that follow one another without a fork
};

struct LimbPair {
  int first, second;                        // limbs, first < second
  std::vector<std::pair<int, int>> things;  // of the first limb, of the second
};

struct LimbPairs {
  std::vector<Limb> limbs;
  std::vector<LimbPair> pairs;
  int num_chains = 0;
};

}  // namespace smplceres
