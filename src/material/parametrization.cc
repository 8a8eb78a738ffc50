#include <lodestone/base/collective.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/ghosted_read.h>
#include <lodestone/material/parametrization.h>
#include <lodestone/material/table_reach.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr unsigned int no_entry = dealii::numbers::invalid_unsigned_int;

/// The geometric mean over all ranks. Exponents are summed as integers, so that scaling all values by a power of two
/// scales the mean without rounding. Collective.
double geometric_mean(const std::vector<double> &values, const MPI_Comm comm)
{
  long exponents = 0, n = values.size();
  double mantissas = 0;
  for (const double x : values)
  {
    int exponent = 0;
    mantissas += std::log2(std::frexp(x, &exponent));
    exponents += exponent;
  }
  exponents = dealii::Utilities::MPI::sum(exponents, comm);
  n = dealii::Utilities::MPI::sum(n, comm);
  mantissas = dealii::Utilities::MPI::sum(mantissas, comm);
  long whole = exponents / n, rest = exponents % n;
  if (rest < 0)
  {
    rest += n;
    --whole;
  }
  return std::ldexp(std::exp2((rest + mantissas) / n), static_cast<int>(whole));
}

} // namespace

/// What is known of each owned cell; cells are in the order of the triangulation.
template <int dim>
struct Parametrization<dim>::Cellwise
{
  explicit Cellwise(const UnknownEntries &entries, const CellField &zero) : unknown(entries), zero(zero) {}

  UnknownFields unknown;
  CellField zero;                                ///< a zero field, of which all cell fields are made
  std::vector<std::array<double, 2>> background; ///< the two numbers of the pair
  std::vector<unsigned int> cell;                ///< local index in a CellField
  std::vector<unsigned int> entry;               ///< [cell * fields + field]: local index in m; no_entry when held
  double reference_modulus = 0;

  unsigned int n_fields() const { return unknown.fields.size(); }
  std::size_t n_cells() const { return cell.size(); }
  bool is_held(const std::size_t c) const { return n_fields() == 0 || entry[c * n_fields()] == no_entry; }

  /// The pair at m on a cell that is not held, and dx/dm, d2x/dm2 by field.
  struct Point
  {
    std::array<double, 2> x, first, second;
  };
  Point at(const std::size_t c, const DistributedVector &m) const
  {
    Point point{background[c], {{0, 0}}, {{0, 0}}};
    for (unsigned int k = 0; k < n_fields(); ++k)
    {
      const UnknownField &field = unknown.fields[k];
      const auto t = field(m.local_element(entry[c * n_fields() + k]), background[c][field.argument]);
      point.x[field.argument] = t.x;
      point.first[k] = t.first;
      point.second[k] = t.second;
    }
    return point;
  }
};

template <int dim>
Parametrization<dim>::Parametrization(const Mesh<dim> &mesh, const Parameters &parameters,
                                      const std::string &deck_directory, const CellField &held_by_sources, Log &log)
    : mesh_(mesh), cellwise_(std::make_unique<Cellwise>(parameters, mesh.make_cell_field()))
{
  parameters.validate();
  const Background<dim> background(parameters.background(), parameters.zone_backgrounds, mesh, deck_directory,
                                   parameters.cut_cells);
  const CellField held = held_cells(parameters, held_by_sources);
  evaluate_background(background, held);
  cells_ = std::make_unique<ParameterCells<dim>>(mesh, parameters.cells, held);
  if (cells_->n() == 0 && cellwise_->n_fields() > 0)
    throw InputError("Material/Fixed region",
                     "every cell of the model keeps its background, by formula, zone or source",
                     "Leave cells to the unknowns, or set Unknowns = none.");
  index_cells();
  report(log);
  report_table_reach(parameters.background(), parameters.zone_backgrounds, mesh, deck_directory, log);
}

template <int dim>
Parametrization<dim>::Parametrization(const Mesh<dim> &mesh, const Parameters &parameters,
                                      const std::string &deck_directory, const ParameterCells<dim> &of_coarser,
                                      Log &log)
    : mesh_(mesh), cellwise_(std::make_unique<Cellwise>(parameters, mesh.make_cell_field())),
      cells_(std::make_unique<ParameterCells<dim>>(mesh, of_coarser))
{
  const Background<dim> background(parameters.background(), parameters.zone_backgrounds, mesh, deck_directory,
                                   parameters.cut_cells);
  CellField held(cellwise_->zero);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      held(cell->global_active_cell_index()) = cells_->index(cell) == dealii::numbers::invalid_dof_index ? 1 : 0;
  evaluate_background(background, held);
  index_cells();
  report(log);
}

