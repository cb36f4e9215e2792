// Arrays as wide as a vector register, for SIMD arithmetic.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace smplceres {

// The widest register that the compiler's flags allow, to which Eigen aligns fixed-size arrays.
constexpr int kLaneBytes = EIGEN_MAX_STATIC_ALIGN_BYTES > 16 ? EIGEN_MAX_STATIC_ALIGN_BYTES : 16;

template <typename Scalar>
constexpr int kLanes = kLaneBytes / static_cast<int>(sizeof(Scalar));

template <typename Scalar>
using Lanes = Eigen::Array<Scalar, kLanes<Scalar>, 1>;

template <typename Scalar>
Lanes<Scalar> LoadLanes(const Scalar* numbers) {
  return Eigen::Map<const Lanes<Scalar>>(numbers);
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // of registers as template arguments
#endif
// Interleaves kWidth rows of `size` numbers: to[kWidth i + lane] = rows[lane][i].
template <int kWidth>
void RowsToLanes(const double* const* rows, Eigen::Index size, double* to) {
  Eigen::Index i = 0;
  using Packet = Eigen::internal::packet_traits<double>::type;
  if constexpr (kWidth == Eigen::internal::packet_traits<double>::size) {
    for (; i + kWidth <= size; i += kWidth) {
      Eigen::internal::PacketBlock<Packet, kWidth> block;
      for (int lane = 0; lane < kWidth; ++lane)
        block.packet[lane] = Eigen::internal::ploadu<Packet>(rows[lane] + i);
      Eigen::internal::ptranspose(block);
      for (int n = 0; n < kWidth; ++n) Eigen::internal::pstoreu(to + (i + n) * kWidth, block.packet[n]);
    }
  }
  for (; i < size; ++i)
    for (int lane = 0; lane < kWidth; ++lane) to[i * kWidth + lane] = rows[lane][i];
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// Starts loading memory into the cache.
inline void Prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
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
