#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/vtk_xml.h>
#include <lodestone/io/vtu_writer.h>

#include <deal.II/base/data_out_base.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>

namespace lodestone
{

namespace
{

/// A VTK cell type: its number, and where its nodes lie on the unit cell, in VTK's order.
struct CellType
{
  std::uint8_t number;
  std::vector<std::array<double, 3>> nodes;
};

template <int dim>
CellType cell_type(unsigned int degree)
{
  CellType type;
  const std::vector<std::array<double, 3>> quad = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};
  const std::vector<std::array<double, 3>> quad_edges = {{.5, 0, 0}, {1, .5, 0}, {.5, 1, 0}, {0, .5, 0}};
  const auto append = [&type](const std::vector<std::array<double, 3>> &nodes, double z) {
    for (auto node : nodes)
    {
      node[2] = z;
      type.nodes.push_back(node);
    }
  };
  append(quad, 0);
  if (dim == 3)
    append(quad, 1);
  type.number = dim == 2 ? 9 : 12; // VTK_QUAD, VTK_HEXAHEDRON
  if (degree == 2)
  {
    type.number = dim == 2 ? 28 : 29; // VTK_BIQUADRATIC_QUAD, VTK_TRIQUADRATIC_HEXAHEDRON
    append(quad_edges, 0);
    if (dim == 3)
    {
      append(quad_edges, 1);
      append(quad, .5);
      for (const std::array<double, 3> face :
           {std::array<double, 3>{0, .5, .5}, {1, .5, .5}, {.5, 0, .5}, {.5, 1, .5}, {.5, .5, 0}, {.5, .5, 1}})
        type.nodes.push_back(face);
    }
    type.nodes.push_back({.5, .5, dim == 3 ? .5 : 0});
  }
  return type;
}

/// The cells of this rank as VTK numbers them, and for each point the degrees of freedom of its displacement.
template <int dim>
struct Piece
{
  CellType type;
  std::vector<double> points;                                 ///< three numbers per point
  std::vector<dealii::types::global_dof_index> dofs;          ///< dim numbers per point
  std::vector<dealii::types::global_cell_index> cell_indices; ///< global_active_cell_index
  std::vector<std::int32_t> connectivity;

  explicit Piece(const DisplacementSpace<dim> &space) : type(cell_type<dim>(space.degree()))
  {
    const auto local_dofs = dofs_of_nodes(space.element());
    const auto &partitioner = space.partitioner();
    std::vector<std::int32_t> number_of_point(partitioner.locally_owned_size() + partitioner.n_ghost_indices(),
                                              -1); // by its first dof
    const std::size_t n_cells = space.mesh().triangulation().n_locally_owned_active_cells();
    cell_indices.reserve(n_cells);
    connectivity.reserve(n_cells * type.nodes.size());
    points.reserve(3 * number_of_point.size() / dim);
    dofs.reserve(number_of_point.size());
    std::vector<dealii::types::global_dof_index> cell_dofs(space.element().n_dofs_per_cell());
    for (const auto &cell : space.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        cell_indices.push_back(cell->global_active_cell_index());
        cell->get_dof_indices(cell_dofs);
        for (std::size_t node = 0; node < type.nodes.size(); ++node)
        {
          std::int32_t &number = number_of_point[partitioner.global_to_local(cell_dofs[local_dofs[node][0]])];
          if (number < 0)
          {
            number = points.size() / 3;
            add_point(space.mapping().transform_unit_to_real_cell(cell, unit_point(node)), local_dofs[node], cell_dofs);
          }
          connectivity.push_back(number);
        }
      }
  }

private:
  dealii::Point<dim> unit_point(std::size_t node) const
  {
    dealii::Point<dim> p;
    for (unsigned int d = 0; d < dim; ++d)
      p[d] = type.nodes[node][d];
    return p;
  }

  /// For each node, the cell's degrees of freedom of its displacement components.
  std::vector<std::array<unsigned int, dim>> dofs_of_nodes(const dealii::FiniteElement<dim> &element) const
  {
    std::vector<std::array<unsigned int, dim>> result(type.nodes.size());
    for (std::size_t node = 0; node < type.nodes.size(); ++node)
    {
      unsigned int found = 0;
      for (unsigned int i = 0; i < element.n_dofs_per_cell(); ++i)
        if (element.unit_support_point(i).distance(unit_point(node)) < 1e-6)
        {
          result[node][element.system_to_component_index(i).first] = i;
          ++found;
        }
      AssertThrow(found == dim, dealii::ExcInternalError());
    }
    return result;
  }

