#pragma once

#include <lodestone/solver/simd.h>

#ifdef __AVX__
#include <immintrin.h>
#endif

namespace lodestone
{

/// NodeAccess without instructions of a particular processor.
template <int dim, typename Number, typename Lanes>
struct NodeByNode
{
  static void load(const Number *vector, const unsigned int *first, Lanes *values, const unsigned int stride)
  {
    for (unsigned int d = 0; d < dim; ++d)
      for (unsigned int v = 0; v < Lanes::size(); ++v)
        values[d * stride][v] = vector[first[v] + d];
  }

  static void add(const Lanes *values, const unsigned int stride, const unsigned int *first, Number *vector)
  {
    for (unsigned int v = 0; v < Lanes::size(); ++v)
      for (unsigned int d = 0; d < dim; ++d)
        vector[first[v] + d] += values[d * stride][v];
  }
};

/// Moves the displacements of nodes between a vector, where the components of a node are adjacent, and lanes, which
/// have one node each. It reads a node at once and sorts the components in registers. This is three times as fast as a
/// gather of each component, which takes most of the time of a matrix-free operator.
///
/// In `load` and `add`, first[lane] is the place of a node's first component in the vector (a place may occur more than
/// once), and values[d * stride] holds component d.
template <int dim, typename Number, typename Lanes = Wide<Number>>
struct NodeAccess : NodeByNode<dim, Number, Lanes>
{
};

#ifdef __AVX__
// This moves eight nodes at a time, two in a register of 256 bits. Masks protect what lies behind the last node of the
// vector.
template <typename Lanes>
struct NodeAccess<3, float, Lanes>
{
  static_assert(Lanes::size() == 1 || Lanes::size() % 4 == 0);

  static void load(const float *vector, const unsigned int *first, Lanes *values, const unsigned int stride)
  {
    if constexpr (Lanes::size() % 8 != 0)
      NodeByNode<3, float, Lanes>::load(vector, first, values, stride);
    else
      for (unsigned int v = 0; v < Lanes::size(); v += 8)
      {
        const auto pair = [&](const unsigned int k) {
          return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_maskload_ps(vector + first[v + k], mask())),
                                      _mm_maskload_ps(vector + first[v + k + 4], mask()), 1);
        };
        const __m256 n0 = pair(0), n1 = pair(1), n2 = pair(2), n3 = pair(3);
        const __m256 xy01 = _mm256_unpacklo_ps(n0, n1), xy23 = _mm256_unpacklo_ps(n2, n3);
        const __m256 z01 = _mm256_unpackhi_ps(n0, n1), z23 = _mm256_unpackhi_ps(n2, n3);
        _mm256_storeu_ps(&values[0][v], _mm256_shuffle_ps(xy01, xy23, _MM_SHUFFLE(1, 0, 1, 0)));
        _mm256_storeu_ps(&values[stride][v], _mm256_shuffle_ps(xy01, xy23, _MM_SHUFFLE(3, 2, 3, 2)));
        _mm256_storeu_ps(&values[2 * stride][v], _mm256_shuffle_ps(z01, z23, _MM_SHUFFLE(1, 0, 1, 0)));
      }
  }

  static void add(const Lanes *values, const unsigned int stride, const unsigned int *first, float *vector)
  {
    if constexpr (Lanes::size() % 8 != 0)
      NodeByNode<3, float, Lanes>::add(values, stride, first, vector);
    else
      for (unsigned int v = 0; v < Lanes::size(); v += 8)
      {
        const __m256 x = _mm256_loadu_ps(&values[0][v]), y = _mm256_loadu_ps(&values[stride][v]),
                     z = _mm256_loadu_ps(&values[2 * stride][v]);
        const __m256 xy01 = _mm256_unpacklo_ps(x, y), xy23 = _mm256_unpackhi_ps(x, y);
        const __m256 nodes[4] = {
            _mm256_shuffle_ps(xy01, z, _MM_SHUFFLE(0, 0, 1, 0)), _mm256_shuffle_ps(xy01, z, _MM_SHUFFLE(1, 1, 3, 2)),
            _mm256_shuffle_ps(xy23, z, _MM_SHUFFLE(2, 2, 1, 0)), _mm256_shuffle_ps(xy23, z, _MM_SHUFFLE(3, 3, 3, 2))};
        for (unsigned int k = 0; k < 4; ++k)
          add(_mm256_castps256_ps128(nodes[k]), vector + first[v + k]);
        for (unsigned int k = 0; k < 4; ++k)
          add(_mm256_extractf128_ps(nodes[k], 1), vector + first[v + k + 4]);
      }
  }

private:
  static __m128i mask() { return _mm_setr_epi32(-1, -1, -1, 0); }

  static void add(const __m128 node, float *to)
  {
    const __m128 sum = _mm_add_ps(_mm_maskload_ps(to, mask()), node);
    _mm_storel_pi(reinterpret_cast<__m64 *>(to), sum); // masked stores are slow, masked loads are not
    _mm_store_ss(to + 2, _mm_movehl_ps(sum, sum));
  }
};

// This moves four nodes at a time.
template <typename Lanes>
struct NodeAccess<3, double, Lanes>
{
  static void load(const double *vector, const unsigned int *first, Lanes *values, const unsigned int stride)
  {
    if constexpr (Lanes::size() % 4 != 0)
      NodeByNode<3, double, Lanes>::load(vector, first, values, stride);
    else
      for (unsigned int v = 0; v < Lanes::size(); v += 4)
      {
        const auto node = [&](const unsigned int k) { return _mm256_maskload_pd(vector + first[v + k], mask()); };
        const __m256d n0 = node(0), n1 = node(1), n2 = node(2), n3 = node(3);
        const __m256d xz01 = _mm256_unpacklo_pd(n0, n1), xz23 = _mm256_unpacklo_pd(n2, n3);
        const __m256d y01 = _mm256_unpackhi_pd(n0, n1), y23 = _mm256_unpackhi_pd(n2, n3);
        _mm256_storeu_pd(&values[0][v], _mm256_permute2f128_pd(xz01, xz23, 0x20));
        _mm256_storeu_pd(&values[stride][v], _mm256_permute2f128_pd(y01, y23, 0x20));
        _mm256_storeu_pd(&values[2 * stride][v], _mm256_permute2f128_pd(xz01, xz23, 0x31));
      }
  }

  static void add(const Lanes *values, const unsigned int stride, const unsigned int *first, double *vector)
  {
    if constexpr (Lanes::size() % 4 != 0)
      NodeByNode<3, double, Lanes>::add(values, stride, first, vector);
    else
      for (unsigned int v = 0; v < Lanes::size(); v += 4)
      {
        const __m256d x = _mm256_loadu_pd(&values[0][v]), y = _mm256_loadu_pd(&values[stride][v]);
        const __m256d xy02 = _mm256_unpacklo_pd(x, y), xy13 = _mm256_unpackhi_pd(x, y);
        const __m128d nodes[4] = {_mm256_castpd256_pd128(xy02), _mm256_castpd256_pd128(xy13),
                                  _mm256_extractf128_pd(xy02, 1), _mm256_extractf128_pd(xy13, 1)};
        for (unsigned int k = 0; k < 4; ++k)
        {
          double *to = vector + first[v + k];
          _mm_storeu_pd(to, _mm_add_pd(_mm_loadu_pd(to), nodes[k]));
          to[2] += values[2 * stride][v + k];
        }
      }
  }

private:
  static __m256i mask() { return _mm256_setr_epi64x(-1, -1, -1, 0); }
};
#endif

} // namespace lodestone
