// Derivatives of the whole chain, and of every link, on meshes of a few cells with a direct solver.
//
// Expected: Taylor remainders of J with slope 2 (gradient; at least 1.95) and 3 (full Hessian; at least 2.9) over three
// decades of steps; <J a, b> = <a, J^T b> of every link to 1e-12 of the size of the pairing, which sums of rounding
// errors stay below on 100 unknowns, and through a solve within ten times its tolerance (1e-13); symmetry of the
// Hessian to 1e-10 and gradient against tangent mode to 1e-9, each the tolerance times what cancels in a sum over loads
// and data. The data are the model's own prediction, each datum changed by up to 60 %, so that residuals, strengths and
// nuisance terms are all far from zero.
#include <lodestone/objective/derivative_check.h>

#include "problem_from_text.h"
#include "pseudo_huber_misfit.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

struct LoadSetup
{
  Entries entries;
  Entries estimate; ///< entries that make its strength an unknown
};

struct Setup
{
  std::string name;
  std::vector<std::vector<LoadSetup>> load_cases;
  Entries material = {"Unknowns = Young modulus"};
  std::string data = "components"; ///< components | line of sight | mixed
  Entries nuisance;                ///< of every data set
  Entries prior = {"Type = Tikhonov"};
  Entries mesh;
  Entries conditions; ///< empty: fixed bottom, rollers at the sides
  std::string condition_sections;
  unsigned int degree = 1;
  double size = 1; ///< of the step away from the background
};

const Entries pressure = {"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + z^2)/1e6)"};
const Entries tension = {"Type = pressure", "Boundary = top", "Region = x > -500", "Value = -2e5*(1 + x/4e3)"};
const Entries strain = {"Type = eigenstrain", "Region = (x > -800) && (z < -300)", "Isotropic strain = 1e-4"};
const Entries point_source = {"Type = point source", "Position = 100, 250, 900", "Volume change = 1e6",
                              "Hold stiffness near source = no"};
const Entries dislocation = {"Type = dislocation", "Position = -200, 100, 800",
                             "Strike = 30",        "Dip = 60",
                             "Rake = -70",         "Slip = 1",
                             "Opening = 0.2",      "Length = 900",
                             "Width = 600",        "Hold stiffness near source = no"};
const Entries section_dislocation = {
    "Type = dislocation", "Position = -200, 800",           "Dip = 60", "Slip = 1", "Opening = 0.2",
    "Width = 600",        "Hold stiffness near source = no"};
const Entries estimate = {"Strength = estimate"};
const Entries estimate_with_prior = {"Strength = estimate", "Strength mean = 0.7", "Strength standard deviation = 0.2"};

constexpr unsigned int n_stations = 9;

template <int dim>
std::array<double, 2> station(const unsigned int i)
{
  return {{-1300 + 311. * i, dim == 3 ? 900 * std::sin(2.3 * i) : 0}};
}

/// Predicted displacement with 60 % of changes that no model explains; in 3-D east, north, up.
using Displacement = std::vector<std::array<double, 3>>;

template <int dim>
std::string components_csv(const Displacement &u, const double sigma)
{
  std::string text =
      dim == 3 ? "x,y,east,north,up,sigma_east,sigma_north,sigma_up\n" : "x,east,up,sigma_east,sigma_up\n";
  for (unsigned int i = 0; i < u.size(); ++i)
  {
    const auto at = station<dim>(i);
    text += number(at[0]) + (dim == 3 ? "," + number(at[1]) : "");
    for (unsigned int c = 0; c < 3; ++c)
      if (dim == 3 || c != 1)
        text += "," + (i == 2 && c == 2 ? std::string("nan") : number(u[i][c]));
    for (unsigned int c = 0; c < 3; ++c)
      if (dim == 3 || c != 1)
        text += "," + number(sigma * (1 + 0.1 * i + 0.3 * c));
    text += "\n";
  }
  return text;
}

