#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/base/log.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/mesh_names.h>
#include <lodestone/loads/load_assembler.h>
#include <lodestone/loads/load_parameters.h>

#include <deal.II/base/parameter_handler.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// What a load needs to read its entries: where files are and how longitudes become metres.
struct LoadContext
{
  std::string deck_directory;
  const GeographicProjection *projection = nullptr; ///< none: no geographic origin was given
  MPI_Comm comm = MPI_COMM_WORLD;
  std::optional<bool> rates; ///< whether the data of the load case are; nothing where that is not known
};

/// One load of a load case as the parameter file describes it: knows its own entries and how it pushes on the mesh.
///
/// Each kind (`Type`) declares only the entries it uses, so that an entry of another kind is refused as unknown. Order
/// of calls: make_load, add_parameters, Deck::fill, validate, then the others in any order. Units are SI; in 2-D (plane
/// strain, x and z) everything is per metre of thickness.
///
/// `Strength` multiplies the load: a number, or `estimate` to have it found from the data.
template <int dim>
class Load
{
public:
  virtual ~Load() = default;

  const std::string &name() const { return name_; }
  const std::string &type() const { return type_; }
  /// Path of the load's section, "Load cases/drawdown/reservoir", or of one of its entries.
  std::string where(const std::string &entry = "") const { return entry.empty() ? path_ : path_ + "/" + entry; }

  /// Declares all entries, `Type` included, in the handler's current subsection, and binds them to this object.
  void add_parameters(dealii::ParameterHandler &handler);
  /// Reads the bound texts, opens files. Collective. @throws InputError
  void validate(const LoadContext &context);
  /// Notes whether an amount is a plain 0, the user's word that nothing is to act. @param texts of the entries
  void note_zeros(const std::map<std::string, std::string> &texts);
  /// @param texts of the entries. @throws InputError for an amount per year where the data are no rates, and the reverse
  void check_rates(const std::map<std::string, std::string> &texts, const LoadContext &context) const;

  /// Boundaries and zones that the load names, before the mesh is built. @throws InputError
  virtual void check_names(const MeshNames & /*names*/) const {}
  /// Collective. @throws InputError for a region that does not exist in the mesh, points outside it, a load of which nothing
  /// acts though no entry says 0
  LoadVector<dim> assemble(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator) const;

  /// Prescribes a volume change or slip: sets no scale for the stiffness.
  virtual bool kinematic() const { return false; }
  /// Points of the source, for mesh refinement; about `spacing` apart.
  virtual std::vector<dealii::Point<dim>> source_points(double /*spacing*/) const { return {}; }
  /// Whether the stiffness at the source keeps its background value.
  virtual bool holds_stiffness() const { return false; }
  /// Sets owned cells that hold the source to 1. Collective.
  virtual void mark_source_cells(const Mesh<dim> & /*mesh*/, CellField & /*cells*/) const {}
  /// Says how the source was put into the mesh: radius used and why, number of points. Collective.
  virtual void report(const Mesh<dim> & /*mesh*/, Log & /*log*/) const {}

protected:
  Load(std::string type, std::string name, std::string path)
      : type_(std::move(type)), name_(std::move(name)), path_(std::move(path))
  {
  }

  virtual void add_own_parameters(dealii::ParameterHandler &handler) = 0;
  virtual void validate_own(const LoadContext &context) = 0;
  virtual void add_to(LoadAssembler<dim> &assembler) const = 0;
  /// Entries that say how much acts: where the data are rates these are per year.
  virtual std::vector<std::pair<std::string, Quantity>> amount_entries() const { return {}; }
  /// What is said of a load that is zero everywhere: the entry to blame, what was found, what to do.
  struct Nothing
  {
    std::string entry, found, remedy;
  };
  /// Collective.
  virtual Nothing describe_nothing(const Mesh<dim> &mesh) const;
  /// What a strength of 1 stands for, in the source's own terms.
  virtual std::vector<typename LoadVector<dim>::Amount> amounts() const { return {}; }

private:
  std::string type_, name_, path_, strength_text_ = "1", prior_mean_text_ = "0", prior_sigma_text_ = "0", type_entry_;
  double strength_ = 1, prior_mean_ = 0, prior_sigma_ = 0;
  bool estimated_ = false, zero_as_given_ = false;
  std::string amount_entry_; ///< the first one that is given

  void check_acts(const LoadVector<dim> &load, const Mesh<dim> &mesh) const;
};

/// The kinds of load there are, as `Type` names them.
const std::vector<std::string> &load_types();
/// Declares `Type` alone, in the handler's current subsection: the first reading of a deck.
void declare_load_type(dealii::ParameterHandler &handler, std::string &type);
/// @throws InputError for an unknown type, naming the nearest
template <int dim>
std::unique_ptr<Load<dim>> make_load(const std::string &type, const std::string &name, const std::string &path);

} // namespace lodestone
