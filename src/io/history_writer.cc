#include <lodestone/base/number_text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>
#include <lodestone/io/history_writer.h>

#include <deal.II/base/exceptions.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace lodestone
{

HistoryWriter::HistoryWriter(const std::string &file, const std::vector<std::string> &columns, MPI_Comm comm,
                             const std::vector<std::string> &comments)
    : file_(file), comm_(comm)
{
  for (const std::string &name : columns)
    table_.add(name, {});
  write_csv(file_, table_, comm_, comments);
}

void HistoryWriter::add_row(const std::vector<double> &row)
{
  AssertDimension(row.size(), table_.columns.size());
  std::string line;
  for (std::size_t c = 0; c < row.size(); ++c)
  {
    table_.columns[c].push_back(row[c]);
    line += (c > 0 ? "," : "") + exact(row[c]);
  }
  on_first_rank(comm_, file_, [&] {
    std::ofstream stream(file_, std::ios::app);
    stream << line << '\n' << std::flush;
    return stream ? std::string() : std::string("cannot be written: ") + std::strerror(errno);
  });
}

void HistoryWriter::add_rows_before(const double end, const NumberTable &earlier)
{
  for (std::size_t r = 0; r < earlier.n_rows(); ++r)
    if (earlier.columns.front()[r] < end)
    {
      std::vector<double> row;
      for (const auto &column : earlier.columns)
        row.push_back(column[r]);
      add_row(row);
    }
}

} // namespace lodestone