template <int dim>
std::string line_of_sight_csv(const Displacement &u, const double sigma)
{
  std::string text = dim == 3 ? "x,y,los,sigma,e_east,e_north,e_up\n" : "x,los,sigma,e_east,e_north,e_up\n";
  for (unsigned int i = 0; i < u.size(); ++i)
  {
    const auto at = station<dim>(i);
    const double e[3] = {0.6, dim == 3 ? -0.1 : 0, std::sqrt(1 - 0.36 - (dim == 3 ? 0.01 : 0))};
    double los = 0;
    for (unsigned int c = 0; c < 3; ++c)
      los += e[c] * u[i][c];
    text +=
        number(at[0]) + (dim == 3 ? "," + number(at[1]) : "") + "," + number(los) + "," + number(sigma * (1 + 0.1 * i));
    for (const double component : e)
      text += "," + number(component);
    text += "\n";
  }
  return text;
}

template <int dim>
std::string deck(const Setup &setup, const bool estimates, const std::vector<std::vector<Named>> &data_sets)
{
  Entries mesh = dim == 3
                     ? Entries{"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = 3, 3, 2"}
                     : Entries{"Lower corner = -1500, -1600", "Upper corner = 1500, 0", "Cells = 4, 3"};
  mesh.insert(mesh.end(), setup.mesh.begin(), setup.mesh.end());
  const std::string sides = dim == 3 ? "west, east, south, north" : "west, east";
  const Entries conditions =
      setup.conditions.empty() ? Entries{"Fixed = bottom", "Rollers = " + sides} : setup.conditions;
  Entries material = {"Young modulus = 2e10*(1 - z/3200 + x/9000)", "Poisson ratio = 0.22"};
  material.insert(material.end(), setup.material.begin(), setup.material.end());
  std::string cases, names;
  for (unsigned int s = 0; s < setup.load_cases.size(); ++s)
  {
    const std::string name = "case " + std::to_string(s);
    names += (s > 0 ? ", " : "") + name;
    std::vector<Named> loads;
    for (const auto &load : setup.load_cases[s])
    {
      Entries entries = load.entries;
      if (estimates)
        entries.insert(entries.end(), load.estimate.begin(), load.estimate.end());
      loads.push_back({"load " + std::to_string(loads.size()), entries});
    }
    cases += load_case(name, loads, data_sets[s]);
  }
  return "set Dimension = " + std::to_string(dim) + "\n" + section("Mesh", mesh) + section("Material", material) +
         section("Boundary conditions", conditions, setup.condition_sections) +
         section("Load cases", {"Names = " + names}, cases) + section("Prior", setup.prior) +
         section("Solver",
                 {"Method = direct", "Tolerance = 1e-13", "Element degree = " + std::to_string(setup.degree)});
}

/// The model with data of the kinds that the setup asks for.
template <int dim>
std::unique_ptr<TextProblem<dim>> make_model(const Setup &setup, Scratch &scratch)
{
  scratch.write("table.csv",
                dim == 3 ? "x,y,value\n-900,-900,1e5\n0,-900,2e5\n900,-900,0\n-900,900,3e5\n0,900,-1e5\n900,900,2e5\n"
                         : "x,value\n-900,1e5\n0,-3e5\n900,2e5\n");
  if (dim == 3)
    scratch.write(
        "potency.csv",
        "x,y,z,pxx,pyy,pzz,pyz,pxz,pxy\n-300,200,-700,1e5,2e5,-1e5,3e4,5e4,-2e4\n400,-100,-900,-1e5,0,1e5,1e4,0,7e4\n");
  scratch.write("stations.csv", components_csv<dim>(Displacement(n_stations, {{0, 0, 0}}), 1));
  const std::size_t n_cases = setup.load_cases.size();
  std::vector<std::vector<Named>> data_sets(n_cases, {{"stations", {"File = stations.csv"}}});
  std::vector<Displacement> u(n_cases, Displacement(n_stations, {{0, 0, 0}}));
  std::vector<double> sigma(n_cases);
  {
    TextProblem<dim> truth(deck<dim>(setup, false, data_sets), scratch.path());
    truth.evaluate(truth->parametrization().make_vector());
    for (unsigned int s = 0; s < n_cases; ++s)
    {
      const DataVector predicted = truth->predict(s);
      const DataSet &set = truth->data_sets(s)[0];
      for (unsigned int i = 0; i < predicted.size(); ++i)
      {
        u[s][set.row[i]][set.component[i]] = predicted[i] * (1 + 0.6 * std::cos(1.3 * i + s));
        sigma[s] = std::max(sigma[s], 0.1 * std::abs(predicted[i]));
      }
    }
  }
  for (unsigned int s = 0; s < n_cases; ++s)
  {
    data_sets[s].clear();
    const std::string gnss = "gnss" + std::to_string(s) + ".csv", track = "track" + std::to_string(s) + ".csv";
    scratch.write(gnss, components_csv<dim>(u[s], sigma[s]));
    scratch.write(track, line_of_sight_csv<dim>(u[s], sigma[s]));
    const auto add_set = [&](const std::string &name, const std::string &file) {
      Entries entries = setup.nuisance;
      entries.push_back("File = " + file);
      entries.push_back("Weight = 0.8");
      data_sets[s].push_back({name, entries});
    };
    if (setup.data != "line of sight")
      add_set("gnss", gnss);
    if (setup.data != "components")
      add_set("ascending", track);
    if (setup.data == "two tracks")
      add_set("descending", track);
  }
  return std::make_unique<TextProblem<dim>>(deck<dim>(setup, true, data_sets), scratch.path());
}