  void add_point(const dealii::Point<dim> &p, const std::array<unsigned int, dim> &local,
                 const std::vector<dealii::types::global_dof_index> &cell_dofs)
  {
    for (unsigned int d = 0; d < 3; ++d)
      points.push_back(d < dim ? p[d] : 0.);
    for (unsigned int d = 0; d < dim; ++d)
      dofs.push_back(cell_dofs[local[d]]);
  }
};

/// Takes a file's text part by part.
using Sink = std::function<void(const std::string &)>;

/// Cell data of arrays that this rank's cells have.
std::string to_xml(const CellArray &array)
{
  if (array.tensors.empty())
    return vtk_xml::array(array.name, 1, array.numbers);
  std::vector<double> values;
  values.reserve(6 * array.tensors.size());
  for (const auto &t : array.tensors)
    values.insert(values.end(), {t[0][0], t[1][1], t[2][2], t[0][1], t[1][2], t[0][2]});
  return vtk_xml::array(array.name, {"xx", "yy", "zz", "xy", "yz", "xz"}, values);
}

/// Text of the piece's element, an array at a time: a large mesh's text would be as large as the mesh.
template <int dim>
void to_xml(const Piece<dim> &piece, const NamedFields &cell_fields, const NamedFields &displacements,
            const std::vector<CellArray> &cell_arrays, const Sink &sink)
{
  const std::size_t n_cells = piece.cell_indices.size();
  if (n_cells == 0)
    return;
  sink("<Piece NumberOfPoints=\"" + std::to_string(piece.points.size() / 3) + "\" NumberOfCells=\"" +
       std::to_string(n_cells) + "\">\n<Points>\n");
  sink(vtk_xml::array("Points", 3, piece.points));
  sink("</Points>\n<Cells>\n");
  sink(vtk_xml::array("connectivity", 1, piece.connectivity));
  std::vector<std::int32_t> offsets(n_cells);
  for (std::size_t c = 0; c < n_cells; ++c)
    offsets[c] = (c + 1) * piece.type.nodes.size();
  sink(vtk_xml::array("offsets", 1, offsets));
  sink(vtk_xml::array("types", 1, std::vector<std::uint8_t>(n_cells, piece.type.number)));
  sink("</Cells>\n<CellData>\n");
  std::vector<double> values;
  for (const auto &[name, field] : cell_fields)
  {
    values.clear();
    for (const auto index : piece.cell_indices)
      values.push_back(field(index));
    sink(vtk_xml::array(name, 1, values));
  }
  for (const CellArray &array : cell_arrays)
    sink(to_xml(array));
  sink("</CellData>\n<PointData>\n");
  for (const auto &[name, field] : displacements)
  {
    values.clear();
    for (std::size_t i = 0; i < piece.dofs.size(); ++i)
    {
      values.push_back(field(piece.dofs[i]));
      if (dim == 2 && i % 2 == 1)
        values.push_back(0);
    }
    sink(vtk_xml::array(name, 3, values));
  }
  sink("</PointData>\n</Piece>\n");
}

/// All ranks' texts into one file, in the order of the ranks. `text` is asked for twice: for its size, which places it,
/// and to write it. Collective. @throws InputError on all ranks
void write_in_rank_order(const std::string &file, const std::function<void(const Sink &)> &text, MPI_Comm comm)
{
  std::uint64_t size = 0, begin = 0;
  text([&size](const std::string &part) { size += part.size(); });
  MPI_Exscan(&size, &begin, 1, MPI_UINT64_T, MPI_SUM, comm);
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    begin = 0; // MPI_Exscan leaves rank 0's result undefined
  MPI_File handle;
  int code = MPI_File_open(comm, file.c_str(), MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &handle);
  const bool opened = code == MPI_SUCCESS;
  if (opened)
  {
    code = MPI_File_set_size(handle, 0);
    text([&](const std::string &part) {
      const auto bytes = dealii::Utilities::MPI::create_mpi_data_type_n_bytes(part.size());
      const int write_code = MPI_File_write_at(handle, begin, part.data(), 1, *bytes, MPI_STATUS_IGNORE);
      code = code != MPI_SUCCESS ? code : write_code;
      begin += part.size();
    });
    const int close_code = MPI_File_close(&handle);
    code = code != MPI_SUCCESS ? code : close_code;
  }
  if (dealii::Utilities::MPI::max(code == MPI_SUCCESS ? 0 : 1, comm) == 1)
    throw InputError(file, opened ? "cannot be written (no space left?)" : "cannot be created",
                     "Free space there, or choose another `Output directory`.");
}

} // namespace

template <int dim>
VtuWriter<dim>::VtuWriter(const DisplacementSpace<dim> &space, const ResultDirectory &directory,
                          const std::string &name)
    : space_(space), directory_(directory), name_(name)
{
}

template <int dim>
void VtuWriter<dim>::list_earlier_steps()
{
  // What stands here already belongs to the run that this one continues.
  if (dealii::Utilities::MPI::this_mpi_process(directory_.communicator()) != 0)
    return;
  std::error_code error;
  for (const auto &entry : std::filesystem::directory_iterator(directory_.path(), error))
  {
    const std::string file = entry.path().filename().string();
    const std::size_t digits = name_.size() + 1;
    if (file.rfind(name_ + "-", 0) == 0 && entry.path().extension() == ".vtu" && file.size() > digits + 4)
      steps_[std::atoi(file.c_str() + digits)] = file;
  }
}

template <int dim>
void VtuWriter<dim>::write(unsigned int step, const NamedFields &cell_fields, const NamedFields &displacements,
                           const std::vector<CellArray> &cell_arrays)
{
  const MPI_Comm comm = directory_.communicator();
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm);
  for (const auto &field : displacements)
    field.second.update_ghost_values(); // copying a vector, as into a list of fields, loses them
  const Piece<dim> piece(space_);
  const auto text = [&](const Sink &sink) {
    if (rank == 0)
      sink(vtk_xml::open("UnstructuredGrid"));
    to_xml(piece, cell_fields, displacements, cell_arrays, sink);
    if (rank + 1 == dealii::Utilities::MPI::n_mpi_processes(comm))
      sink(vtk_xml::close("UnstructuredGrid"));
  };

  char number[16];
  std::snprintf(number, sizeof(number), "-%04u.vtu", step);
  const std::string file = name_ + number;
  const std::string temporary = directory_.file(file + ".part");
  write_in_rank_order(temporary, text, comm);
  replace_atomically(temporary, directory_.file(file), comm);

  if (steps_.empty())
    list_earlier_steps();
  steps_[step] = file;
  const std::vector<std::pair<double, std::string>> steps(steps_.begin(), steps_.end());
  std::ostringstream pvd;
  dealii::DataOutBase::write_pvd_record(pvd, steps);
  write_atomically(directory_.file(name_ + ".pvd"), pvd.str(), comm);
}

template class VtuWriter<2>;
template class VtuWriter<3>;

} // namespace lodestone
