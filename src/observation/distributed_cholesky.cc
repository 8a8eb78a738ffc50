#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/observation/distributed_cholesky.h>

#include <petscblaslapack.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

namespace
{
const char lower = 'L', transposed = 'T', plain = 'N', from_right = 'R', from_left = 'L', general = 'N';

/// y becomes L^-1 y or L^-T y for the triangle at the top of a panel.
void solve_triangle(const char operation, const std::vector<double> &entries, const unsigned int width,
                    const unsigned int height, double *const y)
{
  const PetscBLASInt n = width, ld = height, one = 1;
  const double unity = 1;
  BLAStrsm_(&from_left, &lower, &operation, &general, &n, &one, &unity, entries.data(), &ld, y, &n);
}

} // namespace

DistributedCholesky::DistributedCholesky(const unsigned int n, const MPI_Comm comm, const unsigned int width)
    : n_(n), width_(width), comm_(comm)
{
  for (unsigned int k = 0; k < n_panels(); ++k)
    if (is_mine(k))
    {
      const unsigned int first = k * width_, columns = std::min(width_, n_ - first);
      panels_.push_back({first, columns, std::vector<double>(std::size_t(n_ - first) * columns)});
    }
}

unsigned int DistributedCholesky::owner(const unsigned int k) const
{
  return k % dealii::Utilities::MPI::n_mpi_processes(comm_);
}

bool DistributedCholesky::is_mine(const unsigned int k) const
{
  return owner(k) == dealii::Utilities::MPI::this_mpi_process(comm_);
}

unsigned int DistributedCholesky::local(const unsigned int k) const
{
  return k / dealii::Utilities::MPI::n_mpi_processes(comm_);
}

void DistributedCholesky::fill(const std::function<double(unsigned int, unsigned int)> &entry)
{
  for (Panel &panel : panels_)
  {
    auto position = panel.entries.begin();
    for (unsigned int j = panel.first; j < panel.first + panel.width; ++j)
      for (unsigned int i = panel.first; i < n_; ++i)
        *position++ = i < j ? 0 : entry(i, j);
  }
}

std::optional<unsigned int> DistributedCholesky::set_row(const unsigned int i, const std::vector<double> &row,
                                                         const double tolerance)
{
  AssertDimension(row.size(), n_);
  unsigned int different = n_;
  for (Panel &panel : panels_)
    for (unsigned int j = panel.first; j < panel.first + panel.width; ++j)
    {
      double *const column = panel.entries.data() + std::size_t(j - panel.first) * (n_ - panel.first);
      if (j < i && !(std::abs(column[i - panel.first] - row[j]) <= tolerance))
        different = std::min(different, j);
      else if (j == i)
        std::copy(row.begin() + i, row.end(), column + i - panel.first);
    }
  different = dealii::Utilities::MPI::min(different, comm_);
  if (different < n_)
    return different;
  return {};
}

std::optional<unsigned int> DistributedCholesky::factorize_panel(Panel &panel) const
{
  const PetscBLASInt columns = panel.width, rows = n_ - panel.first, below = rows - columns;
  PetscBLASInt info = 0;
  LAPACKpotrf_(&lower, &columns, panel.entries.data(), &rows, &info);
  for (PetscBLASInt i = 0; i < columns; ++i)
  {
    const double root = panel.entries[std::size_t(rows) * i + i];
    if (i + 1 == info || !(root * root >= smallest_pivot))
      return panel.first + i;
  }
  const double unity = 1;
  if (below > 0)
    BLAStrsm_(&from_right, &lower, &transposed, &general, &below, &columns, &unity, panel.entries.data(), &rows,
              panel.entries.data() + columns, &rows);
  return {};
}

void DistributedCholesky::update(const Panel &done, Panel &panel) const
{
  const PetscBLASInt rows = n_ - panel.first, columns = panel.width, inner = done.width, ld_done = n_ - done.first;
  const double minus = -1, unity = 1;
  const double *const from = done.entries.data() + (panel.first - done.first);
  BLASgemm_(&plain, &transposed, &rows, &columns, &inner, &minus, from, &ld_done, from, &ld_done, &unity,
            panel.entries.data(), &rows);
}

