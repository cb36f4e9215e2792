// Prior knowledge of a person and of the ground.
#include "smplceres/evidence/person.h"

#include <pybind11/stl.h>

#include <utility>

#include "bindings/arrays.h"
#include "bindings/docs.h"
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
  py::class_<BodyLengths>(
      m, "BodyLengths", "Measured lengths of a person, as functions of betas: |a + S betas|.")
      .def(py::init(&MakeBodyLengths),
           Doc(R"(Args:
               a: (N, 3) metres.
               S: (N, 3, B) metres per beta.
               length: (N,) measured lengths, metres, > 0.
               sigma: (N,) standard deviations, metres, > 0.

           Raises:
               ValueError: sizes that do not fit.
           )"),
           py::kw_only(),
           py::arg("a"),
           py::arg("S"),
           py::arg("length"),
           py::arg("sigma"))
      .def("__len__", &BodyLengths::size, "N.");

  py::class_<KnownPerson>(m, "KnownPerson", "Known quantities of a person.")
      .def(py::init(&MakeKnownPerson),
           Doc(R"(The values are checked by `Scene`.

           Args:
               betas: (B,) initial estimate.
               betas_known: betas are constant in all stages.
               expected_betas: (B,) mean of the shape prior.
               betas_sigma: its standard deviation, > 0.
               height: none or one.
               limb_lengths: any number.
           )"),
           py::kw_only(),
           py::arg("betas"),
           py::arg("betas_known"),
           py::arg("expected_betas"),
           py::arg("betas_sigma"),
           py::arg("height"),
           py::arg("limb_lengths"));

  py::class_<Ground>(m, "Ground", "A plane that the feet are on or above.")
      .def(py::init(&MakeGround),
           Doc(R"(The soles are checked by `Scene`.

           Args:
               soles: eight points, four of the left foot, then four of the right.
               normal: (3,) upwards, of length 1.
               offset: metres along the normal.
               sigma: standard deviation of soles from the plane, metres, > 0.
               contact: the lower foot stands on the plane.

           Raises:
               ValueError: a normal of another size, NaN.
           )"),
           py::kw_only(),
           py::arg("soles").none(false),
           py::arg("normal"),
           py::arg("offset"),
           py::arg("sigma"),
           py::arg("contact"));
}

}  // namespace smplceres::bindings
