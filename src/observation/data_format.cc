#include <lodestone/base/error.h>
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
      if (parameters.must_be_observed && !set.observed)
        throw InputError(set.file, "there are no observed values",
                         "Places without values are for 'lodestone forward'. Give any of the columns east, north, up, "
                         "or los; predicted ones are in the file that forward writes.");
      check_data_set(set);
      return set;
    }
  Assert(false, dealii::ExcInternalError());
  return {};
}

} // namespace lodestone