/// |a.b - c.d| over the sum of the terms' sizes.
struct Pairing
{
  double sum = 0, size = 0;
  void add(const DistributedVector &a, const DistributedVector &b)
  {
    double s = 0, t = 0;
    for (unsigned int i = 0; i < a.locally_owned_size(); ++i)
    {
      s += a.local_element(i) * b.local_element(i);
      t += std::abs(a.local_element(i) * b.local_element(i));
    }
    sum += dealii::Utilities::MPI::sum(s, a.get_mpi_communicator());
    size += dealii::Utilities::MPI::sum(t, a.get_mpi_communicator());
  }
};

Pairing pair(const DistributedVector &a, const DistributedVector &b)
{
  Pairing p;
  p.add(a, b);
  return p;
}
Pairing pair(const StateDual &a, const State &b)
{
  return pair(a.step[0], b.step[0]);
}
Pairing pair(const ParameterVector &a, const ParameterVector &b)
{
  return pair(a.values(), b.values());
}

void expect_equal(const Pairing &left, const Pairing &right, const double tolerance, const std::string &what)
{
  const double size = std::max(left.size, right.size);
  EXPECT_GT(size, 0) << what;
  EXPECT_LE(std::abs(left.sum - right.sum), tolerance * size) << what << ": " << left.sum << " and " << right.sum;
}

CellField noise_on_cells(const CellField &like, const unsigned int seed)
{
  CellField field = like;
  field.zero_out_ghost_values();
  for (const auto i : field.locally_owned_elements())
    field(i) = std::sin(12.9898 * (i + 1) * (seed + 1));
  return field;
}

template <int dim>
void check_parametrization(const Parametrization<dim> &parametrization, const ParameterVector &m,
                           const ParameterVector &a, const ParameterVector &b)
{
  const Moduli tangent = parametrization.apply(m, a);
  const Moduli w = {noise_on_cells(tangent.lambda, 1), noise_on_cells(tangent.mu, 2)};
  Pairing left;
  left.add(tangent.lambda, w.lambda);
  left.add(tangent.mu, w.mu);
  ParameterVector g(m.shared_layout()), second_a(m.shared_layout()), second_b(m.shared_layout());
  parametrization.add_transpose(m, w, g);
  expect_equal(left, pair(g, a), 1e-12, "parametrization");
  parametrization.add_second(m, a, w, second_a);
  parametrization.add_second(m, b, w, second_b);
  if (second_a.values().l2_norm() > 0)
    expect_equal(pair(second_a, b), pair(second_b, a), 1e-12, "second derivative of the parametrization");
}

