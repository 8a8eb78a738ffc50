// Tables of depth that end within the model are named in the log; depths and values are those of the tables by hand.
#include <lodestone/material/parametrization.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace lodestone;

namespace
{

std::string file()
{
  return "rock.csv.np" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD));
}

/// What the log says of a table of depth in a model 1 km deep.
std::string log_of(const std::string &table, const Parametrization<2>::Parameters &material)
{
  const std::string name = file() + ".log";
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (first)
  {
    std::ofstream(file()) << table;
    std::remove(name.c_str());
  }
  MPI_Barrier(MPI_COMM_WORLD);
  Mesh<2>::Parameters box;
  box.lower = dealii::Point<2>(-2000, -1000);
  box.upper = dealii::Point<2>(2000, 0);
  box.cells = {8, 4};
  Mesh<2> mesh(box, MPI_COMM_WORLD);
  mesh.refine({}, {});
  {
    Log log(MPI_COMM_WORLD, true);
    log.open(name);
    (void)Parametrization<2>(mesh, material, "", CellField(), log);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  std::ostringstream text;
  text << std::ifstream(name).rdbuf();
  MPI_Barrier(MPI_COMM_WORLD);
  if (first)
    for (const auto &made : {file(), name})
      std::remove(made.c_str());
  return text.str();
}

Parametrization<2>::Parameters material()
{
  Parametrization<2>::Parameters p;
  p.young = "table " + file();
  return p;
}

} // namespace

TEST(TableReachParallel, TablesThatEndWithinTheModelAreNamed)
{
  const std::string below = log_of("depth,young [GPa]\n0,10\n600,30\n", material());
  EXPECT_NE(below.find("Material/Young modulus: the table " + file() +
                       " ends at a depth of 600 m, and the model reaches down to 1000 m: its last value, 3e+10 Pa, "
                       "goes on to there"),
            std::string::npos)
      << below;
  EXPECT_EQ(below.find("begins"), std::string::npos) << below;
  const std::string both = log_of("depth [km],young [GPa],poisson\n0.2,10,0.2\n0.9,30,0.3\n", material());
  EXPECT_NE(both.find("begins at a depth of 200 m, and the model at 0 m: its first value, 1e+10 Pa"), std::string::npos)
      << both;
  EXPECT_NE(both.find("it ends at a depth of 900 m"), std::string::npos) << both;
  auto poisson = material();
  poisson.young = "20 GPa";
  poisson.poisson = "table " + file();
  const std::string ratio = log_of("depth [km],young [GPa],poisson\n0.2,10,0.2\n0.9,30,0.3\n", poisson);
  EXPECT_NE(ratio.find("Material/Poisson ratio"), std::string::npos) << ratio;
  EXPECT_NE(ratio.find("its last value, 0.3, goes on"), std::string::npos) << ratio;
}

TEST(TableReachParallel, TablesThatReachFromEndToEndAreNot)
{
  EXPECT_EQ(log_of("depth,young [GPa]\n0,10\n1000,30\n", material()).find("table"), std::string::npos);
  EXPECT_EQ(log_of("depth,young [GPa]\n0,10\n2000,30\n", material()).find("table"), std::string::npos);
}
