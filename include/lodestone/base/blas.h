#pragma once

#include <string>

namespace lodestone
{

/// The BLAS library of this process; factorisations spend their time in it.
struct Blas
{
  std::string name;   ///< name and version where the library tells them, else the file that it was loaded from
  std::string kernel; ///< the processor whose kernels OpenBLAS has chosen; empty for other libraries
  /// Whether the library holds kernels for several processors, so that OPENBLAS_CORETYPE has an effect.
  bool can_choose = false;
};

/// Finds the BLAS among the libraries that are loaded.
Blas loaded_blas();

/// Makes a first call, with which OpenBLAS takes its working memory (128 MB of addresses): it waits for ever if there is
/// none when it needs it. @throws std::bad_alloc if there is none now
void reserve_memory_of_blas();

/// The vector instructions that a processor has.
struct VectorInstructions
{
  bool avx2 = false;   ///< AVX2 and fused multiply-add
  bool avx512 = false; ///< AVX-512 F, CD, BW, DQ and VL, as server processors have them
};

VectorInstructions vector_instructions_of_this_processor();

/// OpenBLAS runs kernels without wide vectors on processors that are newer than itself. The advice is a sentence with
/// the environment variable that helps then; it is empty where nothing is to be gained.
std::string blas_advice(const Blas &blas, const VectorInstructions &processor);

} // namespace lodestone
