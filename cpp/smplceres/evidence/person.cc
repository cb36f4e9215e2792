#include "smplceres/evidence/person.h"

#include <stdexcept>
#include <string>

namespace smplceres {
namespace {

void CheckBetas(const char* name, const Eigen::VectorXd& betas, const BodyModel& model) {
  if (betas.size() != model.num_betas() || !betas.allFinite())
    throw std::invalid_argument(std::string(name) + ": expected " + std::to_string(model.num_betas()) +
                                " finite numbers, got NaN or " + std::to_string(betas.size()));
}

void CheckLengths(const char* name, const BodyLengths& lengths, const BodyModel& model) {
  const Eigen::Index N = lengths.size();
  const bool sizes = lengths.a.rows() == N && lengths.S.rows() == 3 * N && lengths.sigma.size() == N &&
                     (N == 0 || (lengths.a.cols() == 3 && lengths.S.cols() == model.num_betas()));
  if (!sizes || !lengths.a.allFinite() || !lengths.S.allFinite())
    throw std::invalid_argument(std::string(name) + ": expected a, S, sigma of " + std::to_string(N) +
                                " lengths, finite, got other sizes, NaN or infinity");
  for (Eigen::Index i = 0; i < N; ++i) {
    CheckPositive((std::string(name) + ".length").c_str(), lengths.length[i]);
    CheckPositive((std::string(name) + ".sigma").c_str(), lengths.sigma[i]);
  }
}

}  // namespace

void KnownPerson::Check(const BodyModel& model) const {
  CheckBetas("betas", betas, model);
  CheckBetas("expected_betas", expected_betas, model);
  CheckPositive("betas_sigma", betas_sigma);
  CheckLengths("height", height, model);
  CheckLengths("limb_lengths", limb_lengths, model);
}

}  // namespace smplceres
