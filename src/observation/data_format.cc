#include <lodestone/base/deck_path.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/correlated_errors.h>
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

/// Gives the data of a set the standard deviations of its covariance file.
void read_covariance(const DataSet::Parameters &parameters, const DataContext &context, DataSet &set)
{
  const std::string entry = set.where + "/Covariance file";
  set.covariance = std::make_shared<CovarianceFile>(
      path_from_deck(parameters.noise.covariance_file, context.deck_directory), entry, context.comm);
  if (set.covariance->size() != set.n_data())
    throw InputError(entry,
                     set.covariance->file() + " has " + counted(set.covariance->size(), "row") + ", but " + set.file +
                         " has " + std::to_string(set.n_data()) + " data",
                     "The matrix has one row and one column for each value that is not nan, in the order of the file.");
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    set.covariance_row.push_back(i);
    set.own_sigma[i] = set.sigma[i] = set.covariance->deviations()[i] * set.unit;
  }
}

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
      if (set.noise.correlates_points() && !set.drop_outside) // points that are dropped may leave few enough
        (void)CorrelatedErrors::check_size(set);
      if (set.noise.correlation == Correlation::matrix)
        read_covariance(parameters, context, set);
      return set;
    }
  Assert(false, dealii::ExcInternalError());
  return {};
}

} // namespace lodestone
