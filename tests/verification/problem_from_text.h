#pragma once

// A whole model from the text of a parameter file, as a user would write it, for tests of the chain.

#include <lodestone/app/problem.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/log.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace lodestone::testing
{

/// A directory for the files that a deck names: made on rank 0, removed at the end.
class Scratch
{
public:
  Scratch()
  {
    char name[] = "/tmp/lodestone_test_XXXXXX";
    if (rank() == 0 && mkdtemp(name) == nullptr)
      std::abort();
    path_ = dealii::Utilities::MPI::broadcast(MPI_COMM_WORLD, std::string(name));
  }
  ~Scratch()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank() == 0)
    {
      for (const auto &file : files_)
        std::remove(file.c_str());
      rmdir(path_.c_str());
    }
  }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;

  const std::string &path() const { return path_; }
  void write(const std::string &name, const std::string &text)
  {
    files_.push_back(path_ + "/" + name);
    if (rank() == 0)
      std::ofstream(files_.back()) << text;
    MPI_Barrier(MPI_COMM_WORLD);
  }
  /// What a file of this directory holds, on every rank.
  std::string read(const std::string &name)
  {
    files_.push_back(path_ + "/" + name);
    MPI_Barrier(MPI_COMM_WORLD);
    std::ifstream in(files_.back());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

private:
  static unsigned int rank() { return dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD); }
  std::string path_;
  std::vector<std::string> files_;
};

inline std::string number(const double value)
{
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

/// Entries of one section: {"Cells = 4, 4, 2", ...}.
using Entries = std::vector<std::string>;

inline std::string section(const std::string &name, const Entries &entries, const std::string &subsections = "")
{
  std::string text = "subsection " + name + "\n";
  for (const auto &entry : entries)
    text += "  set " + entry + "\n";
  return text + subsections + "end\n";
}

/// A load or a data set of a load case.
struct Named
{
  std::string name;
  Entries entries;
};

inline std::string load_case(const std::string &name, const std::vector<Named> &loads,
                             const std::vector<Named> &data_sets)
{
  std::string load_names, set_names, subsections;
  for (const auto &load : loads)
  {
    load_names += (load_names.empty() ? "" : ", ") + load.name;
    subsections += section(load.name, load.entries);
  }
  for (const auto &set : data_sets)
  {
    set_names += (set_names.empty() ? "" : ", ") + set.name;
    subsections += section(set.name, set.entries);
  }
  return section(name, {"Loads = " + load_names, "Data sets = " + set_names}, subsections);
}

template <int dim>
struct TextProblem
{
  Log log;
  RunParameters<dim> parameters;
  std::unique_ptr<Problem<dim>> problem;

  TextProblem(const std::string &text, const std::string &directory, const std::string &log_file = "")
      : log(MPI_COMM_WORLD, true)
  {
    if (!log_file.empty())
      log.open(log_file);
    std::string resolved;
    parameters = RunParameters<dim>::read(Deck::from_text(text), resolved);
    problem = std::make_unique<Problem<dim>>(parameters, directory, MPI_COMM_WORLD, log);
  }
  Problem<dim> *operator->() { return problem.get(); }

  /// m with one field set from the centre of each unknown's cell.
  ParameterVector unknowns(const std::function<double(const dealii::Point<dim> &)> &value, const unsigned int field = 0)
  {
    ParameterVector m = problem->parametrization().make_vector();
    const auto &cells = problem->parametrization().cells();
    const unsigned int n_fields = m.layout().fields.size();
    for (const auto &cell : problem->mesh().triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        const auto index = cells.index(cell);
        if (index != dealii::numbers::invalid_dof_index && m.values().in_local_range(index * n_fields + field))
          m.values()(index * n_fields + field) = value(cell->center());
      }
    m.values().update_ghost_values();
    return m;
  }

  void evaluate(const ParameterVector &m)
  {
    const SolveReport report = problem->objective().evaluate(m);
    ASSERT_TRUE(report.converged) << report.reason;
  }
};

/// CSV of stations with components east, north, up (3-D) or east, up (2-D), values given by datum.
inline std::string station_csv(const std::vector<std::array<double, 2>> &xy, const std::vector<double> &values)
{
  std::string text = "x,y,east,north,up\n";
  for (std::size_t p = 0; p < xy.size(); ++p)
  {
    text += number(xy[p][0]) + "," + number(xy[p][1]);
    for (unsigned int c = 0; c < 3; ++c)
      text += "," + number(values[3 * p + c]);
    text += "\n";
  }
  return text;
}

} // namespace lodestone::testing
