#pragma once

#include <lodestone/discretization/geographic.h>
#include <lodestone/observation/data_set_parameters.h>

#include <deal.II/base/mpi.h>

namespace lodestone
{

/// What reading a data set needs beside its own entries.
struct DataContext
{
  std::string deck_directory;                       ///< relative file names are looked up here
  const GeographicProjection *projection = nullptr; ///< null: the model has no geographic origin
  MPI_Comm comm = MPI_COMM_WORLD;
  unsigned int dim = 3;
};

/// A way in which observations are given. The table of formats is in data_format.cc: a new one is a row there, a reader
/// and a DataFile in files of its own.
struct DataFormat
{
  /// Whether entries name data in this format, by the ending of the file or by an entry of its own.
  bool (*recognizes)(const DataSet::Parameters &parameters);
  /// Collective; the same set on all ranks. @param parameters validated. @throws InputError
  DataSet (*read)(const DataSet::Parameters &parameters, const DataContext &context);
};

/// Reads a data set with the first format that recognizes its entries, and checks it. Collective.
/// @throws InputError on all ranks: an entry that cannot be used, what the format refuses, no data, two rows at one
/// point
DataSet read_data_set(const DataSet::Parameters &parameters, const DataContext &context);

} // namespace lodestone