/// Every link of load case s, at the objective's point.
template <int dim>
void check_links(Problem<dim> &model, const unsigned int s, const ParameterVector &m, const ParameterVector &a,
                 const ParameterVector &b)
{
  const double exact = 1e-12, through_solve = 10 * 1e-13;
  ReducedObjective &objective = model.objective();
  ElasticForwardSolver<dim> &forward = model.forward();
  const State &u = objective.state(s);
  const Observation &observation = *objective.load_cases()[s].observation;

  // Two functionals, and two states that satisfy the constraints.
  DataVector w(observation.n_data());
  for (unsigned int i = 0; i < w.size(); ++i)
    w[i] = std::sin(3.1 * i + 1);
  objective.load_cases()[s].misfit->noise().whiten_transpose(w);
  StateDual f1 = forward.make_dual(s), f2 = forward.make_dual(s), out = forward.make_dual(s);
  observation.add_transpose(w, f1);
  forward.apply_parameter_jacobian(s, u, a, f2);
  State v1 = forward.make_state(s), v2 = forward.make_state(s);
  ASSERT_TRUE(forward.solve_jacobian_transpose(s, f1, v1).converged);
  ASSERT_TRUE(forward.solve_jacobian(s, f2, v2).converged);
  expect_equal(pair(f1, v2), pair(f2, v1), through_solve, "solve and its transpose");

  const DataVector d = observation.apply(v2);
  Pairing data;
  for (unsigned int i = 0; i < d.size(); ++i)
  {
    data.sum += d[i] * w[i];
    data.size += std::abs(d[i] * w[i]);
  }
  expect_equal(data, pair(f1, v2), exact, "observation");

  StateDual k1 = forward.make_dual(s), k2 = forward.make_dual(s);
  forward.apply_jacobian(s, v2, k2);
  forward.apply_jacobian_transpose(s, v1, k1);
  expect_equal(pair(k2, v1), pair(k1, v2), exact, "dr/du and its transpose");
  k2.step[0] -= f2.step[0];
  EXPECT_LE(k2.step[0].l2_norm(), through_solve * f2.step[0].l2_norm()) << "residual of a solve";

  ParameterVector g(m.shared_layout()), h(m.shared_layout());
  forward.add_parameter_jacobian_transpose(s, u, v1, g);
  expect_equal(pair(f2, v1), pair(g, a), exact, "dr/dm and its transpose");

  // r is linear in the state with its load factors: d2r/dm du applied to u_hat is dr/dm at u_hat.
  State u_hat = v2;
  for (unsigned int l = 0; l < u_hat.load_factors.size(); ++l)
    u_hat.load_factors[l] = 0.3 + l;
  g = ParameterVector(m.shared_layout());
  forward.add_second_mixed(s, u_hat, v1, g);
  forward.apply_parameter_jacobian(s, u_hat, b, out);
  expect_equal(pair(g, b), pair(out, v1), exact, "d2r/dm du with load factors");
  g = ParameterVector(m.shared_layout());
  forward.add_second_mixed(s, v2, v1, g);
  forward.apply_second_mixed_transpose(s, v1, b, out);
  expect_equal(pair(g, b), pair(out, v2), exact, "d2r/du dm and its transpose");

  g = ParameterVector(m.shared_layout());
  forward.add_second_parameter(s, u, v1, a, g);
  forward.add_second_parameter(s, u, v1, b, h);
  if (g.values().l2_norm() > 0)
    expect_equal(pair(g, b), pair(h, a), exact, "d2r/dm2");
}

struct Worst
{
  double gradient = 9, hessian = 9, action = 9, tangent = 0, dot = 0, symmetry = 0;
};
Worst worst;

/// Taylor remainders, symmetry and tangent mode at m, in the direction that is left in `a`.
void check_objective(const Setup &setup, ReducedObjective &objective, const ParameterVector &m, ParameterVector &a,
                     const ParameterVector &b)
{
  // Where third derivatives nearly cancel along a direction, higher orders or rounding leave less than three decades:
  // take another.
  DerivativeCheck result;
  for (unsigned int seed = 11; seed < 15; ++seed)
  {
    a = random_direction(m, seed * seed);
    a.values() *= setup.size;
    result = check_derivatives(objective, m, a, b);
    EXPECT_GE(result.gradient.slope, 1.95) << result.table(1e-13);
    if (result.hessian.decades > 2.999 && result.gradient.decades > 2.999)
      break;
  }
  for (const auto &[remainders, slope] : {std::make_pair(&result.gradient, 1.95), std::make_pair(&result.hessian, 2.9)})
  {
    EXPECT_FALSE(remainders->at_rounding);
    EXPECT_GE(remainders->slope, slope) << result.table(1e-13);
    EXPECT_GE(remainders->decades, 2.999) << result.table(1e-13);
  }
  EXPECT_GE(result.hessian_action.slope, 1.95) << result.table(1e-13);
  EXPECT_GE(result.hessian_action.decades, 2.999) << result.table(1e-13);
  EXPECT_LE(result.tangent_difference, 1e-9);
  EXPECT_LE(result.dot_product, 10 * 1e-13);
  EXPECT_LE(result.hessian_symmetry, 1e-10);
  worst.gradient = std::min(worst.gradient, result.gradient.slope);
  worst.hessian = std::min(worst.hessian, result.hessian.slope);
  worst.action = std::min(worst.action, result.hessian_action.slope);
  worst.tangent = std::max(worst.tangent, result.tangent_difference);
  worst.dot = std::max(worst.dot, result.dot_product);
  worst.symmetry = std::max(worst.symmetry, result.hessian_symmetry);
}

