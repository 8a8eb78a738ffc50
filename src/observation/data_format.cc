#include <lodestone/observation/csv_data.h>
#include <lodestone/observation/data_format.h>
#include <lodestone/observation/station_grid.h>

namespace lodestone
{

namespace
{

// The first format that recognizes the entries reads them: CSV, which takes a file of any name, is the last.
constexpr DataFormat formats[] = {
    {is_station_grid, read_station_grid}, //
    {is_csv, read_csv},
};

} // namespace

DataSet read_data_set(const DataSet::Parameters &given, const DataContext &context)
{
  DataSet::Parameters parameters = given;
  parameters.validate();
  for (const DataFormat &format : formats)
    if (format.recognizes(parameters))
    {
      DataSet set = format.read(parameters, context);
      check_data_set(set);
      return set;
    }
  Assert(false, dealii::ExcInternalError());
  return {};
}

} // namespace lodestone
