#include <lodestone/base/stop_request.h>
#include <lodestone/solver/multigrid/geometric_multigrid.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <sstream>

namespace lodestone
{

namespace
{
// A coarsest level of this size is small enough for every rank to solve it alone, which takes less time than the
// messages of a distributed factorisation.
constexpr dealii::types::global_dof_index coarsest_size = 3000;
// A coarsest level that cannot be made smaller is factorised up to this size.
constexpr dealii::types::global_dof_index largest_factorised = 20000;

// @return 2^-k with k such that the stiffest entries of the finest level's diagonal are of order one
template <int dim>
double power_of_two_scale(const Moduli &moduli, const double cell_size, const MPI_Comm comm)
{
  double largest = 0;
  for (unsigned int i = 0; i < moduli.mu.locally_owned_size(); ++i)
    largest = std::max(largest, moduli.lambda.local_element(i) + 2 * moduli.mu.local_element(i));
  largest = dealii::Utilities::MPI::max(largest, comm) * std::pow(cell_size, dim - 2);
  return std::exp2(-std::floor(std::log2(largest)));
}
// Moduli within this factor, up or down, of those of the last estimate count as near. The largest eigenvalue changes by
// at most the square of it, and usually by far less, and the coarsest level's old factorisation serves a preconditioner
// as well as a new one.
constexpr double nearby_factor = 1.22;
// These values were found with cells 20 times as high as wide.
constexpr double share_of_stretch = 0.75, largest_range = 300, degree_of_range = 0.46;
// The margins of a cycle that was not positive definite, the first time and the second time.
constexpr double stronger_margins[] = {1.5, 3};
constexpr unsigned int stronger_power_steps = 40;
} // namespace

template <int dim>
GeometricMultigrid<dim>::GeometricMultigrid(const DisplacementSpace<dim> &space,
                                            const BoundaryConditions<dim> &boundary_conditions,
                                            const Parameters &parameters)
    : comm_(space.mesh().communicator()), parameters_(parameters), cell_size_(space.mesh().smallest_cell_size())
{
  levels_.emplace_back();
  levels_[0].space = &space;
  levels_[0].boundary_conditions = &boundary_conditions;
  add_coarser_levels();
  SafePoints points(comm_);
  for (unsigned int level = 0; level < levels_.size(); ++level)
  {
    points.pass();
    set_up_level(level);
  }

  const Level &last = levels_.back();
  const LinearSolver::Parameters coarsest;
  using Method = typename AssembledSolver<dim>::Method;
  const auto n = last.space->n_dofs();
  coarsest_ = std::make_unique<AssembledSolver<dim>>(*last.space, *last.boundary_conditions,
                                                     n <= coarsest_size        ? Method::direct_everywhere
                                                     : n <= largest_factorised ? Method::direct
                                                                               : Method::amg,
                                                     coarsest, "elasticity_coarse_");
  coarsest_x_ = last.space->make_vector();
  coarsest_b_ = last.space->make_vector();
}

template <int dim>
void GeometricMultigrid<dim>::add_coarser_levels()
{
  while (true)
  {
    const Level &finer = levels_.back();
    if (finer.space->n_dofs() <= coarsest_size && levels_.size() > 1)
      return;
    Level level;
    const Mesh<dim> *mesh = &finer.space->mesh();
    if (finer.space->degree() == 1)
    {
      level.own_mesh = mesh->make_coarser();
      if (level.own_mesh == nullptr)
        return;
      level.averaging = std::make_unique<CellAveraging<dim>>(*mesh, *level.own_mesh);
      mesh = level.own_mesh.get();
    }
    level.own_space = std::make_unique<DisplacementSpace<dim>>(*mesh, 1);
    level.own_boundary_conditions =
        std::make_unique<BoundaryConditions<dim>>(*level.own_space, finer.boundary_conditions->parameters());
    level.space = level.own_space.get();
    level.boundary_conditions = level.own_boundary_conditions.get();
    levels_.push_back(std::move(level));
  }
}

template <int dim>
void GeometricMultigrid<dim>::set_up_level(const unsigned int l)
{
  Level &level = levels_[l];
  if (level.own_mesh != nullptr)
    level.moduli = {level.own_mesh->make_cell_field(), level.own_mesh->make_cell_field()};
  level.stiffness = make_stiffness_operator<dim, float>(*level.space, *level.boundary_conditions);
  level.stiffness->initialize_vector(level.x);
  level.stiffness->initialize_vector(level.b);
  if (l == 0)
    return;
  level.stiffness->initialize_vector(level.load);
  Level &finer = levels_[l - 1];
  finer.stiffness->initialize_vector(finer.residual);
  finer.difficulty = std::make_unique<SmoothingDifficulty<dim>>(finer.space->mesh());
  // Tall cells need a larger part of the spectrum damped, which takes a polynomial of higher degree.
  const double range = std::clamp(share_of_stretch * finer.difficulty->stretch_across_lines(),
                                  parameters_.smoothing_range, largest_range);
  const unsigned int degree =
      std::max(parameters_.smoothing_degree, unsigned(std::lround(degree_of_range * std::sqrt(range))));
  finer.smoother = std::make_unique<ChebyshevSmoother<dim>>(*finer.stiffness, degree, range, parameters_.safety);
  finer.transfer = std::make_unique<LevelTransfer<dim>>(*finer.space, finer.boundary_conditions->constraints(),
                                                        *level.space, level.boundary_conditions->constraints());
}

template <int dim>
void GeometricMultigrid<dim>::renew(const Moduli &moduli)
{
  factor_ = power_of_two_scale<dim>(moduli, cell_size_, comm_);
  estimates_are_reused_ = is_nearby(moduli);
  if (!estimates_are_reused_)
    estimated_at_ = moduli;
  const Moduli *of_level = &moduli;
  SafePoints points(comm_);
  for (Level &level : levels_)
  {
    if (points.must_stop())
    {
      estimated_at_.mu.reinit(0); // some smoothers are those of another model
      throw Interrupted();
    }
    if (level.averaging != nullptr)
    {
      // Arithmetic means make the coarse operator an upper bound of the fine one on coarse functions, which multigrid
      // needs; geometric and harmonic means lose this at high contrast.
      level.averaging->average(of_level->lambda, level.moduli.lambda);
      level.averaging->average(of_level->mu, level.moduli.mu);
      of_level = &level.moduli;
    }
    if (&level == &levels_.back())
      break;
    level.stiffness->renew(*of_level, factor_);
    renew_smoother(level, *of_level);
  }
  coarsest_moduli_ = *of_level;
  if (!estimates_are_reused_)
    coarsest_->renew(coarsest_moduli_);
}

template <int dim>
void GeometricMultigrid<dim>::renew_smoother(Level &level, const Moduli &moduli)
{
  level.smoother->renew_diagonal();
  const bool had_lines = level.lines != nullptr;
  const bool lines = estimates_are_reused_ ? had_lines : parameters_.lines && level.difficulty->lines_pay(moduli);
  if (lines)
  {
    if (level.couplings == nullptr)
      level.couplings =
          std::make_unique<LineCouplings<dim>>(*level.space, *level.boundary_conditions, *level.stiffness);
    level.couplings->renew();
    if (!estimates_are_reused_)
      level.lines = level.couplings->make_lines(level.smoother->inverse_diagonal());
    level.couplings->factorize(*level.lines, level.smoother->inverse_diagonal());
  }
  else
    level.lines.reset();
  level.smoother->relax_along(level.lines.get());
  if (!estimates_are_reused_)
    level.smoother->estimate();
}

template <int dim>
bool GeometricMultigrid<dim>::is_nearby(const Moduli &moduli) const
{
  if (estimated_at_.mu.size() == 0)
    return false;
  // Both the shear modulus and the modulus of longitudinal waves are compared.
  double lowest = std::numeric_limits<double>::max(), highest = 0;
  const auto count = [&](const double change) {
    lowest = std::min(lowest, change);
    highest = std::max(highest, change);
  };
  for (unsigned int i = 0; i < moduli.mu.locally_owned_size(); ++i)
  {
    const double mu = moduli.mu.local_element(i), before = estimated_at_.mu.local_element(i);
    count(mu / before);
    count((moduli.lambda.local_element(i) + 2 * mu) / (estimated_at_.lambda.local_element(i) + 2 * before));
  }
  return dealii::Utilities::MPI::max(std::max(highest, 1 / lowest), comm_) < nearby_factor;
}

template <int dim>
void GeometricMultigrid<dim>::estimate_anew()
{
  for (unsigned int l = 0; l + 1 < levels_.size(); ++l)
    levels_[l].smoother->estimate();
  coarsest_->renew(coarsest_moduli_);
  estimated_at_.mu.reinit(0);
  estimates_are_reused_ = false;
}

template <int dim>
std::string GeometricMultigrid<dim>::strengthen()
{
  if (times_strengthened_ == std::size(stronger_margins))
    return "";
  strengthen_smoothers();
  estimate_anew();
  const double margin = stronger_margins[times_strengthened_ - 1];
  const bool more_steps = times_strengthened_ > 1;
  std::ostringstream text;
  text << "multigrid smooths " << (more_steps ? "twice as often and " : "") << "up to " << margin
       << " times the largest eigenvalues that are found in " << stronger_power_steps << " steps";
  return text.str();
}

template <int dim>
void GeometricMultigrid<dim>::strengthen_smoothers()
{
  const double margin = stronger_margins[times_strengthened_];
  const bool more_steps = ++times_strengthened_ > 1;
  for (unsigned int l = 0; l + 1 < levels_.size(); ++l)
    levels_[l].smoother->strengthen({margin, stronger_power_steps},
                                    (more_steps ? 2 : 1) * levels_[l].smoother->degree());
  (void)coarsest_->strengthen();
}

template <int dim>
void GeometricMultigrid<dim>::add_to(RankState &state, const std::string &name) const
{
  state[name + "_times_strengthened"] = {double(times_strengthened_)};
  if (estimated_at_.mu.size() > 0)
    estimated_at_.add_to(state, name + "_estimated_at");
  coarsest_->add_to(state, name + "_coarsest");
}

template <int dim>
void GeometricMultigrid<dim>::take_from(const RankState &state, const std::string &name, const Moduli &moduli)
{
  const auto times = state.find(name + "_times_strengthened");
  if (times == state.end())
    return;
  while (times_strengthened_ < std::min<double>(times->second.at(0), std::size(stronger_margins)))
    strengthen_smoothers();
  coarsest_->take_from(state, name + "_coarsest", coarsest_moduli_);
  const std::optional<Moduli> earlier = moduli.taken_from(state, name + "_estimated_at");
  estimated_at_.mu.reinit(0);
  renew(earlier ? *earlier : moduli);
  if (!earlier)
    estimated_at_.mu.reinit(0); // estimated at these moduli, and anew at the next ones
  else if (!earlier->equals(moduli))
    renew(moduli);
}

template <int dim>
void GeometricMultigrid<dim>::copy_in(const DistributedVector &b) const
{
  levels_[0].b.copy_locally_owned_data_from(b);
}

template <int dim>
void GeometricMultigrid<dim>::copy_out(DistributedVector &x) const
{
  for (unsigned int i = 0; i < x.locally_owned_size(); ++i)
    x.local_element(i) = factor_ * levels_[0].x.local_element(i);
}

template <int dim>
void GeometricMultigrid<dim>::vmult(DistributedVector &x, const DistributedVector &b) const
{
  copy_in(b);
  v_cycle(0, true);
  copy_out(x);
}

template <int dim>
void GeometricMultigrid<dim>::full_cycle(DistributedVector &x, const DistributedVector &b) const
{
  copy_in(b);
  for (unsigned int l = 0; l + 1 < levels_.size(); ++l)
  {
    const Level &level = levels_[l], &coarser = levels_[l + 1];
    coarser.load = 0;
    level.transfer->restrict_and_add(coarser.load, l == 0 ? level.b : level.load);
  }
  levels_.back().b = levels_.back().load;
  solve_coarsest();
  for (unsigned int l = levels_.size() - 1; l-- > 0;)
  {
    const Level &level = levels_[l];
    level.x = 0;
    level.transfer->prolongate_and_add(level.x, levels_[l + 1].x);
    if (l > 0)
      level.b = level.load;
    v_cycle(l, false);
  }
  copy_out(x);
}

template <int dim>
void GeometricMultigrid<dim>::v_cycle(const unsigned int l, const bool from_zero) const
{
  if (l + 1 == levels_.size())
  {
    solve_coarsest();
    return;
  }
  const Level &level = levels_[l], &coarser = levels_[l + 1];
  if (from_zero)
    level.smoother->smooth_from_zero(level.x, level.b);
  else
    level.smoother->smooth(level.x, level.b);
  level.stiffness->vmult(
      level.residual, level.x,
      [&](const unsigned int begin, const unsigned int end) {
        std::fill(level.residual.begin() + begin, level.residual.begin() + end, 0.f);
      },
      [&](const unsigned int begin, const unsigned int end) {
        for (unsigned int i = begin; i < end; ++i)
          level.residual.local_element(i) = level.b.local_element(i) - level.residual.local_element(i);
      });
  coarser.b = 0;
  level.transfer->restrict_and_add(coarser.b, level.residual);
  v_cycle(l + 1, true);
  level.transfer->prolongate_and_add(level.x, coarser.x);
  level.smoother->smooth(level.x, level.b);
}

template <int dim>
void GeometricMultigrid<dim>::solve_coarsest() const
{
  // The assembled matrix has the unscaled moduli, the finer levels have factor_ times these: hence the division.
  const Level &level = levels_.back();
  for (unsigned int i = 0; i < level.b.locally_owned_size(); ++i)
    coarsest_b_.local_element(i) = level.b.local_element(i);
  coarsest_->precondition(coarsest_b_, coarsest_x_);
  for (unsigned int i = 0; i < level.x.locally_owned_size(); ++i)
    level.x.local_element(i) = coarsest_x_.local_element(i) / factor_;
  level.x.zero_out_ghost_values();
}

template <int dim>
double GeometricMultigrid<dim>::operator_applications() const
{
  // Smoothing from zero takes degree - 1 applications, the residual takes one, and smoothing again takes `degree`.
  double sum = 0;
  for (unsigned int l = 0; l + 1 < levels_.size(); ++l)
    sum += 2. * levels_[l].smoother->degree() * relative_size(l);
  return sum;
}

template <int dim>
double GeometricMultigrid<dim>::operator_applications_of_full_cycle() const
{
  // Level l takes part in l + 1 V-cycles. The one whose finest level it is starts from the coarser solution and needs
  // one application more.
  double sum = 0;
  for (unsigned int l = 0; l + 1 < levels_.size(); ++l)
    sum += (2. * levels_[l].smoother->degree() * (l + 1) + 1) * relative_size(l);
  return sum;
}

template <int dim>
std::string GeometricMultigrid<dim>::describe() const
{
  const Level &last = levels_.back();
  return std::to_string(levels_.size()) + " levels, coarsest " + std::to_string(last.space->n_dofs()) + " unknowns, " +
         (last.space->n_dofs() <= largest_factorised ? "factorised" : "algebraic multigrid");
}

template <int dim>
std::size_t GeometricMultigrid<dim>::memory_consumption() const
{
  std::size_t sum = 0;
  for (const Level &level : levels_)
    sum += level.stiffness->memory_consumption() +
           (level.transfer != nullptr ? level.transfer->memory_consumption() : 0) +
           (level.smoother != nullptr ? level.smoother->memory_consumption() + level.difficulty->memory_consumption()
                                      : 0) +
           (level.couplings != nullptr ? level.couplings->memory_consumption() : 0) +
           (level.lines != nullptr ? level.lines->memory_consumption() : 0) + 3 * level.x.memory_consumption();
  return sum;
}

template class GeometricMultigrid<2>;
template class GeometricMultigrid<3>;

} // namespace lodestone
