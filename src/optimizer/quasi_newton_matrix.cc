#include <lodestone/base/petsc.h>
#include <lodestone/optimizer/quasi_newton_matrix.h>

#include <algorithm>
#include <cstdlib>

namespace lodestone
{

namespace
{
std::string point_name(const std::size_t k)
{
  return numbered("exact_point_", k);
}

void fill(Vec v, const std::vector<double> &values)
{
  PetscScalar *array = nullptr;
  check_petsc(VecGetArrayWrite(v, &array));
  std::copy(values.begin(), values.end(), array);
  check_petsc(VecRestoreArrayWrite(v, &array));
}
} // namespace

QuasiNewtonMatrix::QuasiNewtonMatrix(Mat metric, const std::string &prefix)
{
  const MPI_Comm comm = PetscObjectComm(reinterpret_cast<PetscObject>(metric));
  PetscInt n, total;
  check_petsc(MatGetLocalSize(metric, &n, nullptr));
  check_petsc(MatGetSize(metric, &total, nullptr));
  check_petsc(MatCreate(comm, &matrix_));
  check_petsc(MatSetSizes(matrix_, n, n, total, total));
  check_petsc(MatSetType(matrix_, MATLMVMBFGS));
  check_petsc(MatSetOptionsPrefix(matrix_, prefix.c_str()));
  check_petsc(MatSetFromOptions(matrix_));
  check_petsc(MatLMVMSetJ0(matrix_, metric));
  std::string size;
  petsc_option("-" + prefix + "mat_lmvm_hist_size", size);
  capacity_ = std::max(0, std::atoi(size.c_str()));
}

QuasiNewtonMatrix::~QuasiNewtonMatrix()
{
  MatDestroy(&matrix_);
}

PetscInt QuasiNewtonMatrix::n_rejected() const
{
  PetscInt n = 0;
  check_petsc(MatLMVMGetRejectCount(matrix_, &n));
  return n;
}

bool QuasiNewtonMatrix::take_from(const NamedState &state, Vec like)
{
  Vec x = nullptr, g = nullptr;
  check_petsc(VecDuplicate(like, &x));
  check_petsc(VecDuplicate(like, &g));
  for (std::size_t k = 0;; ++k)
  {
    Point point{state.vector<double>(point_name(k) + "x"), state.vector<double>(point_name(k) + "g")};
    if (point.x == nullptr || point.g == nullptr)
      break;
    fill(x, *point.x);
    fill(g, *point.g);
    check_petsc(MatLMVMUpdate(matrix_, x, g));
    const PetscInt rejected = n_rejected();
    point.has_pair = k > 0 && rejected == rejected_;
    rejected_ = rejected;
    points_.push_back(std::move(point));
  }
  check_petsc(VecDestroy(&x));
  check_petsc(VecDestroy(&g));
  return is_made_again_ = !points_.empty();
}

void QuasiNewtonMatrix::add_to(NamedState &state) const
{
  for (std::size_t k = 0; k + 1 < points_.size(); ++k)
  {
    state.vectors[point_name(k) + "x"] = points_[k].x;
    state.vectors[point_name(k) + "g"] = points_[k].g;
  }
}

void QuasiNewtonMatrix::accept(const Array &x, const Array &g, const bool is_emptied)
{
  // The step before this one began with the last point's being put into the matrix.
  const PetscInt rejected = n_rejected();
  if (is_emptied)
    begin_again();
  else if (points_.size() > 1 && !is_made_again_)
    points_.back().has_pair = rejected == rejected_;
  rejected_ = rejected;
  is_made_again_ = false;
  drop_oldest();
  points_.push_back({std::make_shared<Array>(x), std::make_shared<Array>(g)});
}

void QuasiNewtonMatrix::drop_oldest()
{
  auto n_pairs = std::count_if(points_.begin(), points_.end(), [](const Point &point) { return point.has_pair; });
  // Steps that were refused before the first pair serve nobody.
  while (points_.size() > 1 && n_pairs > 0 &&
         (n_pairs > static_cast<std::ptrdiff_t>(capacity_) || !points_[1].has_pair))
  {
    points_.pop_front();
    n_pairs -= points_.front().has_pair ? 1 : 0;
    points_.front().has_pair = false; // where it came from is gone
  }
}

void QuasiNewtonMatrix::begin_again()
{
  if (points_.size() > 1)
    points_.erase(points_.begin(), points_.end() - 1);
  if (!points_.empty())
    points_.front().has_pair = false;
}

} // namespace lodestone