template <int dim>
void check(const Setup &setup)
{
  SCOPED_TRACE(setup.name + ", " + std::to_string(dim) + "-D");
  Scratch scratch;
  const auto model = make_model<dim>(setup, scratch);
  const ParameterVector zero = (*model)->parametrization().make_vector();
  ParameterVector m = random_direction(zero, 7), a, b = random_direction(zero, 13);
  m.values() *= 0.3 * setup.size;
  check_objective(setup, (*model)->objective(), m, a, b);
  check_parametrization((*model)->parametrization(), m, a, b);
  for (unsigned int s = 0; s < setup.load_cases.size(); ++s)
    check_links(*model->problem, s, m, a, b);
}

/// The same with a misfit that is not quadratic in place of the problem's own.
template <int dim>
void check_robust(const Setup &setup)
{
  SCOPED_TRACE(setup.name + ", pseudo-Huber, " + std::to_string(dim) + "-D");
  Scratch scratch;
  const auto model = make_model<dim>(setup, scratch);
  const ReducedObjective &gaussian = (*model)->objective();
  std::vector<std::unique_ptr<PseudoHuberMisfit>> misfits;
  std::vector<ReducedObjective::LoadCase> load_cases = gaussian.load_cases();
  const double delta = 0.7; // residuals are up to six standard deviations
  for (unsigned int s = 0; s < load_cases.size(); ++s)
  {
    std::vector<StrengthPrior> priors;
    for (const unsigned int l : load_cases[s].estimated_loads)
      priors.push_back({"load", (*model)->loads(s)[l].prior_mean, (*model)->loads(s)[l].prior_sigma});
    misfits.push_back(std::make_unique<PseudoHuberMisfit>((*model)->data_sets(s), priors, delta));
    load_cases[s].misfit = misfits.back().get();
  }
  ReducedObjective robust((*model)->forward(), load_cases, gaussian.prior());

  const ParameterVector zero = (*model)->parametrization().make_vector();
  ParameterVector m = random_direction(zero, 7), a, b = random_direction(zero, 13);
  m.values() *= 0.3 * setup.size;
  check_objective(setup, robust, m, a, b);

  // Not quadratic in truth: J is well below that of the Gaussian misfit.
  ASSERT_TRUE((*model)->objective().evaluate(m).converged);
  EXPECT_LT(robust.misfit_value(), 0.8 * gaussian.misfit_value());
  ParameterVector gauss_newton_a, gauss_newton_b;
  ASSERT_TRUE(robust.apply_hessian(a, gauss_newton_a, true).converged);
  ASSERT_TRUE(robust.apply_hessian(b, gauss_newton_b, true).converged);
  expect_equal(pair(gauss_newton_a, b), pair(gauss_newton_b, a), 1e-10, "symmetry of the Gauss-Newton Hessian");
  EXPECT_GT(gauss_newton_a.values() * a.values(), 0);
}

/// The Gauss-Newton Hessian is symmetric and not negative, whatever the misfit is.
template <int dim>
void check_gauss_newton(const Setup &setup)
{
  Scratch scratch;
  const auto model = make_model<dim>(setup, scratch);
  ReducedObjective &objective = (*model)->objective();
  ParameterVector m = random_direction((*model)->parametrization().make_vector(), 7), h_a, h_b;
  const ParameterVector a = random_direction(m, 11), b = random_direction(m, 13);
  m.values() *= 0.3;
  ASSERT_TRUE(objective.evaluate(m).converged);
  ASSERT_TRUE(objective.apply_hessian(a, h_a, true).converged);
  ASSERT_TRUE(objective.apply_hessian(b, h_b, true).converged);
  expect_equal(pair(h_a, b), pair(h_b, a), 1e-10, "symmetry of the Gauss-Newton Hessian");
  ParameterVector of_prior(m.shared_layout());
  objective.prior()->add_hessian(m, a, of_prior);
  EXPECT_GE(h_a.values() * a.values(), of_prior.values() * a.values());
}

