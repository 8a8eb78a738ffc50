#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/vectors.h>

#include <deal.II/base/parameter_handler.h>
#include <deal.II/base/point.h>
#include <deal.II/distributed/tria.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// The distributed mesh, the names of its boundaries and zones, and how it was refined.
///
/// Coordinates in metres, x east, y north, z up (in 2-D x and z), z = 0 the free surface.
/// Box: west, east, (south, north,) bottom, top; built from the coarsest mesh its cell counts allow and refined,
/// grading by a manifold that moves the vertices, so that a multigrid hierarchy exists; its cells are bricks, for a
/// linear mapping only. gmsh: physical groups give the names. Bad input: InputError, on all ranks alike.
template <int dim>
class Mesh
{
public:
  struct Parameters
  {
    std::string source = "box"; ///< box | gmsh
    std::string file;           ///< gmsh .msh
    dealii::Point<dim> lower, upper;
    std::vector<unsigned int> cells;
    /// Largest over smallest cell size per axis (approached as cells get small); sizes grow geometrically away from the
    /// region of interest (1: uniform).
    std::vector<double> grading;
    dealii::Point<dim> focus_lower, focus_upper; ///< region of interest: cells of one size inside
    bool has_focus = false;
    unsigned int refinements = 0; ///< uniform
    /// Levels of local refinement of cells that come within a distance of the surface, of observation points, of
    /// sources. The distance is the same for all levels, and from the nearest point of the cell: 0 refines the cells
    /// that touch.
    unsigned int surface_refinements = 0;
    double surface_distance = 0; ///< m
    unsigned int observation_refinements = 0;
    double observation_distance = 0;
    unsigned int source_refinements = 0;
    double source_distance = 0;

    Parameters();
    /// Declares the entries in the handler's present subsection.
    void add_parameters(dealii::ParameterHandler &handler);
    /// Reads the raw texts that add_parameters bound and checks them. @throws InputError
    void validate(const std::string &deck_directory);
    /// Checks the values as they are. @throws InputError
    void check() const;

  private:
    std::string lower_text_, upper_text_, cells_text_, grading_text_, focus_lower_text_, focus_upper_text_;
    std::string surface_distance_text_ = "0 m", observation_distance_text_ = "0 m", source_distance_text_ = "0 m";
  };

  Mesh(const Parameters &parameters, MPI_Comm comm);
  ~Mesh();

  /// Local refinement by distance, as the parameters ask, with uniform refinement before it. Call once, before any
  /// space is made.
  void refine(const std::vector<dealii::Point<dim>> &observations, const std::vector<dealii::Point<dim>> &sources);

  /// The mesh with its finest cells joined to their parents, distributed anew: a level of multigrid. Null when nothing can be joined.
  std::unique_ptr<Mesh> make_coarser() const;

  const dealii::parallel::distributed::Triangulation<dim> &triangulation() const { return *triangulation_; }
  MPI_Comm communicator() const { return triangulation_->get_communicator(); }

  /// @throws InputError naming `where` and the known names
  dealii::types::boundary_id boundary_id(const std::string &name, const std::string &where) const;
  dealii::types::material_id zone_id(const std::string &name, const std::string &where) const;
  const std::map<std::string, dealii::types::boundary_id> &boundary_names() const { return boundary_names_; }
  const std::map<std::string, dealii::types::material_id> &zone_names() const { return zone_names_; }

  /// Zeroed field, one value per active cell.
  CellField make_cell_field() const;

  /// Bounding box over all ranks.
  const dealii::Point<dim> &lower() const { return lower_; }
  const dealii::Point<dim> &upper() const { return upper_; }
  double surface_elevation() const { return upper_[dim - 1]; }
  /// Diameter of the smallest cell, all ranks (m): longest edge of it.
  double smallest_cell_size() const;

private:
  Parameters parameters_;
  std::unique_ptr<dealii::parallel::distributed::Triangulation<dim>> triangulation_;
  std::map<std::string, dealii::types::boundary_id> boundary_names_;
  std::map<std::string, dealii::types::material_id> zone_names_;
  dealii::Point<dim> lower_, upper_;

  Mesh() = default;
  void make_box();
  void read_gmsh();
  void update_bounding_box();
};

} // namespace lodestone
