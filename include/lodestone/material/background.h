#pragma once

#include <lodestone/base/spatial_value.h>
#include <lodestone/discretization/mesh.h>
#include <lodestone/material/isotropic.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// Entries that describe an isotropic material by (E, nu) or by (K, G). Each is a value, a formula of position, or
/// "table FILE", a table of depth.
struct BackgroundEntries
{
  std::string young, poisson, bulk, shear;

  bool gives_young_or_poisson() const { return !young.empty() || !poisson.empty(); }
  bool gives_bulk_or_shear() const { return !bulk.empty() || !shear.empty(); }
  /// Whether both numbers of a pair are given.
  bool is_complete() const { return (!young.empty() && !poisson.empty()) || (!bulk.empty() && !shear.empty()); }
};

/// What is to be known of one of these entries.
struct BackgroundEntry
{
  std::string name;    ///< of the entry: "Young modulus"
  std::string column;  ///< of tables: "young"
  TableColumn allowed; ///< the numbers that make sense
  std::string help;    ///< what it is, and what it may be
  std::string BackgroundEntries::*text;
};

/// Young's modulus, Poisson's ratio, bulk modulus and shear modulus: two pairs.
const std::array<BackgroundEntry, 4> &background_entries();

/// The columns of tables of depth for these entries.
const std::map<std::string, TableColumn> &background_columns();

/// The material of a zone. Where an entry is empty, that of the rest of the model holds.
struct ZoneBackground : BackgroundEntries
{
  std::string name;
};

/// How the background of a cell is found in which it jumps.
enum class CutCells
{
  mean,  ///< means over the cell (mean_of_cut_cell)
  centre ///< what holds at its centre
};

/// The background: the material that m = 0 stands for, one per cell. Moduli are in Pa.
///
/// A cell takes the value at its centre, or means over itself if the background jumps inside it (mean_of_cut_cell).
///
/// Failures: InputError naming the entry, the place and the value when E <= 0, K <= 0, G <= 0 or nu is not in (-1,
/// 0.5).
template <int dim>
class Background
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// Collective, since tables are read. @throws InputError
  Background(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones, const Mesh<dim> &mesh,
             const std::string &deck_directory, CutCells cut_cells = CutCells::mean);

  /// Finds the errors of texts and tables before there is a mesh: reads them all and forgets them. Collective. @throws
  /// InputError
  static void check(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                    const std::string &deck_directory, MPI_Comm comm);

  /// What one cell has.
  struct OfCell
  {
    std::array<double, 2> numbers; ///< of the pair asked for
    bool is_cut;                   ///< whether they are means over parts of different material
  };
  /// The two numbers of `pair` of an owned cell. @throws InputError on this rank only
  OfCell at(const Cell &cell, ModuliPair pair) const;

private:
  struct Source
  {
    ModuliPair pair;
    std::array<std::optional<SpatialValue<dim>>, 2> values;
  };
  const Mesh<dim> &mesh_;
  CutCells cut_cells_;
  Source general_;
  std::map<dealii::types::material_id, Source> zones_;
  bool may_change_; ///< inside a cell

  static Source make_source(const BackgroundEntries &entries, const std::string &where,
                            const std::string &deck_directory, MPI_Comm comm);
  std::array<double, 2> evaluate(const Source &source, const dealii::Point<dim> &p) const;
  Lame at(const Cell &cell, const dealii::Point<dim> &p) const;
};

} // namespace lodestone