Setup with(const std::string &name, const Entries &load, const Entries &estimated = {})
{
  Setup setup;
  setup.name = name;
  setup.load_cases = {{{load, estimated}}};
  return setup;
}

Entries in_section(Entries entries)
{
  for (auto &entry : entries)
    if (entry.rfind("Position", 0) == 0)
    {
      // x, y, depth to x, depth
      const auto first = entry.find(','), second = entry.find(',', first + 1);
      entry.erase(first, second - first);
    }
  return entries;
}

template <int dim>
Entries source(const Entries &entries)
{
  return dim == 3 ? entries : in_section(entries);
}

} // namespace

template <int dim>
class Dimension
{
public:
  static void unknowns_and_transforms()
  {
    const Entries logit = {"Transform = logit", "Lower bound = 1e9", "Upper bound = 1e11"};
    for (const std::string unknowns : {"Young modulus", "Shear modulus", "Bulk modulus", "Bulk modulus, Shear modulus",
                                       "Young modulus, Poisson ratio", "Poisson ratio"})
      for (const std::string transform : {"log", "logit", "identity"})
      {
        Setup setup = with(unknowns + ", " + transform, pressure);
        setup.load_cases[0].push_back({source<dim>(point_source), {}}); // its load depends on every modulus
        setup.material = transform == "logit" ? logit : Entries{"Transform = " + transform};
        setup.material.push_back("Unknowns = " + unknowns);
        setup.size = transform == "identity" ? 0.4 : 1;
        check<dim>(setup);
        if (unknowns == "Shear modulus")
        {
          setup.name += ", bulk modulus held";
          setup.material.push_back("Held fixed = Bulk modulus");
          check<dim>(setup);
        }
      }
  }

  static void loads()
  {
    const std::string axes = dim == 3 ? "1e5, 2e4, -3e5" : "1e5, -3e5";
    std::vector<Entries> all = {
        {"Type = traction", "Boundary = top", "Value = " + axes},
        pressure,
        {"Type = pressure table", "Boundary = top", "File = table.csv"},
        {"Type = point force", dim == 3 ? "Position = 100, 200, 0" : "Position = 100, 0", "Force = " + axes},
        {"Type = body force", "Region = x > -600", "Value = " + axes},
        {"Type = pore pressure", "Region = (x^2 < 700^2) && (z < -400)", "Value = 1e6", "Biot coefficient = 0.8"},
        {"Type = eigenstrain", "Region = (x > -800) && (z < -300)",
         dim == 3 ? "Strain = 1e-4, 2e-5, -3e-5, 1e-5, 4e-5, 0" : "Strain = 1e-4, -3e-5, 4e-5"},
        {"Type = eigenstress", "Region = z < -500", "Isotropic stress = 1e6"},
        source<dim>(point_source),
        section_dislocation};
    if (dim == 3)
    {
      all.back() = dislocation;
      all.push_back({"Type = potency points", "File = potency.csv", "Hold stiffness near source = no"});
    }
    for (const auto &load : all)
    {
      Setup setup = with(load[0], load);
      setup.material = {"Unknowns = Young modulus, Poisson ratio"};
      check<dim>(setup);
    }
  }

  static void strengths()
  {
    const Entries ball = source<dim>(point_source);
    check<dim>(with("estimated source", ball, estimate));
    check<dim>(with("estimated source with a prior", ball, estimate_with_prior));
    Setup setup = with("two estimated, one given", ball, estimate);
    setup.load_cases[0].push_back({strain, estimate_with_prior});
    setup.load_cases[0].push_back({tension, {}});
    setup.material = {"Unknowns = Bulk modulus, Shear modulus"};
    setup.data = "mixed";
    setup.nuisance = {"Nuisance = offset"};
    check<dim>(setup);
    setup.name = "two load cases";
    setup.load_cases.push_back({{pressure, {}}, {tension, estimate}});
    check<dim>(setup);
  }

  static void data()
  {
    for (const std::string kind : {"components", "line of sight", "mixed"})
      for (const std::string nuisance : {"none", "offset", "ramp"})
      {
        Setup setup = with(kind + ", " + nuisance, strain);
        setup.data = kind;
        setup.nuisance = {"Nuisance = " + nuisance};
        check<dim>(setup);
      }
    Setup setup = with("shared offset", pressure);
    setup.data = "mixed";
    setup.data = "two tracks";
    setup.nuisance = {"Nuisance = offset", "Shared nuisance = frame"};
    check<dim>(setup);
  }

