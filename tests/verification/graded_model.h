#pragma once

// A model of 3 x 3 x 2 graded cells with data of every kind, whose largest cell has more than ten times the volume of the
// smallest.

#include "problem_from_text.h"
#include <cmath>
#include <map>

namespace lodestone::testing
{

inline std::unique_ptr<TextProblem<3>> graded_model(const std::string &directory,
                                                    const std::string &unknowns = "Young modulus",
                                                    const std::string &cells = "3, 3, 2")
{
  const std::string text =
      section("Mesh", {"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = " + cells,
                       "Grading = 30, 20, 50"}) +
      section("Material", {"Young modulus = 2e10*(1 - z/3200)", "Unknowns = " + unknowns}) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section("Load cases", {"Names = a"},
              load_case("a", {{"lake", {"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + y^2)/1e6)"}}},
                        {{"gnss", {"File = stations.csv", "Sigma = 2e-3"}},
                         {"level", {"File = level.csv", "Units = mm", "Weight = 0.7"}},
                         {"track", {"File = track.csv", "Units = cm"}}})) +
      section("Solver", {"Method = direct", "Tolerance = 1e-13"});
  return std::make_unique<TextProblem<3>>(text, directory);
}

/// Observed and sigma in the order of the files, m.
struct Observed
{
  std::vector<double> value, sigma;
};

inline std::map<std::string, Observed> write_data(Scratch &scratch)
{
  std::map<std::string, Observed> observed;
  std::string text = "x,y,east,north,up\n";
  for (unsigned int i = 0; i < 5; ++i)
  {
    const double u[] = {1e-3 * i, -2e-3, -0.01 - 5e-3 * i};
    text += number(-1200 + 577. * i) + "," + number(900 * std::sin(2.3 * i));
    for (const double value : u)
    {
      text += "," + number(value);
      observed["gnss"].value.push_back(value);
      observed["gnss"].sigma.push_back(2e-3);
    }
    text += "\n";
  }
  scratch.write("stations.csv", text);
  text = "x,y,up,sigma_up\n";
  for (unsigned int i = 0; i < 3; ++i)
  {
    text += number(-700 + 510. * i) + ",130," + number(-7. - i) + "," + number(1.5 + i) + "\n";
    observed["level"].value.push_back(1e-3 * (-7. - i));
    observed["level"].sigma.push_back(1e-3 * (1.5 + i));
  }
  scratch.write("level.csv", text);
  text = "x,y,los,sigma,incidence,heading\n";
  for (unsigned int i = 0; i < 4; ++i)
  {
    text += number(-1000 + 610. * i) + "," + number(-420 + 300. * i) + "," + number(-0.5 + 0.2 * i) + "," +
            number(0.3 + 0.1 * i) + ",36,-11\n";
    observed["track"].value.push_back(1e-2 * (-0.5 + 0.2 * i));
    observed["track"].sigma.push_back(1e-2 * (0.3 + 0.1 * i));
  }
  scratch.write("track.csv", text);
  return observed;
}

} // namespace lodestone::testing