std::optional<unsigned int> DistributedCholesky::factorize()
{
  Panel received;
  SafePoints points(comm_);
  for (unsigned int k = 0; k < n_panels(); ++k)
  {
    points.pass();
    const unsigned int first = k * width_;
    int failed = -1;
    if (is_mine(k))
      if (const auto row = factorize_panel(panels_[local(k)]); row)
        failed = *row;
    failed = dealii::Utilities::MPI::broadcast(comm_, failed, owner(k));
    if (failed >= 0)
      return failed;
    received.first = first;
    received.width = std::min(width_, n_ - first);
    if (k + 1 == n_panels())
      break;
    Panel &done = is_mine(k) ? panels_[local(k)] : received;
    if (!is_mine(k))
      received.entries.resize(std::size_t(n_ - first) * received.width);
    const int ierr = MPI_Bcast(done.entries.data(), done.entries.size(), MPI_DOUBLE, owner(k), comm_);
    AssertThrowMPI(ierr);
    for (Panel &own : panels_)
      if (own.first > first)
        update(done, own);
  }
  return {};
}

void DistributedCholesky::solve(const MutableDataView y) const
{
  AssertDimension(y.size(), n_);
  // What the owned columns subtract from the rows below; the sum over the ranks is needed panel by panel.
  std::vector<double> subtracted(n_, 0.), sum(width_);
  for (unsigned int k = 0; k < n_panels(); ++k)
  {
    const unsigned int first = k * width_, width = std::min(width_, n_ - first);
    int ierr = MPI_Reduce(subtracted.data() + first, sum.data(), width, MPI_DOUBLE, MPI_SUM, owner(k), comm_);
    AssertThrowMPI(ierr);
    if (is_mine(k))
    {
      const Panel &p = panels_[local(k)];
      for (unsigned int i = 0; i < width; ++i)
        y[first + i] -= sum[i];
      solve_triangle(plain, p.entries, width, n_ - first, y.data() + first);
      const PetscBLASInt rows = n_ - first - width, columns = width, ld = n_ - first, one = 1;
      const double unity = 1;
      if (rows > 0)
        BLASgemv_(&plain, &rows, &columns, &unity, p.entries.data() + width, &ld, y.data() + first, &one, &unity,
                  subtracted.data() + first + width, &one);
    }
    ierr = MPI_Bcast(y.data() + first, width, MPI_DOUBLE, owner(k), comm_);
    AssertThrowMPI(ierr);
  }
}

void DistributedCholesky::solve_transpose(const MutableDataView y) const
{
  AssertDimension(y.size(), n_);
  for (unsigned int k = n_panels(); k-- > 0;)
  {
    const unsigned int first = k * width_, width = std::min(width_, n_ - first);
    if (is_mine(k))
    {
      const Panel &p = panels_[local(k)];
      const PetscBLASInt rows = n_ - first - width, columns = width, ld = n_ - first, one = 1;
      const double minus = -1, unity = 1;
      if (rows > 0)
        BLASgemv_(&transposed, &rows, &columns, &minus, p.entries.data() + width, &ld, y.data() + first + width, &one,
                  &unity, y.data() + first, &one);
      solve_triangle(transposed, p.entries, width, n_ - first, y.data() + first);
    }
    const int ierr = MPI_Bcast(y.data() + first, width, MPI_DOUBLE, owner(k), comm_);
    AssertThrowMPI(ierr);
  }
}

void DistributedCholesky::multiply(const MutableDataView y) const
{
  AssertDimension(y.size(), n_);
  std::vector<double> product(n_, 0.);
  for (const Panel &p : panels_)
  {
    auto entry = p.entries.begin();
    for (unsigned int j = p.first; j < p.first + p.width; ++j)
      for (unsigned int i = p.first; i < n_; ++i, ++entry)
        if (i >= j)
          product[i] += *entry * y[j];
  }
  dealii::Utilities::MPI::sum(product, comm_, product);
  std::copy(product.begin(), product.end(), y.begin());
}

double DistributedCholesky::log_determinant() const
{
  double sum = 0;
  for (const Panel &p : panels_)
    for (unsigned int i = 0; i < p.width; ++i)
      sum += std::log(p.entries[std::size_t(n_ - p.first) * i + i]);
  return 2 * dealii::Utilities::MPI::sum(sum, comm_);
}

} // namespace lodestone