  static void priors_and_boundaries()
  {
    Setup setup = with("H1", pressure);
    setup.prior = {"Type = H1", "Standard deviation = 0.4", "Horizontal correlation length = 700",
                   "Vertical correlation length = 300"};
    check<dim>(setup);
    setup.name = "Matern and total variation, cut";
    setup.prior = {"Type = Matern + TV",
                   "Standard deviation = 0.4",
                   "Horizontal correlation length = 700",
                   "Epsilon = 0.5",
                   "Cut at = x - 100",
                   "Mean = 0.1*sin(x/500)",
                   "Dip = 35"};
    if (dim == 3)
      setup.prior.emplace_back("Strike = 200");
    check<dim>(setup);
    setup.name = "correlated fields of varying standard deviation";
    setup.material = {"Unknowns = Young modulus, Poisson ratio"};
    setup.prior = {"Type = Matern", "Standard deviation = 0.4 + x/9000, 0.2", "Horizontal correlation length = 700",
                   "Field correlation = 0.6"};
    check<dim>(setup);

    setup = with("springs", pressure);
    setup.load_cases[0].push_back({strain, {}});
    setup.conditions = {"Rollers = west, east, south, north", "Springs = bottom"};
    setup.condition_sections = section("bottom", {"Normal stiffness = 1e7", "Tangential stiffness = 3e6"});
    if (dim == 2)
      setup.conditions[0] = "Rollers = west, east";
    check<dim>(setup);

    setup = with("prescribed displacement", tension);
    setup.conditions = {"Fixed = bottom", "Prescribed displacement = east"};
    setup.condition_sections = section("east", {"East = 0.3*(1 + z/1600)", "Up = -0.05*z/1600"});
    check<dim>(setup);
    setup.load_cases[0][0].estimate = estimate_with_prior;
    check<dim>(setup);
  }

  static void robust()
  {
    const Entries ball = source<dim>(point_source);
    Setup setup = with("known loads", pressure);
    check_robust<dim>(setup);
    setup = with("two estimated, one given", ball, estimate);
    setup.load_cases[0].push_back({strain, estimate_with_prior});
    setup.load_cases[0].push_back({tension, {}});
    setup.material = {"Unknowns = Bulk modulus, Shear modulus"};
    setup.data = "mixed";
    setup.nuisance = {"Nuisance = ramp"};
    check_robust<dim>(setup);
    setup.name = "two load cases";
    setup.nuisance = {"Nuisance = offset", "Shared nuisance = frame"};
    setup.load_cases.push_back({{pressure, {}}, {tension, estimate}});
    check_robust<dim>(setup);
  }

  /// Errors that are correlated between points, and misfits of the program that are not quadratic; the latter with
  /// residuals of up to six standard deviations, on both sides of Huber's threshold and of Student's inflection. Huber's
  /// second derivative jumps at the threshold; no residual crosses it within the steps of the check.
  static void noise_models()
  {
    Setup setup = with("two estimated, one given", source<dim>(point_source), estimate);
    setup.load_cases[0].push_back({strain, estimate_with_prior});
    setup.load_cases[0].push_back({tension, {}});
    setup.data = "mixed";
    const Entries correlated = {"Nuisance = ramp", "Noise = exponential", "Sill = 0.7", "Range = 800 m",
                                "Nugget = 0.3"};
    setup.nuisance = correlated;
    check<dim>(setup);
    for (const Entries &misfit :
         {Entries{"Misfit = Huber", "Huber threshold = 0.7"}, {"Misfit = Student-t", "Degrees of freedom = 2"}})
      for (const Entries &noise : {Entries{"Nuisance = offset"}, correlated})
      {
        setup.nuisance = noise;
        setup.nuisance.insert(setup.nuisance.end(), misfit.begin(), misfit.end());
        check<dim>(setup);
        check_gauss_newton<dim>(setup);
      }
  }

