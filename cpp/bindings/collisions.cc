// The collision primitives of a body, and self-intersections of its mesh.
#include <pybind11/stl.h>

#include <memory>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
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
  py::class_<Spheres>(
      m, "CollisionSpheres", Doc(R"(Limbs as capsules made of spheres, fitted to a body: N spheres.

           A limb is a joint with the surface that it moves, toes with the foot and fingers with the hand:
           20 limbs of SMPL. A sphere is carried rigidly by one joint; its centre at rest is
           centres + shapedirs betas, its radius radii + radius_shapedirs betas.

           Source: after Bogo et al. 2016, section 3.3.
           )"))
      .def(py::init<std::shared_ptr<BodyModel>>(),
           Doc(R"(Computed once per model.

           Raises:
               ValueError: a body without a surface to fit to.
           )"),
           py::arg("model").none(false))
      .def("__len__", &Spheres::size, "N.")
      .def_property_readonly("joints", &Spheres::Joints, "N joints that carry the spheres.")
      .def_property_readonly("limbs", &Spheres::Limbs, "N joints nearest to the root in the spheres' limbs.")
      .def_property_readonly("centres", &Spheres::Centres, "(N, 3) metres, of the mean shape at rest.")
      .def_property_readonly("shapedirs", &Spheres::Shapedirs, "(N, 3, B) metres per beta.")
      .def_property_readonly("radii", &Spheres::Radii, "(N,) metres, of the mean shape.")
      .def_property_readonly("radius_shapedirs", &Spheres::RadiusShapedirs, "(N, B) metres per beta.")
      .def_property_readonly(
          "pairs",
          &Spheres::Pairs,
          Doc(R"(Spheres that may not overlap: of limbs that neither follow each other nor touch by nature
           (SMPL's upper arms and chest), and clear of one another by a quarter of their radii in the
           mean shape at rest.
           )"));

  py::class_<Patches>(
      m, "SurfacePatches", Doc(R"(The skin as P discs with the thickness of the limb below them.

           A patch is the mean of a cell of a limb's vertices, carried rigidly by one joint.
           )"))
      .def(py::init<std::shared_ptr<BodyModel>>(),
           Doc(R"(Computed once per model.

           Raises:
               ValueError: a body without a surface to cut into patches.
           )"),
           py::arg("model").none(false))
      .def("__len__", &Patches::size, "P.")
      .def_property_readonly("joints", &Patches::Joints, "P joints that carry the patches.")
      .def_property_readonly("limbs", &Patches::Limbs, "P joints nearest to the root in the patches' limbs.")
      .def_property_readonly("radii", &Patches::Radii, "P metres: those of discs of the cells' areas.")
      .def_property_readonly(
          "points",
          &Patches::Points,
          Doc(R"((P, 2, 3) metres, of the mean shape at rest: the middle of the limb's slab below the
           patch, and the patch's centre on the skin, along the outward normal from there.
           )"))
      .def_property_readonly("shapedirs", &Patches::Shapedirs, "(P, 2, 3, B) metres per beta.")
      .def_property_readonly(
          "pairs",
          &Patches::Pairs,
          Doc(R"(Patches that may not overlap: of limbs as for spheres, and clear of one another in the
           mean shape at rest.
           )"));

  m.def("penetration",
        &Penetration,
        Doc(R"(Vertices inside another part of the mesh.

           Args:
               model: the body.
               vertices: (V, 3) metres, posed.

           Returns:
               (vertex, its joint, the joint of the other part, depth): depth in metres to the surface of
               the other part. Parts of one joint, of a joint and its parent, and SMPL's upper arms with
               spine1 to spine3 are not tested, nor vertices within 5 cm of the other part on the mean
               body at rest.

           Raises:
               ValueError: another shape, NaN.
           )"),
        py::arg("model"),
        py::arg("vertices"));
}

}  // namespace smplceres::bindings
