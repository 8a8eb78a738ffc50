#include <lodestone/base/number_text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>

#include <deal.II/base/exceptions.h>

namespace lodestone
{

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
        text += (c > 0 ? "," : "") + exact(table.columns[c][r]);
      }
      text += "\n";
    }
  }
  write_atomically(file, text, comm);
}

} // namespace lodestone
