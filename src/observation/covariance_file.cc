#include <lodestone/base/collective.h>
#include <lodestone/base/csv.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/covariance_file.h>

#include <boost/serialization/utility.hpp>
#include <cmath>
#include <fstream>

namespace lodestone
{

namespace
{

/// The next line with numbers, read on rank 0 and sent to all; empty at the end of the file.
class Lines
{
public:
  Lines(const std::string &file, const std::string &entry, const MPI_Comm comm) : file_(file), comm_(comm)
  {
    const bool reads = dealii::Utilities::MPI::this_mpi_process(comm) == 0;
    if (reads)
      in_.open(file);
    if (on_any_rank(reads && !in_, comm))
      throw InputError(entry, "the file " + file + " cannot be read",
                       "Check the name. A relative name in a parameter file counts from the folder of that file.");
  }
  std::vector<double> next()
  {
    std::vector<double> row;
    std::optional<InputError> error;
    if (in_.is_open())
      for (std::string line; row.empty() && !error && std::getline(in_, line);)
      {
        ++number_;
        line.erase(std::min(line.find('#'), line.size()));
        const char *const separators = " ,;\t\r";
        for (std::size_t start = line.find_first_not_of(separators); start != std::string::npos && !error;)
        {
          const std::size_t end = std::min(line.find_first_of(separators, start), line.size());
          const std::string text = line.substr(start, end - start);
          double value = 0;
          if (!read_number(text, value) || !std::isfinite(value))
            error = InputError(where(), "'" + text + "' is no number",
                               "A covariance file has one line of numbers for each datum.");
          row.push_back(value);
          start = line.find_first_not_of(separators, end);
        }
      }
    throw_on_all_ranks(error, comm_);
    unsigned long long size = dealii::Utilities::MPI::broadcast(comm_, static_cast<unsigned long long>(row.size()), 0);
    row.resize(size);
    const int ierr = MPI_Bcast(row.data(), size, MPI_DOUBLE, 0, comm_);
    AssertThrowMPI(ierr);
    return row;
  }
  /// "cov.txt:12"; all ranks have rank 0's.
  std::string where() const { return file_ + ":" + std::to_string(number_); }
  std::string where_on_all_ranks() const { return dealii::Utilities::MPI::broadcast(comm_, where(), 0); }

private:
  std::string file_;
  MPI_Comm comm_;
  std::ifstream in_;
  unsigned int number_ = 0;
};

} // namespace

CovarianceFile::CovarianceFile(const std::string &file, const std::string &entry, const MPI_Comm comm)
    : file_(file), entry_(entry)
{
  Lines lines(file, entry, comm);
  std::size_t n = 0;
  for (std::vector<double> row = lines.next(); !row.empty(); row = lines.next())
  {
    n = deviations_.empty() ? row.size() : n;
    const unsigned int i = deviations_.size();
    if (row.size() != n || i >= n)
      throw InputError(lines.where_on_all_ranks(),
                       i >= n ? "the matrix has more than " + std::to_string(n) + " rows, the number of its columns"
                              : "the row has " + std::to_string(row.size()) + " numbers, the first one " +
                                    std::to_string(n),
                       "A covariance matrix is square: one line of numbers for each datum.");
    if (!(row[i] > 0))
      throw InputError(lines.where_on_all_ranks(),
                       "number " + std::to_string(i + 1) + " of this row, a variance, is " + significant(row[i]),
                       "The numbers on the diagonal are above 0.");
    deviations_.push_back(std::sqrt(row[i]));
  }
  if (deviations_.size() != n || n == 0)
    throw InputError(
        file, "the matrix has " + std::to_string(deviations_.size()) + " rows of " + std::to_string(n) + " numbers",
        "A covariance matrix is square: one line of numbers for each datum.");
}

void CovarianceFile::for_each_row(const MPI_Comm comm,
                                  const std::function<void(unsigned int, const std::vector<double> &)> &take) const
{
  Lines lines(file_, entry_, comm);
  for (unsigned int i = 0; i < size(); ++i)
  {
    const std::vector<double> row = lines.next();
    if (row.size() != size())
      throw InputError(lines.where_on_all_ranks(), "the file has changed since the run began", "Start again.");
    take(i, row);
  }
}

} // namespace lodestone
