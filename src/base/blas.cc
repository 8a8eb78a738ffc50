#include <lodestone/base/blas.h>

#include <petscsys.h>
// needs the types of petscsys.h
#include <petscblaslapack.h>

#include <algorithm>
#include <array>
#include <dlfcn.h>

namespace lodestone
{

namespace
{

// OpenBLAS's names of processors whose kernels use AVX2 or more.
constexpr std::array<const char *, 6> kernels_with_avx2 = {"Haswell",  "Zen",        "Excavator",
                                                           "SkylakeX", "Cooperlake", "SapphireRapids"};

template <typename Function>
Function *loaded_function(const char *name)
{
  return reinterpret_cast<Function *>(dlsym(RTLD_DEFAULT, name));
}

/// The name of the file that dgemm comes from.
std::string file_of_blas()
{
  Dl_info where;
  void *dgemm = dlsym(RTLD_DEFAULT, "dgemm_");
  if (dgemm == nullptr || dladdr(dgemm, &where) == 0 || where.dli_fname == nullptr)
    return "unknown";
  const std::string path = where.dli_fname;
  return path.substr(path.find_last_of('/') + 1);
}

} // namespace

Blas loaded_blas()
{
  // Asked of what is loaded and not linked to: MPI programs choose their BLAS when they start.
  auto *kernel = loaded_function<char *()>("openblas_get_corename");
  auto *configuration = loaded_function<char *()>("openblas_get_config");
  if (kernel == nullptr || configuration == nullptr)
    return {file_of_blas(), "", false};
  const std::string text = configuration(); // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  const auto end_of_name = text.find(' ');
  return {text.substr(0, end_of_name == std::string::npos ? end_of_name : text.find(' ', end_of_name + 1)), kernel(),
          text.find("DYNAMIC_ARCH") != std::string::npos};
}

void reserve_memory_of_blas()
{
  constexpr std::size_t taken = 150 << 20;  // 128 MB and what is besides
  ::operator delete(::operator new(taken)); // throws if there is no such memory; the compiler may not leave it out
  const PetscBLASInt n = 1;
  const PetscScalar one = 1;
  PetscScalar x = 1;
  BLAStrsm_("L", "L", "N", "N", &n, &n, &one, &one, &n, &x, &n);
}

VectorInstructions vector_instructions_of_this_processor()
{
  VectorInstructions processor;
#if defined(__x86_64__) && defined(__GNUC__)
  processor.avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  processor.avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
                     __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                     __builtin_cpu_supports("avx512vl") != 0;
#endif
  return processor;
}

std::string blas_advice(const Blas &blas, const VectorInstructions &processor)
{
  const bool uses_vectors =
      std::find(kernels_with_avx2.begin(), kernels_with_avx2.end(), blas.kernel) != kernels_with_avx2.end();
  if (!blas.can_choose || blas.kernel.empty() || uses_vectors || !(processor.avx2 || processor.avx512))
    return "";
  return blas.name + " does not know this processor and runs its " + blas.kernel +
         " kernels, which make factorisations about half as fast as " +
         (processor.avx512 ? "AVX-512 would. Set OPENBLAS_CORETYPE=SkylakeX"
                           : "AVX2 would. Set OPENBLAS_CORETYPE=Haswell") +
         " in the environment of every rank.";
}

} // namespace lodestone
