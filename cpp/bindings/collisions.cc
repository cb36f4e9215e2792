// What a body collides with itself by, and where its mesh passes through itself.
#include <pybind11/stl.h>

#include <memory>
#include <utility>
#include <vector>

#include "arrays.h"
#include "smplceres/body/collision_spheres.h"
#include "smplceres/body/penetration.h"

namespace smplceres::bindings {
namespace {

// The spheres of a body, kept alive by it.
class Spheres {
 public:
  explicit Spheres(std::shared_ptr<const BodyModel> model) : model_(std::move(model)) {
    const py::gil_scoped_release release;
    spheres_ = model_->collision_spheres();
    if (spheres_ == nullptr)
      throw std::invalid_argument("model: expected a body with a surface, got none to fit spheres to");
  }

  py::ssize_t size() const { return static_cast<py::ssize_t>(spheres_->spheres.size()); }

  std::vector<int> Joints() const {
    std::vector<int> joints;
    for (const CollisionSphere& sphere : spheres_->spheres) joints.push_back(sphere.joint);
    return joints;
  }

  // The limb's first joint, of each sphere.
  std::vector<int> Limbs() const {
    std::vector<int> limbs;
    for (const Limb& limb : spheres_->limbs.limbs)
      limbs.insert(limbs.end(), limb.end - limb.begin, limb.joint);
    return limbs;
  }

  py::array_t<double> Centres() const {
    RowMatrix centres(size(), 3);
    for (py::ssize_t i = 0; i < size(); ++i) centres.row(i) = At(i).centre.transpose();
    return ToArray(centres, {size(), 3});
  }

  py::array_t<double> Shapedirs() const {
    const py::ssize_t B = model_->num_betas();
    RowMatrix shapedirs(3 * size(), B);
    for (py::ssize_t i = 0; i < size(); ++i) shapedirs.middleRows<3>(3 * i) = At(i).shapedirs;
    return ToArray(shapedirs, {size(), 3, B});
  }

  py::array_t<double> Radii() const {
    Eigen::VectorXd radii(size());
    for (py::ssize_t i = 0; i < size(); ++i) radii[i] = At(i).radius;
    return ToArray(radii, {size()});
  }

  py::array_t<double> RadiusShapedirs() const {
    const py::ssize_t B = model_->num_betas();
    RowMatrix shapedirs(size(), B);
    for (py::ssize_t i = 0; i < size(); ++i) shapedirs.row(i) = At(i).radius_shapedirs;
    return ToArray(shapedirs, {size(), B});
  }

  std::vector<std::pair<int, int>> Pairs() const {
    std::vector<std::pair<int, int>> pairs;
    for (const LimbPair& pair : spheres_->limbs.pairs)
      pairs.insert(pairs.end(), pair.things.begin(), pair.things.end());
    return pairs;
  }

 private:
  const CollisionSphere& At(py::ssize_t i) const { return spheres_->spheres[static_cast<size_t>(i)]; }

  std::shared_ptr<const BodyModel> model_;
  const CollisionSpheres* spheres_;
};

std::vector<std::tuple<int, int, int, double>> Penetration(const BodyModel& model, const Array& vertices) {
  CheckShape("vertices", vertices, {model.num_vertices(), 3});
  CheckFinite("vertices", vertices);
  const RowMatrix at = ToMatrix(vertices, model.num_vertices());
  std::vector<InsideVertex> inside;
  {
    const py::gil_scoped_release release;
    inside = FindPenetration(model, at);
  }
  std::vector<std::tuple<int, int, int, double>> found;
  for (const InsideVertex& vertex : inside)
    found.emplace_back(vertex.vertex, vertex.part, vertex.other, vertex.depth);
  return found;
}

}  // namespace

void BindCollisions(py::module_& m) {
  py::class_<Spheres>(m, "CollisionSpheres")
      .def(py::init<std::shared_ptr<BodyModel>>(), py::arg("model").none(false))
      .def("__len__", &Spheres::size)
      .def_property_readonly("joints", &Spheres::Joints)
      .def_property_readonly("limbs", &Spheres::Limbs)
      .def_property_readonly("centres", &Spheres::Centres)
      .def_property_readonly("shapedirs", &Spheres::Shapedirs)
      .def_property_readonly("radii", &Spheres::Radii)
      .def_property_readonly("radius_shapedirs", &Spheres::RadiusShapedirs)
      .def_property_readonly("pairs", &Spheres::Pairs);

  m.def("penetration", &Penetration, py::arg("model"), py::arg("vertices"));
}

}  // namespace smplceres::bindings