  /// Sources by their field in a half-space, whose cells keep their background; every cell has moduli of its own, so
  /// that all of them meet (C - C_0).
  static void incident()
  {
    const auto held = [](Entries entries) {
      entries.pop_back(); // Hold stiffness near source = no
      return entries;
    };
    const auto check_incident = [](const Setup &setup) {
      Scratch scratch;
      const auto model = make_model<dim>(setup, scratch);
      EXPECT_TRUE((*model)->loads(0)[0].incident.has_value()) << (*model)->loads(0)[0].formulation;
      EXPECT_GT((*model)->parametrization().cells().n(), 20u);
      check<dim>(setup);
    };
    const Entries ball = held(source<dim>(point_source));
    Setup setup = with("incident point source", ball);
    setup.mesh = {"Refinements = 1"};
    setup.material = {"Unknowns = Young modulus, Poisson ratio"};
    check_incident(setup);
    setup = with("incident point source, estimated, with others", ball, estimate_with_prior);
    setup.load_cases[0].push_back({pressure, {}});
    setup.load_cases.push_back({{tension, estimate}, {ball, {}}});
    setup.mesh = {"Refinements = 1"};
    setup.nuisance = {"Nuisance = offset"};
    check_incident(setup);
    setup = with("incident on hanging nodes, second degree", ball, estimate);
    setup.degree = 2;
    setup.mesh = {"Refinements = 1", "Source refinements = 1"};
    check_incident(setup);
    setup = with("incident dislocation", dim == 3 ? held(dislocation) : held(section_dislocation), estimate);
    setup.mesh = {"Refinements = 1"};
    check_incident(setup);
    if (dim == 2)
      return;
    setup = with("incident potency points", {"Type = potency points", "File = potency.csv"}, estimate_with_prior);
    setup.mesh = {"Refinements = 1"};
    check_incident(setup);
  }

  static void meshes()
  {
    Setup setup = with("hanging nodes", source<dim>(point_source), estimate_with_prior);
    setup.load_cases[0].push_back({pressure, {}});
    setup.mesh = {"Source refinements = 1"};
    setup.prior = {"Type = H1"};
    check<dim>(setup);
    setup.name = "second degree on hanging nodes";
    setup.degree = 2;
    check<dim>(setup);
    setup.name = "parameter cells coarser than cells";
    setup.degree = 1;
    setup.mesh = {"Refinements = 1"};
    setup.material.push_back("Parameter coarsening = 1");
    check<dim>(setup);
    setup.name = "part held";
    setup.material = {"Fixed region = x > 300"};
    setup.mesh = {};
    check<dim>(setup);
  }
};

TEST(Derivatives, UnknownsAndTransforms2D)
{
  Dimension<2>::unknowns_and_transforms();
}
TEST(Derivatives, UnknownsAndTransforms3D)
{
  Dimension<3>::unknowns_and_transforms();
}
TEST(Derivatives, Loads2D)
{
  Dimension<2>::loads();
}
TEST(Derivatives, Loads3D)
{
  Dimension<3>::loads();
}
TEST(Derivatives, Incident2D)
{
  Dimension<2>::incident();
}
TEST(Derivatives, Incident3D)
{
  Dimension<3>::incident();
}
TEST(Derivatives, Data2D)
{
  Dimension<2>::data();
}
TEST(Derivatives, Data3D)
{
  Dimension<3>::data();
}
TEST(Derivatives, PriorsAndBoundaries2D)
{
  Dimension<2>::priors_and_boundaries();
}
TEST(DerivativesParallel, PriorsAndBoundaries3D)
{
  Dimension<3>::priors_and_boundaries();
}
TEST(Derivatives, Strengths2D)
{
  Dimension<2>::strengths();
}
TEST(DerivativesParallel, Strengths3D)
{
  Dimension<3>::strengths();
}
TEST(Derivatives, RobustMisfit2D)
{
  Dimension<2>::robust();
}
TEST(DerivativesParallel, RobustMisfit3D)
{
  Dimension<3>::robust();
}
TEST(Derivatives, NoiseModels2D)
{
  Dimension<2>::noise_models();
}
TEST(DerivativesParallel, NoiseModels3D)
{
  Dimension<3>::noise_models();
}
TEST(DerivativesParallel, Meshes2D)
{
  Dimension<2>::meshes();
}
TEST(DerivativesParallel, Meshes3D)
{
  Dimension<3>::meshes();
}

TEST(DerivativesWorst, Figures)
{
  std::printf("worst of all: slopes %.3f (gradient) %.3f (Hessian) %.3f (Hessian action); tangent %.1e, dot product "
              "%.1e, symmetry %.1e\n",
              worst.gradient, worst.hessian, worst.action, worst.tangent, worst.dot, worst.symmetry);
}
