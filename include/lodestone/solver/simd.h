#pragma once
// Wide<Number> holds as many numbers (double or float) as a vector register of the processor, for matrix-free
// operators. This header must come before every header of deal.II. It is not installed.
//
// deal.II's packages are built for any processor, without vector instructions: there VectorizedArray<double> is one
// double, and a matrix-free operator runs at a third of its speed. But the width is a template argument, and only its
// default belongs to the library's binary interface. So if the processor offers more than deal.II was built for, this
// header
//   1. reads config.h and numbers.h as they are, which fixes the default width for good: VectorizedArray<double> and everything
//      in the library that uses it stay what they were;
//   2. raises the width for vectorization.h alone, which defines VectorizedArray<double, 8> and its kin with vector instructions;
//   3. restores it, and names the widest.
// deal.II has no instances of MatrixFree, MappingInfo, ShapeInfo and the evaluation factories for those widths;
// src/solver/simd/ makes them once. src/solver/simd/width.cmake chooses the width. If deal.II itself is built as wide,
// nothing of the above happens and its own instances serve.
//
// Without this header first, VectorizedArray<double, 8> would be refused by the compiler (the general template has one
// lane): a mistake in the order cannot go unseen.
#include <lodestone/solver/simd_width.h>

#include <deal.II/base/config.h>
#include <deal.II/base/numbers.h>

#if LODESTONE_SIMD_BITS > DEAL_II_VECTORIZATION_WIDTH_IN_BITS
#ifdef dealii_vectorization_h
#error                                                                                                                 \
    "<lodestone/solver/simd.h> must be included before all headers of deal.II; sources that use it belong into a matrix_free/ folder."
#endif
#pragma push_macro("DEAL_II_VECTORIZATION_WIDTH_IN_BITS")
#undef DEAL_II_VECTORIZATION_WIDTH_IN_BITS
#define DEAL_II_VECTORIZATION_WIDTH_IN_BITS LODESTONE_SIMD_BITS
#include <deal.II/base/vectorization.h>
#pragma pop_macro("DEAL_II_VECTORIZATION_WIDTH_IN_BITS")
#else
#include <deal.II/base/vectorization.h>
#endif

namespace lodestone
{
#if LODESTONE_SIMD_BITS > DEAL_II_VECTORIZATION_WIDTH_IN_BITS
template <typename Number>
using Wide = dealii::VectorizedArray<Number, LODESTONE_SIMD_BITS / (8 * sizeof(Number))>;
#else
template <typename Number>
using Wide = dealii::VectorizedArray<Number>;
#endif
using WideDouble = Wide<double>;
using WideFloat = Wide<float>;
} // namespace lodestone
