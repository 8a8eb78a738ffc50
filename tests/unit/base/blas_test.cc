// Advice about the kernels of OpenBLAS. Which kernels use which vectors: OpenBLAS's list of targets (TargetList.txt,
// 0.3.21).
#include <lodestone/base/blas.h>

#include <gtest/gtest.h>

using namespace lodestone;

TEST(Blas, AdvisesKernelsThatUseTheVectorsOfTheProcessor)
{
  const VectorInstructions none, avx2{true, false}, avx512{true, true};
  for (const char *generic : {"Prescott", "Nehalem", "Core2", "Sandybridge"})
  {
    const Blas blas{"OpenBLAS 0.3.21", generic, true};
    EXPECT_NE(blas_advice(blas, avx512).find("OPENBLAS_CORETYPE=SkylakeX"), std::string::npos) << generic;
    EXPECT_NE(blas_advice(blas, avx2).find("OPENBLAS_CORETYPE=Haswell"), std::string::npos) << generic;
    EXPECT_NE(blas_advice(blas, avx2).find(generic), std::string::npos);
    EXPECT_EQ(blas_advice(blas, none), "");
  }
  for (const char *fast : {"Haswell", "Zen", "SkylakeX", "Cooperlake"})
    EXPECT_EQ(blas_advice({"OpenBLAS 0.3.21", fast, true}, avx512), "");
}

TEST(Blas, AdvisesNothingWhereTheVariableHasNoEffect)
{
  EXPECT_EQ(blas_advice({"OpenBLAS 0.3.21", "Prescott", false}, {true, true}), "");
  EXPECT_EQ(blas_advice({"libblas.so.3", "", false}, {true, true}), "");
}

TEST(Blas, FindsTheLibraryThatIsLoaded)
{
  const Blas blas = loaded_blas();
  EXPECT_FALSE(blas.name.empty());
  EXPECT_NE(blas.name, "unknown");
  EXPECT_EQ(blas.name.rfind("OpenBLAS", 0) == 0, !blas.kernel.empty());
}
