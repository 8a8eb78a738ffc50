#pragma once

#include <lodestone/base/deck_path.h>
#include <lodestone/discretization/geographic.h>

#include <deal.II/base/mpi.h>

#include <optional>
#include <string>

namespace lodestone
{

/// What a load needs to know of the run to read its entries.
struct LoadContext
{
  std::string deck_directory;                       ///< relative file names count from here
  const GeographicProjection *projection = nullptr; ///< null where the model has no geographic origin
  MPI_Comm comm = MPI_COMM_WORLD;
  std::optional<bool> rates; ///< whether the data of the load case are rates; nothing where that is not known

  /// The path of a file that an entry names.
  std::string path_of(const std::string &file) const { return path_from_deck(file, deck_directory); }
  /// The projection, for input in longitude and latitude.
  /// @param what "the table is"
  /// @param otherwise the other way to give it: "write the table in x, y"
  /// @throws InputError where the model has no geographic origin
  const GeographicProjection &need_projection(const std::string &where, const std::string &what,
                                              const std::string &otherwise) const;
};

} // namespace lodestone