template <int dim>
Parametrization<dim>::Parametrization(const Mesh<dim> &mesh, const Moduli &moduli) : mesh_(mesh)
{
  UnknownEntries entries;
  entries.unknowns = "none";
  cellwise_ = std::make_unique<Cellwise>(entries, mesh.make_cell_field());
  Cellwise &cw = *cellwise_;
  CellField held(cw.zero);
  held = 1;
  held.update_ghost_values();
  std::vector<double> young;
  for (unsigned int c = 0; c < moduli.mu.locally_owned_size(); ++c)
  {
    const Lame lame{moduli.lambda.local_element(c), moduli.mu.local_element(c)};
    cw.cell.push_back(c);
    cw.background.push_back(lame.as(cw.unknown.pair));
    young.push_back(lame.young());
  }
  cw.reference_modulus = geometric_mean(young, mesh.communicator());
  cells_ = std::make_unique<ParameterCells<dim>>(mesh, typename ParameterCells<dim>::Parameters(), held);
  index_cells();
}

template <int dim>
Parametrization<dim>::~Parametrization() = default;

template <int dim>
CellField Parametrization<dim>::held_cells(const Parameters &parameters, const CellField &held_by_sources) const
{
  CellField held(cellwise_->zero);
  std::optional<Formula<dim>> region;
  if (!parameters.fixed_region.empty())
    region.emplace(parameters.fixed_region, "Material/Fixed region");
  std::vector<dealii::types::material_id> zones;
  for (const auto &name : split_list(parameters.fixed_zones))
    zones.push_back(mesh_.zone_id(name, "Material/Fixed zones"));
  std::optional<InputError> error;
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && !error)
      try
      {
        const auto c = cell->global_active_cell_index();
        const bool fixed = cellwise_->n_fields() == 0 || (held_by_sources.size() > 0 && held_by_sources(c) != 0) ||
                           std::find(zones.begin(), zones.end(), cell->material_id()) != zones.end() ||
                           (region && region->holds(cell->center()));
        held(c) = fixed ? 1 : 0;
      }
      catch (const InputError &e)
      {
        error = e;
      }
  throw_on_all_ranks(error, mesh_.communicator());
  held.update_ghost_values();
  return held;
}

template <int dim>
void Parametrization<dim>::evaluate_background(const Background<dim> &background, const CellField &held)
{
  Cellwise &cw = *cellwise_;
  std::vector<double> young;
  unsigned long long n_cut = 0;
  std::optional<InputError> error;
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && !error)
      try
      {
        const auto c = cell->global_active_cell_index();
        cw.cell.push_back(cw.zero.get_partitioner()->global_to_local(c));
        const auto of_cell = background.at(cell, cw.unknown.pair);
        cw.background.push_back(of_cell.numbers);
        n_cut += of_cell.is_cut ? 1 : 0;
        young.push_back(lame_moduli(cw.unknown.pair, cw.background.back()).young());
        if (held(c) == 0)
          for (const auto &field : cw.unknown.fields)
            field.check(cw.background.back()[field.argument], point_text(cell->center()));
      }
      catch (const InputError &e)
      {
        error = e;
      }
  throw_on_all_ranks(error, mesh_.communicator());
  cw.reference_modulus = geometric_mean(young, mesh_.communicator());
  n_cut_ = dealii::Utilities::MPI::sum(n_cut, mesh_.communicator());
}

template <int dim>
void Parametrization<dim>::index_cells()
{
  Cellwise &cw = *cellwise_;
  std::vector<std::string> names;
  for (const auto &field : cw.unknown.fields)
    names.push_back(field.name);
  layout_ = cells_->make_layout(names);
  cw.entry.reserve(cw.n_cells() * cw.n_fields());
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (unsigned int k = 0; k < cw.n_fields(); ++k)
      {
        const auto i = cells_->entry(cell, *layout_, k);
        cw.entry.push_back(i == dealii::numbers::invalid_dof_index ? no_entry
                                                                   : layout_->partitioner->global_to_local(i));
      }
}

