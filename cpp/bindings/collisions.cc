// The collision primitives of a body, and self-intersections of its mesh.
#include <pybind11/stl.h>

#include <memory>
#include <utility>
#include <vector>

#include "arrays.h"
#include "smplceres/collide/collision_spheres.h"
#include "smplceres/collide/penetration.h"
#include "smplceres/collide/surface_patches.h"

namespace smplceres::bindings {
namespace {

// The first joint of each primitive's limb.
std::vector<int> LimbOfPrimitives(const LimbPairs& limbs) {
  std::vector<int> joints;
  for (const Limb& limb : limbs.limbs) joints.insert(joints.end(), limb.end - limb.begin, limb.joint);
  return joints;
}

std::vector<std::pair<int, int>> PairsOfPrimitives(const LimbPairs& limbs) {
  std::vector<std::pair<int, int>> pairs;
  for (const LimbPair& pair : limbs.pairs) {
    const Limb &a = limbs.limbs[static_cast<size_t>(pair.first)],
               &b = limbs.limbs[static_cast<size_t>(pair.second)];
    for (int i = a.begin; i < a.end; ++i)
      for (int j = b.begin; j < b.end; ++j)
        if (limbs.MayCollide(pair, i, j)) pairs.emplace_back(i, j);
  }
  return pairs;
}

// The spheres of a body, which keeps them alive.
class Spheres {
 public:
  explicit Spheres(std::shared_ptr<const BodyModel> model) : model_(std::move(model)) {
    const py::gil_scoped_release release;
    spheres_ = CollisionSpheresOf(*model_);
    if (spheres_ == nullptr)
      throw std::invalid_argument("model: expected a body with a surface, got none to fit spheres to");
  }

  py::ssize_t size() const { return static_cast<py::ssize_t>(spheres_->spheres.size()); }

  std::vector<int> Joints() const {
    std::vector<int> joints;
    for (const CollisionSphere& sphere : spheres_->spheres) joints.push_back(sphere.joint);
    return joints;
  }

  std::vector<int> Limbs() const { return LimbOfPrimitives(spheres_->limbs); }

  py::array_t<double> Centres() const {
    RowMatrix centres(size(), 3);
    for (py::ssize_t i = 0; i < size(); ++i) centres.row(i) = At(i).centre.transpose();
    return ToArray(centres, {size(), 3});
  }

  py::array_t<double> Shapedirs() const {
    const py::ssize_t B = model_->num_directions();
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
    const py::ssize_t B = model_->num_directions();
    RowMatrix shapedirs(size(), B);
    for (py::ssize_t i = 0; i < size(); ++i) shapedirs.row(i) = At(i).radius_shapedirs;
    return ToArray(shapedirs, {size(), B});
  }

  std::vector<std::pair<int, int>> Pairs() const { return PairsOfPrimitives(spheres_->limbs); }

 private:
  const CollisionSphere& At(py::ssize_t i) const { return spheres_->spheres[static_cast<size_t>(i)]; }

  std::shared_ptr<const BodyModel> model_;
  const CollisionSpheres* spheres_;
};

// The patches of a body's skin, which the body keeps alive.
class Patches {
 public:
  explicit Patches(std::shared_ptr<const BodyModel> model) : model_(std::move(model)) {
    const py::gil_scoped_release release;
    patches_ = SurfacePatchesOf(*model_);
    if (patches_ == nullptr)
      throw std::invalid_argument("model: expected a body with a surface, got none to cut into patches");
  }

  py::ssize_t size() const { return static_cast<py::ssize_t>(patches_->radii.size()); }

  std::vector<int> Joints() const {
    std::vector<int> joints;
    for (py::ssize_t i = 0; i < size(); ++i) joints.push_back(At(i, 0).joint);
    return joints;
  }
  std::vector<int> Limbs() const { return LimbOfPrimitives(patches_->limbs); }
  std::vector<std::pair<int, int>> Pairs() const { return PairsOfPrimitives(patches_->limbs); }
  const std::vector<double>& Radii() const { return patches_->radii; }

  // (P, 2, 3): middles of the slabs, centres on the skin.
  py::array_t<double> Points() const {
    RowMatrix points(2 * size(), 3);
    for (py::ssize_t i = 0; i < 2 * size(); ++i) points.row(i) = At(i / 2, i % 2).a.transpose();
    return ToArray(points, {size(), 2, 3});
  }
  py::array_t<double> Shapedirs() const {
    const py::ssize_t B = model_->num_directions();
    RowMatrix shapedirs(6 * size(), B);
    for (py::ssize_t i = 0; i < 2 * size(); ++i) shapedirs.middleRows<3>(3 * i) = At(i / 2, i % 2).S;
    return ToArray(shapedirs, {size(), 2, 3, B});
  }

 private:
  const CarriedPoint& At(py::ssize_t i, py::ssize_t point) const {
    return patches_->carried[static_cast<size_t>(2 * i + point)];
  }

  std::shared_ptr<const BodyModel> model_;
  const SurfacePatches* patches_;
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

  py::class_<Patches>(m, "SurfacePatches")
      .def(py::init<std::shared_ptr<BodyModel>>(), py::arg("model").none(false))
      .def("__len__", &Patches::size)
      .def_property_readonly("joints", &Patches::Joints)
      .def_property_readonly("limbs", &Patches::Limbs)
      .def_property_readonly("radii", &Patches::Radii)
      .def_property_readonly("points", &Patches::Points)
      .def_property_readonly("shapedirs", &Patches::Shapedirs)
      .def_property_readonly("pairs", &Patches::Pairs);

  m.def("penetration", &Penetration, py::arg("model"), py::arg("vertices"));
}

}  // namespace smplceres::bindings
