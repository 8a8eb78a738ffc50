// CRC-32 is that of ISO 3309 (zlib, gzip, PNG): the check value of "123456789" is cbf43926 (Williams 1993, "A painless guide to CRC
// error detection algorithms").
#include <lodestone/base/error.h>
#include <lodestone/io/checksum.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace lodestone;

namespace
{
std::string name()
{
  return "checksum_test.np" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD));
}

void put(const std::string &text)
{
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::ofstream(name(), std::ios::binary) << text;
  MPI_Barrier(MPI_COMM_WORLD);
}

std::string get()
{
  std::ifstream in(name(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
} // namespace

TEST(ChecksumParallel, IsThatOfTheStandard)
{
  put("123456789");
  add_checksum(name(), MPI_COMM_WORLD);
  EXPECT_EQ(get(), "123456789\nLodestone checksum: CRC-32 cbf43926 of 00000000000000000009 bytes\n");
  EXPECT_EQ(check_checksum(name(), MPI_COMM_WORLD), Soundness::sound);
  put("");
  add_checksum(name(), MPI_COMM_WORLD);
  EXPECT_EQ(check_checksum(name(), MPI_COMM_WORLD), Soundness::sound);
  put("123456789");
  EXPECT_EQ(check_checksum(name(), MPI_COMM_WORLD), Soundness::without_checksum);
  MPI_Barrier(MPI_COMM_WORLD);
  std::remove(name().c_str());
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_EQ(check_checksum(name(), MPI_COMM_WORLD), Soundness::missing);
  EXPECT_THROW(add_checksum(name(), MPI_COMM_WORLD), InputError);
}

TEST(ChecksumParallel, EveryChangedBitAndEveryCutIsFound)
{
  std::string text;
  for (unsigned int i = 0; i < 1000; ++i)
    text += static_cast<char>(i * i);
  put(text);
  add_checksum(name(), MPI_COMM_WORLD);
  const std::string good = get();
  for (std::size_t i = 0; i < good.size(); i += 7)
  {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    put(bad);
    EXPECT_NE(check_checksum(name(), MPI_COMM_WORLD), Soundness::sound) << i;
    put(good.substr(0, i));
    EXPECT_NE(check_checksum(name(), MPI_COMM_WORLD), Soundness::sound) << i;
  }
  put(good + "x");
  EXPECT_NE(check_checksum(name(), MPI_COMM_WORLD), Soundness::sound);
  MPI_Barrier(MPI_COMM_WORLD);
  std::remove(name().c_str());
}