template <int dim>
void Parametrization<dim>::report(Log &log) const
{
  if (n_cut_ > 0)
    log.line("Material: the background jumps inside " + counted(n_cut_, "cell") + " of " +
             std::to_string(mesh_.triangulation().n_global_active_cells()) + ", which take means of its moduli");
  unsigned long long n_held = 0;
  for (std::size_t c = 0; c < cellwise_->n_cells(); ++c)
    n_held += cellwise_->is_held(c) ? 1 : 0;
  n_held = dealii::Utilities::MPI::sum(n_held, mesh_.communicator());
  if (cellwise_->n_fields() == 0)
  {
    log.line("Material: no unknowns, every cell has its background");
    return;
  }
  std::string unknowns;
  if (!layout_->fields.empty())
    unknowns = join(layout_->fields) + " on " + counted(cells_->n(), "parameter cell");
  if (!layout_->globals.empty())
    unknowns += (unknowns.empty() ? "" : ", ") + counted(layout_->globals.size(), "number") + " of zones (" +
                join(layout_->globals) + ")";
  log.line("Material: " + unknowns + "; " + std::to_string(n_held) + " of " +
           counted(mesh_.triangulation().n_global_active_cells(), "cell") + " keep their background");
}

template <int dim>
Moduli Parametrization<dim>::value(const ParameterVector &m) const
{
  const Cellwise &cw = *cellwise_;
  const GhostedRead read(m.values());
  Moduli moduli{cw.zero, cw.zero};
  for (std::size_t c = 0; c < cw.n_cells(); ++c)
  {
    const Lame lame = lame_moduli(cw.unknown.pair, cw.is_held(c) ? cw.background[c] : cw.at(c, m.values()).x);
    moduli.lambda.local_element(cw.cell[c]) = lame.lambda;
    moduli.mu.local_element(cw.cell[c]) = lame.mu;
  }
  moduli.lambda.update_ghost_values();
  moduli.mu.update_ghost_values();
  return moduli;
}

template <int dim>
Moduli Parametrization<dim>::apply(const ParameterVector &m, const ParameterVector &m_hat) const
{
  const Cellwise &cw = *cellwise_;
  const GhostedRead read(m.values()), read_hat(m_hat.values());
  Moduli change{cw.zero, cw.zero};
  for (std::size_t c = 0; c < cw.n_cells(); ++c)
  {
    if (cw.is_held(c))
      continue;
    const auto point = cw.at(c, m.values());
    double lambda = 0, mu = 0;
    for (unsigned int k = 0; k < cw.n_fields(); ++k)
    {
      const Lame d = lame_derivative(cw.unknown.pair, point.x, cw.unknown.fields[k].argument);
      const double x_hat = point.first[k] * m_hat.values().local_element(cw.entry[c * cw.n_fields() + k]);
      lambda += d.lambda * x_hat;
      mu += d.mu * x_hat;
    }
    change.lambda.local_element(cw.cell[c]) = lambda;
    change.mu.local_element(cw.cell[c]) = mu;
  }
  change.lambda.update_ghost_values();
  change.mu.update_ghost_values();
  return change;
}

template <int dim>
void Parametrization<dim>::add_transpose(const ParameterVector &m, const Moduli &dual, ParameterVector &g) const
{
  const Cellwise &cw = *cellwise_;
  const GhostedRead read(m.values());
  DistributedVector sum(layout_->partitioner);
  for (std::size_t c = 0; c < cw.n_cells(); ++c)
  {
    if (cw.is_held(c))
      continue;
    const auto point = cw.at(c, m.values());
    const double by_lambda = dual.lambda.local_element(cw.cell[c]), by_mu = dual.mu.local_element(cw.cell[c]);
    for (unsigned int k = 0; k < cw.n_fields(); ++k)
    {
      const Lame d = lame_derivative(cw.unknown.pair, point.x, cw.unknown.fields[k].argument);
      sum.local_element(cw.entry[c * cw.n_fields() + k]) += (by_lambda * d.lambda + by_mu * d.mu) * point.first[k];
    }
  }
  sum.compress(dealii::VectorOperation::add);
  g.values().add(1, sum);
}

