#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>

#include <deal.II/base/exceptions.h>

#include <charconv>
#include <cmath>

namespace lodestone
{

std::string to_text(double value)
{
  if (std::isnan(value))
    return "nan"; // to_chars would keep the sign of a NaN
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return std::string(buffer, end);
}

void write_csv(const std::string &file, const NumberTable &table, MPI_Comm comm,
               const std::vector<std::string> &comments)
{
  AssertDimension(table.names.size(), table.columns.size());
  std::string text;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
  {
    for (const std::string &comment : comments)
      text += "# " + comment + "\n";
    for (std::size_t c = 0; c < table.names.size(); ++c)
      text += (c > 0 ? "," : "") + table.names[c];
    text += "\n";
    for (std::size_t r = 0; r < table.n_rows(); ++r)
    {
      for (std::size_t c = 0; c < table.columns.size(); ++c)
      {
        AssertDimension(table.columns[c].size(), table.n_rows());
        text += (c > 0 ? "," : "") + to_text(table.columns[c][r]);
      }
      text += "\n";
    }
  }
  write_atomically(file, text, comm);
}

} // namespace lodestone
