#include <lodestone/io/cell_rows.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <limits>
#include <zlib.h>

namespace lodestone
{

namespace
{
constexpr unsigned int none = dealii::numbers::invalid_unsigned_int;

/// The CRC-32 of each rank's numbers, and how many rows they are in all.
std::string fingerprint(const std::vector<double> &centres, const std::uint64_t n_rows, const MPI_Comm comm)
{
  const auto *const bytes = reinterpret_cast<const unsigned char *>(centres.data());
  const uLong crc = crc32_z(crc32_z(0, nullptr, 0), bytes, centres.size() * sizeof(double));
  std::string text = std::to_string(dealii::Utilities::MPI::sum(n_rows, comm)) + " cells, CRC-32";
  for (const std::uint64_t of_rank : dealii::Utilities::MPI::all_gather(comm, std::uint64_t(crc)))
  {
    char number[20];
    std::snprintf(number, sizeof(number), " %08" PRIx64, of_rank);
    text += number;
  }
  return text;
}
} // namespace

std::vector<std::string> field_names(const std::string &vector, const ParameterLayout &layout)
{
  std::vector<std::string> names;
  for (const auto &field : layout.unknown_fields)
    names.push_back(vector + " (" + field.name + ")");
  return names;
}

template <int dim>
CellRows<dim>::CellRows(const ParameterCells<dim> &cells, const ParameterVector &m) : buffer_(m.shared_layout())
{
  const auto &triangulation = cells.mesh().triangulation();
  const auto owned = triangulation.global_active_cell_index_partitioner().lock()->locally_owned_range();
  const std::size_t n = owned.n_elements(), first = n > 0 ? *owned.begin() : 0;
  const auto &partitioner = *m.values().get_partitioner();
  entries_.assign(m.layout().unknown_fields.size(), std::vector<unsigned int>(n, none));
  std::vector<double> centres(n * dim);
  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const std::size_t row = cell->global_active_cell_index() - first;
      const dealii::Point<dim> centre = cell->center();
      std::copy(centre.begin_raw(), centre.end_raw(), &centres[row * dim]);
      if (cells.index(cell) != dealii::numbers::invalid_dof_index)
        for (unsigned int field = 0; field < entries_.size(); ++field)
          entries_[field][row] = partitioner.global_to_local(cells.entry(cell, m.layout(), field));
    }
  order_ = fingerprint(centres, n, cells.mesh().communicator());
}

template <int dim>
void CellRows<dim>::write(ResultsFile &file, const std::string &name, const NamedState::Vector &vector)
{
  DistributedVector &values = buffer_.values();
  values.zero_out_ghost_values();
  std::visit([&](const auto &part) { std::copy(part->begin(), part->end(), values.begin()); }, vector);
  values.update_ghost_values();
  const std::vector<std::string> names = field_names(name, buffer_.layout());
  std::visit(
      [&](const auto &part) {
        using Number = typename std::decay_t<decltype(*part)>::value_type;
        for (std::size_t field = 0; field < names.size(); ++field)
        {
          std::vector<Number> rows(entries_[field].size(), std::numeric_limits<Number>::quiet_NaN());
          for (std::size_t row = 0; row < rows.size(); ++row)
            if (const unsigned int entry = entries_[field][row]; entry != none)
              rows[row] = static_cast<Number>(values.local_element(entry));
          file.add_cell_rows(names[field], rows);
        }
      },
      vector);
}

template class CellRows<2>;
template class CellRows<3>;

} // namespace lodestone