template <int dim>
void Parametrization<dim>::add_second(const ParameterVector &m, const ParameterVector &m_hat, const Moduli &dual,
                                      ParameterVector &g) const
{
  const Cellwise &cw = *cellwise_;
  const GhostedRead read(m.values()), read_hat(m_hat.values());
  DistributedVector sum(layout_->partitioner);
  for (std::size_t c = 0; c < cw.n_cells(); ++c)
  {
    if (cw.is_held(c))
      continue;
    const auto point = cw.at(c, m.values());
    const double by_lambda = dual.lambda.local_element(cw.cell[c]), by_mu = dual.mu.local_element(cw.cell[c]);
    for (unsigned int k = 0; k < cw.n_fields(); ++k)
    {
      // d/dm_k of sum_l dual . dLame/dx_l dx_l/dm_l m_hat_l: neither the moduli nor the transform are linear.
      const unsigned int a = cw.unknown.fields[k].argument;
      const Lame d = lame_derivative(cw.unknown.pair, point.x, a);
      double value = (by_lambda * d.lambda + by_mu * d.mu) * point.second[k] *
                     m_hat.values().local_element(cw.entry[c * cw.n_fields() + k]);
      for (unsigned int l = 0; l < cw.n_fields(); ++l)
      {
        const Lame dd = lame_second_derivative(cw.unknown.pair, point.x, a, cw.unknown.fields[l].argument);
        value += (by_lambda * dd.lambda + by_mu * dd.mu) * point.first[k] * point.first[l] *
                 m_hat.values().local_element(cw.entry[c * cw.n_fields() + l]);
      }
      sum.local_element(cw.entry[c * cw.n_fields() + k]) += value;
    }
  }
  sum.compress(dealii::VectorOperation::add);
  g.values().add(1, sum);
}

template <int dim>
std::optional<std::pair<ParameterVector, ParameterVector>> Parametrization<dim>::bounds() const
{
  const Cellwise &cw = *cellwise_;
  auto result = std::make_pair(make_vector(), make_vector());
  DistributedVector &lower = result.first.values(), &upper = result.second.values();
  const unsigned int n_local = layout_->partitioner->locally_owned_size() + layout_->partitioner->n_ghost_indices();
  for (unsigned int i = 0; i < n_local; ++i)
  {
    lower.local_element(i) = -infinity;
    upper.local_element(i) = infinity;
  }
  bool any = false;
  for (std::size_t c = 0; c < cw.n_cells(); ++c)
    for (unsigned int k = 0; k < cw.n_fields() && !cw.is_held(c); ++k)
    {
      const UnknownField &field = cw.unknown.fields[k];
      const double background = cw.background[c][field.argument];
      double &lo = lower.local_element(cw.entry[c * cw.n_fields() + k]);
      double &hi = upper.local_element(cw.entry[c * cw.n_fields() + k]);
      lo = std::max(lo, field.smallest(background));
      hi = std::min(hi, field.largest(background));
      any = any || std::isfinite(lo) || std::isfinite(hi);
    }
  lower.compress(dealii::VectorOperation::max);
  upper.compress(dealii::VectorOperation::min);
  if (!on_any_rank(any, mesh_.communicator()))
    return std::nullopt;
  return result;
}

template <int dim>
std::vector<std::pair<std::string, CellField>> Parametrization<dim>::fields(const ParameterVector &m) const
{
  const Moduli moduli = value(m);
  std::vector<std::pair<std::string, CellField>> result;
  result.reserve(4); // copies would lose the ghost values
  const auto add_field = [&](const std::string &name, const auto &modulus) {
    CellField field(cellwise_->zero);
    for (const unsigned int i : cellwise_->cell)
      field.local_element(i) = modulus(Lame{moduli.lambda.local_element(i), moduli.mu.local_element(i)});
    field.update_ghost_values();
    result.emplace_back(name, std::move(field));
  };
  add_field("E", [](const Lame &lame) { return lame.young(); });
  add_field("nu", [](const Lame &lame) { return lame.poisson(); });
  add_field("K", [](const Lame &lame) { return lame.bulk(); });
  add_field("G", [](const Lame &lame) { return lame.shear(); });
  return result;
}

template <int dim>
CellField Parametrization<dim>::on_cells(const ParameterVector &m, const unsigned int field) const
{
  return cells_->on_cells(m, field);
}

template <int dim>
double Parametrization<dim>::reference_modulus() const
{
  return cellwise_->reference_modulus;
}

template class Parametrization<2>;
template class Parametrization<3>;

} // namespace lodestone
