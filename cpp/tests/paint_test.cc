// Painting writes within the image whatever the mesh is. The sanitizers see what these tests do not.
#include "smplceres/raster/paint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

constexpr int kWidth = 160, kHeight = 90;

// An image between guards, which painting must not change.
class GuardedImage {
 public:
  GuardedImage() : bytes_(3 * kSize, kGuard) {
    std::fill(bytes_.begin() + kSize, bytes_.begin() + 2 * kSize, std::uint8_t{0});
  }
  Image image() { return {bytes_.data() + kSize, kWidth, kHeight}; }
  bool GuardsHold() const {
    for (std::ptrdiff_t i = 0; i < kSize; ++i)
      if (bytes_[static_cast<size_t>(i)] != kGuard || bytes_[static_cast<size_t>(2 * kSize + i)] != kGuard)
        return false;
    return true;
  }
  int NumPainted() const {
    int count = 0;
    for (std::ptrdiff_t i = kSize; i < 2 * kSize; ++i) count += bytes_[static_cast<size_t>(i)] != 0 ? 1 : 0;
    return count;
  }

 private:
  static constexpr std::ptrdiff_t kSize = 3 * kWidth * kHeight;
  static constexpr std::uint8_t kGuard = 7;
  std::vector<std::uint8_t> bytes_;
};

ProjectedMesh OneFace() {
  ProjectedMesh mesh{RowMatrix(3, 2), RowMatrix(3, 3), RowMatrixI(1, 3), RowMatrix::Constant(3, 3, 200.0), true};
  mesh.faces << 0, 1, 2;
  mesh.points << 0, 0, 2, 0, 0, 2, 0, 0, 2;
  return mesh;
}

TEST(Paint, EdgeThatIsLevelButForRoundingStaysWithinTheImage) {
  // Samples are at y = 2 v + 0.5: the edge lies within the seam under row 0, with a slope of 6e-17.
  const double v = -0.25 + 2.5e-7, up = std::nextafter(v, 1.0);
  for (const bool flipped : {false, true})
    for (const bool swapped : {false, true}) {
      ProjectedMesh mesh = OneFace();
      mesh.uv << 100, flipped ? up : v, 50, flipped ? v : up, 75, 25;
      if (swapped) mesh.uv.row(0).swap(mesh.uv.row(1));
      GuardedImage guarded;
      PaintMesh(mesh, 1.0, guarded.image());
      EXPECT_TRUE(guarded.GuardsHold());
    }
}

TEST(Paint, RandomFacesWithLevelEdgesStayWithinTheImage) {
  std::mt19937_64 random(7);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  GuardedImage guarded;
  for (int k = 0; k < 2000; ++k) {
    ProjectedMesh mesh = OneFace();
    const double scale = std::pow(10.0, uniform(-8, 3.5)), x = uniform(-50, 200), y = uniform(-50, 120);
    for (int i = 0; i < 3; ++i) {
      mesh.uv.row(i) << x + scale * uniform(-1, 1), y + scale * uniform(-1, 1);
      mesh.points(i, 2) = uniform(0.1, 5);
    }
    const double level = std::floor(y) / 2 - 0.25 + uniform(-1e-6, 1e-6);
    if (k % 4 == 0) mesh.uv(0, 1) = mesh.uv(1, 1) = level;
    if (k % 4 == 1) mesh.uv(0, 1) = level, mesh.uv(1, 1) = std::nextafter(level, k % 8 == 1 ? 1e9 : -1e9);
    if (k % 4 == 2) mesh.uv(1, 0) = std::numeric_limits<double>::quiet_NaN();
    PaintMesh(mesh, 0.7, guarded.image());
  }
  EXPECT_TRUE(guarded.GuardsHold());
  EXPECT_GT(guarded.NumPainted(), 0);
}

TEST(Paint, ColoursThatAreNoNumbersAreLimited) {
  ProjectedMesh mesh = OneFace();
  mesh.uv << 10, 10, 10, 80, 80, 10;
  mesh.colours.setConstant(std::numeric_limits<double>::quiet_NaN());
  GuardedImage guarded;
  PaintMesh(mesh, 1.0, guarded.image());
  EXPECT_EQ(guarded.NumPainted(), 0);
}

TEST(ClampedInt, KeepsToItsRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ClampedInt(2.9, -5, 5), 2);
  EXPECT_EQ(ClampedInt(-2.9, -5, 5), -2);
  EXPECT_EQ(ClampedInt(9e11, -5, 5), 5);
  EXPECT_EQ(ClampedInt(infinity, -5, 5), 5);
  EXPECT_EQ(ClampedInt(-infinity, -5, 5), -5);
  EXPECT_EQ(ClampedInt(std::nan(""), -5, 5), -5);
}

}  // namespace
}  // namespace smplceres
