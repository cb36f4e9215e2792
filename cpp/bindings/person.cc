// Prior knowledge of a person and of the ground.
#include "smplceres/evidence/person.h"

#include <pybind11/stl.h>

#include <utility>

#include "arrays.h"
#include "smplceres/evidence/ground.h"

namespace smplceres::bindings {
namespace {

BodyLengths MakeBodyLengths(const Array& a, const Array& S, const Array& length, const Array& sigma) {
  CheckShape("length", length, {kAny});
  const py::ssize_t N = length.shape(0);
  CheckShape("a", a, {N, 3});
  CheckShape("S", S, {N, 3, kAny});
  CheckShape("sigma", sigma, {N});
  return {ToMatrix(a, N), ToMatrix(S, 3 * N), ToVector(length), ToVector(sigma)};
}

KnownPerson MakeKnownPerson(const Array& betas,
                            bool betas_known,
                            const Array& expected_betas,
                            double betas_sigma,
                            const BodyLengths& height,
                            const BodyLengths& limb_lengths) {
  return {ToVector(betas), betas_known, ToVector(expected_betas), betas_sigma, height, limb_lengths};
}

Ground MakeGround(
    std::shared_ptr<SkinnedPoints> soles, const Array& normal, double offset, double sigma, bool contact) {
  return {std::move(soles), {ToFiniteVector("normal", normal, 3), offset, sigma, contact}};
}

}  // namespace

void BindPerson(py::module_& m) {
  py::class_<BodyLengths>(m, "BodyLengths")
      .def(py::init(&MakeBodyLengths),
           py::kw_only(),
           py::arg("a"),
           py::arg("S"),
           py::arg("length"),
           py::arg("sigma"))
      .def("__len__", &BodyLengths::size);

  py::class_<KnownPerson>(m, "KnownPerson")
      .def(py::init(&MakeKnownPerson),
           py::kw_only(),
           py::arg("betas"),
           py::arg("betas_known"),
           py::arg("expected_betas"),
           py::arg("betas_sigma"),
           py::arg("height"),
           py::arg("limb_lengths"));

  py::class_<Ground>(m, "Ground")
      .def(py::init(&MakeGround),
           py::kw_only(),
           py::arg("soles").none(false),
           py::arg("normal"),
           py::arg("offset"),
           py::arg("sigma"),
           py::arg("contact"));
}

}  // namespace smplceres::bindings
