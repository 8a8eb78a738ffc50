#pragma once

#include <string>

namespace lodestone
{

/// The BLAS library of this process, in which factorisations spend their time.
struct Blas
{
  std::string name;   ///< and version where the library tells, else the file that it was loaded from
  std::string kernel; ///< the processor whose kernels OpenBLAS has chosen; empty for other libraries
  bool can_choose =
      false; ///< whether the library holds kernels of several processors, so that OPENBLAS_CORETYPE has an effect
};

/// Looks the library up among those that are loaded.
Blas loaded_blas();

/// Vector instructions of a processor.
struct VectorInstructions
{
  bool avx2 = false;   ///< and fused multiply-add
  bool avx512 = false; ///< F, CD, BW, DQ and VL, as server processors have
};

VectorInstructions vector_instructions_of_this_processor();

/// One sentence with the environment variable that helps where OpenBLAS runs kernels without the vectors that the processor has (it does so
/// on processors newer than itself); empty otherwise.
std::string blas_advice(const Blas &blas, const VectorInstructions &processor);

} // namespace lodestone
