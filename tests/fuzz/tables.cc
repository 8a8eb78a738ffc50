#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/table.h>
#include <lodestone/observation/csv_data.h>

#include "readers.h"
#include <limits>

namespace lodestone::fuzz
{

namespace
{
/// Goes on after an InputError.
template <typename Action>
void attempt(const Action &action)
{
  try
  {
    action();
  }
  catch (const InputError &)
  {
  }
}
} // namespace

void read_tables(const std::string &text)
{
  const CsvTable csv = CsvTable::from_text(text, "table.csv");
  const double huge = std::numeric_limits<double>::max();
  attempt([&] {
    DepthTable(csv, "young", {{"young", {Quantity::pressure, 0, huge}}, {"poisson", {Quantity::number, 0, 0.5}}})
        .value(0, 1e3);
  });
  attempt([&] {
    if (const DepthTable table(csv); !table.columns().empty())
      table.value(0, -1.);
  });
  attempt([&] { GridTable(csv, OutsideGrid::zero, 1, Quantity::length).value(0.5, 0.5); });
  attempt([&] { GridTable(csv, OutsideGrid::error, 3).value(0.5, 0.5, 2); });
  attempt([&] { PointTable(csv).value(dealii::Point<3>(1, 2, -3)); });
  attempt([&] { PointTable(csv, Scattered::nearest).value(dealii::Point<2>(1, -3)); });
}

void read_observations(const std::string &text)
{
  DataSet::Parameters parameters;
  parameters.name = "gnss";
  parameters.file = "data.csv";
  const DataSet set = read_csv_table(parameters, CsvTable::from_text(text, parameters.file), nullptr);
}

void read_formula(const std::string &text)
{
  attempt([&] { Formula<2>(text, "Young").value({10., -20.}); });
  const Formula<3> formula(text, "Young");
  formula.value({0., 0., 0.});
  Formula<3>(formula).value({1e3, -2e3, -1e4});
}

} // namespace lodestone::fuzz
