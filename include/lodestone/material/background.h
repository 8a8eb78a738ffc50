#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/isotropic.h>
#include <lodestone/material/spatial_value.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// Entries that describe an isotropic material: (E, nu) or (K, G), each a value, a formula of position, or "table FILE"
/// of depth.
struct BackgroundEntries
{
  std::string young, poisson, bulk, shear;
};

/// A zone's own material; entries left empty are those of the rest of the model.
struct ZoneBackground : BackgroundEntries
{
  std::string name;
};

/// The material that m = 0 stands for, evaluated at cell centres.
///
/// Failures: InputError naming the entry, the place and the value when E <= 0, K <= 0, G <= 0 or nu is not in (-1,
/// 0.5).
template <int dim>
class Background
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// Collective (tables are read).
  Background(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones, const Mesh<dim> &mesh,
             const std::string &deck_directory);

  /// Reads every text and table and forgets them: their errors, before there is a mesh. Collective. @throws InputError
  static void check(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                    const std::string &deck_directory, MPI_Comm comm);

  /// The pair at the centre of an owned cell. @throws InputError on this rank only
  std::array<double, 2> at(const Cell &cell, ModuliPair pair) const;

private:
  struct Source
  {
    ModuliPair pair;
    std::array<std::optional<SpatialValue<dim>>, 2> values;
  };
  Source general_;
  std::map<dealii::types::material_id, Source> zones_;

  static Source make_source(const BackgroundEntries &entries, const std::string &where,
                            const std::string &deck_directory, MPI_Comm comm);
  std::array<double, 2> evaluate(const Source &source, const dealii::Point<dim> &p) const;
};

} // namespace lodestone
