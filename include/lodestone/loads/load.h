#pragma once

#include <lodestone/base/log.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/mesh_names.h>
#include <lodestone/loads/load_assembler.h>
#include <lodestone/loads/load_context.h>

#include <deal.II/base/parameter_handler.h>

#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// One load of a load case: its entries in the parameter file, and the forces that it puts on the mesh.
///
/// Each type of load is a class that declares only the entries that it uses, so that an entry of another type is
/// refused as unknown. load_types.h lists the types. Order of calls: the constructor, `add_parameters`, Deck::fill,
/// `validate`, then the others in any order. Units are SI; in 2-D (plane strain in x and z) everything is per metre of
/// thickness.
///
/// The entry `Strength` multiplies the load: it is a number, or `estimate` to have it found from the data.
template <int dim>
class Load
{
public:
  /// @param type what the entry `Type` says
  /// @param name of the load
  /// @param path of its subsection, "Load cases/drawdown/reservoir"
  Load(std::string type, std::string name, std::string path)
      : type_(std::move(type)), name_(std::move(name)), path_(std::move(path)), type_entry_(type_)
  {
  }
  virtual ~Load() = default;

  const std::string &name() const { return name_; }
  const std::string &type() const { return type_; }
  /// The path of the load's subsection, or of one of its entries, for errors.
  std::string where(const std::string &entry = "") const { return entry.empty() ? path_ : path_ + "/" + entry; }

  /// Declares all entries, `Type` included, in the handler's present subsection and binds them to this object, which
  /// must outlive the handler.
  void add_parameters(dealii::ParameterHandler &handler);
  /// Reads the texts of the entries and opens files. Collective. @throws InputError
  void validate(const LoadContext &context);

  /// Checks the boundaries and zones that the load names, before the mesh is built. @throws InputError
  virtual void check_names(const MeshNames & /*names*/) const {}
  /// The load at unit strength on a mesh. Collective. @throws InputError for a region that does not exist in the mesh,
  /// for points outside the mesh, and for a load of which nothing acts though no entry says 0
  /// @param surroundings null: nothing is known of the body, and sources are put into the mesh
  LoadVector<dim> assemble(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                           const Surroundings<dim> *surroundings = nullptr) const;

  /// Whether the load prescribes a volume change or slip, which sets no scale for the stiffness.
  virtual bool kinematic() const { return false; }
  /// Points of the source, about `spacing` (m) apart, near which the mesh may be refined.
  virtual std::vector<dealii::Point<dim>> source_points(double /*spacing*/) const { return {}; }
  /// Whether the stiffness at the source keeps its background value.
  virtual bool holds_stiffness() const { return false; }
  /// Sets the owned cells that hold a part of the source to 1. Collective.
  virtual void mark_source_cells(const Mesh<dim> & /*mesh*/, CellField & /*cells*/) const {}
  /// Says how the source was put into the model, from what `assemble` returned. Collective.
  virtual void report(const Mesh<dim> & /*mesh*/, const LoadVector<dim> & /*load*/, Log & /*log*/) const {}

protected:
  /// An entry that says how much acts, or a factor of it.
  struct AmountEntry
  {
    std::string name;
    Quantity quantity;
    const std::string *text; ///< as the parameter file has it; a list of amounts has commas
    bool is_factor = false;  ///< factors are no rates: gravity, Biot's coefficient
  };
  /// What is said of a load that is zero everywhere: the entry to blame, what was found, what to do.
  struct Nothing
  {
    std::string entry, found, remedy;
  };

  /// Declares the entries that this type of load has.
  virtual void add_own_parameters(dealii::ParameterHandler &handler) = 0;
  /// Reads the texts of these entries. Collective. @throws InputError
  virtual void validate_own(const LoadContext &context) = 0;
  /// Adds the load at unit strength to the assembler. Collective. @throws InputError
  virtual void add_to(LoadAssembler<dim> &assembler) const = 0;
  /// The entries that say how much acts. Where the data are rates, these amounts are per year.
  virtual std::vector<AmountEntry> amount_entries() const { return {}; }
  /// Collective.
  virtual Nothing describe_nothing(const Mesh<dim> &mesh) const;
  /// What a strength of 1 stands for, in the source's own terms.
  virtual std::vector<typename LoadVector<dim>::Amount> amounts() const { return {}; }

private:
  std::string type_, name_, path_, type_entry_;
  std::string strength_text_ = "1", mean_text_ = "1", deviation_text_ = "0";
  double strength_ = 1, mean_ = 1, deviation_ = 0;
  bool estimated_ = false;
  bool zero_as_given_ = false; ///< whether the user wrote a plain 0, so that a load without effect is intended
  std::string amount_entry_;   ///< the first entry for an amount that is given

  void read_strength();
  void read_amounts(const LoadContext &context);
  void check_acts(const LoadVector<dim> &load, const Mesh<dim> &mesh) const;
};

} // namespace lodestone
