// As many numbers as a vector register holds, for arithmetic on all of them at once.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace smplceres {

// Eigen aligns fixed sizes to the widest register that the compiler's flags allow, if to any.
constexpr int kLaneBytes = EIGEN_MAX_STATIC_ALIGN_BYTES > 16 ? EIGEN_MAX_STATIC_ALIGN_BYTES : 16;

template <typename Scalar>
constexpr int kLanes = kLaneBytes / static_cast<int>(sizeof(Scalar));

template <typename Scalar>
using Lanes = Eigen::Array<Scalar, kLanes<Scalar>, 1>;

template <typename Scalar>
Lanes<Scalar> LoadLanes(const Scalar* numbers) {
  return Eigen::Map<const Lanes<Scalar>>(numbers);
}

inline Lanes<float> LoadLanes(const std::int16_t* numbers) {
#if defined(__AVX2__) && EIGEN_MAX_STATIC_ALIGN_BYTES == 32
  Lanes<float> lanes;
  const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers));
  _mm256_store_ps(lanes.data(), _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(words)));
  return lanes;
#elif defined(__SSE2__) && EIGEN_MAX_STATIC_ALIGN_BYTES == 16
  Lanes<float> lanes;
  const __m128i words = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(numbers));
  _mm_store_ps(lanes.data(), _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(words, words), 16)));
  return lanes;
#else
  return Eigen::Map<const Eigen::Array<std::int16_t, kLanes<float>, 1>>(numbers).cast<float>();
#endif
}

}  // namespace smplceres
