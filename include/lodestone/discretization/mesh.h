#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/base/log.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/discretization/gmsh_reader.h>
#include <lodestone/discretization/vectors.h>

#include <deal.II/base/parameter_handler.h>
#include <deal.II/base/point.h>
#include <deal.II/distributed/tria.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lodestone
{

/// Where the mesh comes from.
enum class MeshSource
{
  box, ///< built here
  gmsh ///< read from a file
};

/// The distributed mesh and the names of its boundaries and zones. Every rank owns a part of the cells and sees one
/// layer of ghost cells.
///
/// Coordinates are in metres, x east, y north, z up (in 2-D x and z); z = 0 is the free surface. A box has the
/// boundaries west, east, (south, north,) bottom and top. It is built from the coarsest mesh that its cell counts allow
/// and refined, so that a multigrid hierarchy exists; a manifold moves the vertices for grading. The cells of a box are
/// bricks: use a linear mapping. In a mesh from gmsh, physical groups give the names. Failures: InputError, on all
/// ranks alike.
template <int dim>
class Mesh
{
public:
  /// The section `Mesh` of a deck.
  struct Parameters
  {
    MeshSource source = MeshSource::box;
    std::string file; ///< the .msh file of gmsh
    double scale = 1; ///< metres in a unit of that file
    dealii::Point<dim> lower, upper;
    std::vector<unsigned int> cells;
    /// Ratio of the largest to the smallest cell size, per axis (approached as cells get small); 1: uniform. Sizes grow
    /// geometrically away from the focus.
    std::vector<double> grading;
    dealii::Point<dim> focus_lower, focus_upper; ///< corners of the focus, inside which cells have one size
    bool has_focus = false;
    /// A zone of a box.
    struct Zone
    {
      std::string name;
      std::string region; ///< formula; cells whose centre fulfils it belong to the zone, if to no zone before
    };
    std::vector<Zone> zones;      ///< of a box; none: the box has no zones
    std::vector<double> layers;   ///< z (m) at which faces of the box's cells lie, ascending; inside the box
    unsigned int refinements = 0; ///< how often every cell is refined
    /// Levels of local refinement of cells whose nearest point comes within a distance (m) of the surface, of
    /// observation points, of sources. The distance is the same for all levels; 0 refines the cells that hold or touch
    /// such a point.
    unsigned int surface_refinements = 0;
    double surface_distance = 0;
    unsigned int observation_refinements = 0;
    double observation_distance = 0;
    unsigned int source_refinements = 0;
    double source_distance = 0;
    bool estimate_error = true;           ///< whether the error that the mesh makes in the data is estimated
    bool adapt = false;                   ///< whether the mesh is refined until that error is small enough
    double target = 0.2;                  ///< how small: rms over each data set (standard deviations of the data)
    unsigned int maximum_cells = 1000000; ///< of an adapted mesh

    Parameters();
    /// Declares the entries in the handler's present subsection.
    void add_parameters(dealii::ParameterHandler &handler);
    /// Declares one subsection per zone of a box. Call it when their names are known.
    void add_zone_parameters(dealii::ParameterHandler &handler);
    /// The list of names of a box's zones, as the deck gives it.
    std::string zone_list;
    /// Reads the texts that add_parameters bound and checks the values. @throws InputError
    void validate(const std::string &deck_directory);
    /// Checks the values, for callers that set them without texts. @throws InputError
    void check() const;
    /// How often all cells can be joined to cells twice as large (make_coarser).
    unsigned int n_coarser() const;

  private:
    std::string lower_text_, upper_text_, cells_text_, grading_text_, focus_lower_text_, focus_upper_text_,
        layers_text_;
    std::string scale_text_ = "1 m", surface_distance_text_ = "0 m", observation_distance_text_ = "0 m",
                source_distance_text_ = "0 m";
  };

  /// Builds or reads the mesh and refines it uniformly. Collective. @throws InputError
  Mesh(const Parameters &parameters, MPI_Comm comm);
  ~Mesh();

  /// Refines locally by distance from the surface, from observation points and from sources, as the parameters ask.
  /// Call it once, before any space is made. Collective; the points are the same on all ranks.
  void refine(const std::vector<dealii::Point<dim>> &observations, const std::vector<dealii::Point<dim>> &sources);

  /// A level of multigrid: the mesh with its finest cells joined to their parents, distributed anew; null when nothing
  /// can be joined. Collective.
  std::unique_ptr<Mesh> make_coarser() const;
  /// This mesh with the marked cells split, distributed anew. Collective.
  /// @param marked one entry per owned cell, in the order of the mesh
  std::unique_ptr<Mesh> make_finer(const std::vector<bool> &marked) const;

  const dealii::parallel::distributed::Triangulation<dim> &triangulation() const { return *triangulation_; }
  MPI_Comm communicator() const { return triangulation_->get_communicator(); }

  /// The ids of a boundary and of a zone. @throws InputError naming `where` and the known names
  dealii::types::boundary_id boundary_id(const std::string &name, const std::string &where) const;
  dealii::types::material_id zone_id(const std::string &name, const std::string &where) const;
  const std::map<std::string, dealii::types::boundary_id> &boundary_names() const { return boundary_names_; }
  const std::map<std::string, dealii::types::material_id> &zone_names() const { return zone_names_; }
  /// Names of the surfaces (curves in 2-D) of gmsh that lie between cells: they are no boundary.
  std::set<std::string> interior_surface_names() const;
  /// Whether a face of a cell lies on the interior surface of this name, which the mesh has. Both sides of a face give
  /// the same answer.
  bool lies_on(const std::string &interior_surface,
               const typename dealii::Triangulation<dim>::active_cell_iterator &cell, unsigned int face) const;
  /// The zone of a point of a cell. In a box whose zones are regions it may be another than the cell's.
  dealii::types::material_id zone_at(const typename dealii::Triangulation<dim>::active_cell_iterator &cell,
                                     const dealii::Point<dim> &point) const;
  /// Whether cells may lie in two zones: a box has regions as zones.
  bool zones_cut_cells() const { return !zone_regions_.empty(); }

  /// A zero field with one value per active cell, ghost cells included.
  CellField make_cell_field() const;

  /// Corners of the bounding box of the whole mesh, over all ranks.
  const dealii::Point<dim> &lower() const { return lower_; }
  const dealii::Point<dim> &upper() const { return upper_; }
  /// z of the highest vertex (m).
  double surface_elevation() const { return upper_[dim - 1]; }
  /// The smallest, over the cells of all ranks, of the longest edge of a cell (m). Collective.
  double smallest_cell_size() const;
  /// Extents along x, y, z of the cell whose longest edge is the shortest, on the first rank that has such a cell (m).
  /// Collective.
  dealii::Tensor<1, dim> smallest_cell_extents() const;

private:
  Parameters parameters_;
  std::unique_ptr<dealii::parallel::distributed::Triangulation<dim>> triangulation_;
  std::map<std::string, dealii::types::boundary_id> boundary_names_;
  std::map<std::string, dealii::types::material_id> zone_names_;
  std::map<std::string, CoarseFaces> interior_surfaces_;
  std::vector<Formula<dim>> zone_regions_; ///< of a box; zone i has the id i
  dealii::Point<dim> lower_, upper_;

  Mesh() = default;
  /// A mesh without cells that has all else from this one.
  std::unique_ptr<Mesh> make_empty() const;
  /// Gives every cell the zone of its centre. @param is_derived the mesh was made from one whose cells have zones: a cell
  /// whose centre lies just between two zones then takes that of a part
  void mark_zones(bool is_derived = false);
  std::optional<dealii::types::material_id> region_of(const dealii::Point<dim> &point) const;
  /// Makes the coarsest mesh of the box. @return how often it must be refined to have the cells asked for
  unsigned int make_coarsest_box();
  void read_gmsh();
  void update_bounding_box();
};

} // namespace lodestone
