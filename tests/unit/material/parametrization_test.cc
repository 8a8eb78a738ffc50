#include <lodestone/base/error.h>
#include <lodestone/material/parametrization.h>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

using namespace lodestone;

namespace
{

const MPI_Comm comm = MPI_COMM_WORLD;

/// Cells of two sizes, so that hanging faces exist and ancestors differ in their number of cells.
template <int dim>
std::unique_ptr<Mesh<dim>> refined_box()
{
  typename Mesh<dim>::Parameters p;
  for (unsigned int d = 0; d < dim; ++d)
  {
    p.lower[d] = d == dim - 1 ? -1000 : -2000;
    p.upper[d] = d == dim - 1 ? 0 : 2000;
    p.cells[d] = d == dim - 1 ? 4 : 8;
  }
  p.surface_refinements = 1;
  auto mesh = std::make_unique<Mesh<dim>>(p, comm);
  mesh->refine({}, {});
  return mesh;
}

std::unique_ptr<Mesh<2>> faulted_section()
{
  Mesh<2>::Parameters p;
  p.source = MeshSource::gmsh;
  p.file = LODESTONE_SOURCE_DIR "/meshes/section_fault.msh";
  auto mesh = std::make_unique<Mesh<2>>(p, comm);
  mesh->refine({}, {});
  return mesh;
}

template <int dim>
Parametrization<dim> make(const Mesh<dim> &mesh, const typename Parametrization<dim>::Parameters &p,
                          const std::string &directory = "")
{
  Log log(comm, true);
  return Parametrization<dim>(mesh, p, directory, CellField(), log);
}

/// Backgrounds that vary from cell to cell, bounds that fit them.
template <int dim>
typename Parametrization<dim>::Parameters parameters(const std::string &unknowns, const std::string &transform)
{
  typename Parametrization<dim>::Parameters p;
  p.young = "20 GPa * (1 + 0.5 * sin(x / 1 km) - z / 2 km)";
  p.poisson = "0.25 + 0.1 * sin(z / 300 m + x / 700 m)";
  p.unknowns = unknowns;
  p.transform = transform;
  if (transform != "log")
  {
    p.lower_bound = "1 GPa";
    p.upper_bound = "100 GPa";
  }
  return p;
}

template <int dim>
ParameterVector wave(const Parametrization<dim> &parametrization, const double amplitude, const double frequency)
{
  ParameterVector m = parametrization.make_vector();
  for (const auto i : m.values().locally_owned_elements())
    m.values()(i) = amplitude * std::sin(frequency * (i + 1));
  return m;
}

Moduli dual_wave(const Moduli &shape)
{
  Moduli w{shape.lambda, shape.mu};
  w.lambda.zero_out_ghost_values();
  w.mu.zero_out_ghost_values();
  for (const auto i : w.lambda.locally_owned_elements())
  {
    w.lambda(i) = std::cos(0.7 * i) * 1e-10;
    w.mu(i) = std::sin(1.3 * i + 1) * 1e-10;
  }
  return w;
}

double dot(const Moduli &a, const Moduli &b)
{
  return a.lambda * b.lambda + a.mu * b.mu;
}

double norm(const Moduli &a)
{
  return std::hypot(a.lambda.l2_norm(), a.mu.l2_norm());
}

struct Case
{
  std::string unknowns;
  HeldFixed held;
  std::string transform;

  std::string name() const { return unknowns + " / held " + std::to_string(int(held)) + " / transform " + transform; }
};

std::vector<Case> all_cases()
{
  std::vector<Case> cases;
  for (const std::string transform : {"log", "logit", "identity"})
    for (const std::string unknowns : {"Young modulus", "Shear modulus", "Bulk modulus", "Bulk modulus, Shear modulus",
                                       "Young modulus, Poisson ratio", "Poisson ratio"})
    {
      cases.push_back({unknowns, HeldFixed::poisson_ratio, transform});
      if (unknowns == "Shear modulus")
        cases.push_back({unknowns, HeldFixed::bulk_modulus, transform});
    }
  for (const std::string transform : {"log, logit", "log, identity", "identity, logit", "logit, identity"})
    cases.push_back({"Young modulus, Poisson ratio", HeldFixed::poisson_ratio, transform});
  for (const std::string transform : {"log, logit", "log, identity", "identity, logit"})
    cases.push_back({"Bulk modulus, Shear modulus", HeldFixed::poisson_ratio, transform});
  return cases;
}

/// Calls check(parametrization, name) for every set of unknowns with every transform, some cells held.
template <int dim, typename Check>
void for_all_cases(const Check &check)
{
  const auto mesh = refined_box<dim>();
  for (const Case &c : all_cases())
  {
    auto p = parameters<dim>(c.unknowns, c.transform);
    p.held = c.held;
    p.fixed_region = "x > 1 km && z < -0.6 km";
    p.cells.coarsening = 1;
    check(make(*mesh, p), c.name());
  }
  if constexpr (dim == 2)
  {
    const auto section = faulted_section();
    auto p = parameters<dim>("Young modulus, Poisson ratio", "log");
    p.young = "20 GPa";
    p.poisson = "0.25";
    p.fixed_zones = "footwall";
    for (const auto first : {ParameterCellKind::zones, ParameterCellKind::cells})
    {
      p.cells.by_field = {first,
                          first == ParameterCellKind::zones ? ParameterCellKind::cells : ParameterCellKind::zones};
      check(make(*section, p), "zones beside cells");
    }
  }
}

/// Smallest slope of log(remainder) against log(step) over three decades; infinite when there is only rounding.
double slope(const std::function<double(double)> &remainder, const double rounding)
{
  double smallest = std::numeric_limits<double>::infinity(), previous = 0;
  for (unsigned int k = 0; k <= 3; ++k)
  {
    const double r = remainder(0.1 * std::pow(10., -static_cast<double>(k)));
    if (k > 0 && r > rounding)
      smallest = std::min(smallest, std::log10(previous / r));
    previous = r;
  }
  return smallest;
}

/// E at every owned cell of `field` against expected(centre, zone).
template <int dim, typename Expected>
void expect_field(const Mesh<dim> &mesh, const Parametrization<dim> &parametrization, const ParameterVector &m,
                  const unsigned int field, const Expected &expected)
{
  const auto fields = parametrization.fields(m);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (!cell->is_artificial())
    {
      const double x = expected(cell);
      EXPECT_NEAR(fields[field].second(cell->global_active_cell_index()), x, 1e-12 * std::abs(x))
          << fields[field].first;
    }
}

} // namespace

TEST(ParametrizationParallel, TransposeIsTheTangentsTranspose)
{
  const auto check = [](const auto &parametrization, const std::string &name) {
    const ParameterVector m = wave(parametrization, 0.6, 1.1), v = wave(parametrization, 1, 2.3);
    const Moduli w = dual_wave(parametrization.value(m)), Jv = parametrization.apply(m, v);
    ParameterVector g = parametrization.make_vector();
    parametrization.add_transpose(m, w, g);
    EXPECT_NEAR(dot(Jv, w), v.values() * g.values(), 1e-12 * norm(Jv) * norm(w)) << name;
    EXPECT_GT(norm(Jv), 0) << name;
  };
  for_all_cases<2>(check);
  for_all_cases<3>(check);
}

TEST(ParametrizationParallel, SecondDerivativeIsSymmetric)
{
  for_all_cases<2>([](const auto &parametrization, const std::string &name) {
    const ParameterVector m = wave(parametrization, 0.6, 1.1), v = wave(parametrization, 1, 2.3),
                          u = wave(parametrization, 1, 0.4);
    const Moduli w = dual_wave(parametrization.value(m));
    ParameterVector Hv = parametrization.make_vector(), Hu = parametrization.make_vector();
    parametrization.add_second(m, v, w, Hv);
    parametrization.add_second(m, u, w, Hu);
    EXPECT_NEAR(u.values() * Hv.values(), v.values() * Hu.values(),
                1e-12 * (u.values().l2_norm() * Hv.values().l2_norm() + v.values().l2_norm() * Hu.values().l2_norm()))
        << name;
  });
}

// First-order Taylor expansions leave a remainder of order h^2: slope 2. Where the map is linear only rounding is left,
// 1e-14 of the value.
TEST(ParametrizationParallel, TaylorRemaindersHaveSlopeTwo)
{
  const auto check = [](const auto &parametrization, const std::string &name) {
    const ParameterVector m = wave(parametrization, 0.2, 1.1),
                          v = wave(parametrization, 0.2, 2.3); // nu stays below 0.5
    const Moduli at_m = parametrization.value(m), w = dual_wave(at_m), tangent = parametrization.apply(m, v);
    ParameterVector g = parametrization.make_vector(), Hv = parametrization.make_vector();
    parametrization.add_transpose(m, w, g);
    parametrization.add_second(m, v, w, Hv);
    const auto moved = [&](const double h) {
      ParameterVector x = m;
      x.values().add(h, v.values());
      return x;
    };
    const auto first = [&](const double h) {
      Moduli r = parametrization.value(moved(h));
      r.lambda.add(-1, at_m.lambda, -h, tangent.lambda);
      r.mu.add(-1, at_m.mu, -h, tangent.mu);
      return norm(r);
    };
    const auto second = [&](const double h) {
      ParameterVector r = parametrization.make_vector();
      parametrization.add_transpose(moved(h), w, r);
      r.values().add(-1, g.values(), -h, Hv.values());
      return r.values().l2_norm();
    };
    EXPECT_GE(slope(first, 1e-14 * norm(at_m)), 1.95) << name;
    EXPECT_GE(slope(second, 1e-13 * g.values().l2_norm()), 1.95) << name;
  };
  for_all_cases<2>(check);
  for_all_cases<3>(check);
}

TEST(ParametrizationParallel, ZeroIsTheBackground)
{
  const auto mesh = refined_box<2>();
  for (const Case &c : all_cases())
  {
    auto p = parameters<2>(c.unknowns, c.transform);
    p.held = c.held;
    const auto parametrization = make(*mesh, p);
    const ParameterVector zero = parametrization.make_vector();
    expect_field(*mesh, parametrization, zero, 0, [](const auto &cell) {
      return 20e9 * (1 + 0.5 * std::sin(cell->center()[0] / 1000) - cell->center()[1] / 2000);
    });
    expect_field(*mesh, parametrization, zero, 1, [](const auto &cell) {
      return 0.25 + 0.1 * std::sin(cell->center()[1] / 300 + cell->center()[0] / 700);
    });
  }
}

// m = ln 2 doubles what is unknown and leaves what is fixed: what doubles and what stays is read off the output fields.
TEST(ParametrizationParallel, WhatIsFixedStays)
{
  const auto mesh = refined_box<3>();
  const auto ratio = [&](const std::string &unknowns, const HeldFixed held) {
    auto p = parameters<3>(unknowns, "log");
    p.held = held;
    const auto parametrization = make(*mesh, p);
    ParameterVector m = parametrization.make_vector();
    m.values() = std::log(2.);
    const auto before = parametrization.fields(parametrization.make_vector()), after = parametrization.fields(m);
    std::vector<double> ratios;
    for (unsigned int k = 0; k < 4; ++k)
    {
      const auto i = *mesh->make_cell_field().locally_owned_elements().begin();
      ratios.push_back(after[k].second(i) / before[k].second(i));
    }
    return ratios;
  };
  constexpr unsigned int E = 0, nu = 1, K = 2, G = 3;
  const auto young = ratio("Young modulus", HeldFixed::poisson_ratio);
  EXPECT_NEAR(young[E], 2, 1e-13);
  EXPECT_NEAR(young[nu], 1, 1e-13);
  const auto shear_at_nu = ratio("Shear modulus", HeldFixed::poisson_ratio);
  EXPECT_NEAR(shear_at_nu[G], 2, 1e-13);
  EXPECT_NEAR(shear_at_nu[nu], 1, 1e-13);
  EXPECT_NEAR(shear_at_nu[E], 2, 1e-13);
  const auto shear_at_bulk = ratio("Shear modulus", HeldFixed::bulk_modulus);
  EXPECT_NEAR(shear_at_bulk[G], 2, 1e-13);
  EXPECT_NEAR(shear_at_bulk[K], 1, 1e-13);
  const auto bulk = ratio("Bulk modulus", HeldFixed::poisson_ratio);
  EXPECT_NEAR(bulk[K], 2, 1e-13);
  EXPECT_NEAR(bulk[G], 1, 1e-13);
  const auto both = ratio("Bulk modulus, Shear modulus", HeldFixed::poisson_ratio);
  EXPECT_NEAR(both[K], 2, 1e-13);
  EXPECT_NEAR(both[G], 2, 1e-13);
  const auto poisson = ratio("Poisson ratio", HeldFixed::poisson_ratio);
  EXPECT_NEAR(poisson[E], 1, 1e-13);
  EXPECT_GT(poisson[nu], 1.1);
}

TEST(ParametrizationParallel, BackgroundByBulkAndShear)
{
  const auto mesh = refined_box<2>();
  const double E = 25e9, nu = 0.2;
  Parametrization<2>::Parameters p;
  p.bulk = std::to_string(E / (3 * (1 - 2 * nu)));
  p.shear = std::to_string(E / (2 * (1 + nu)));
  const auto parametrization = make(*mesh, p);
  const ParameterVector zero = parametrization.make_vector();
  expect_field(*mesh, parametrization, zero, 0, [=](const auto &) { return E; });
  expect_field(*mesh, parametrization, zero, 1, [=](const auto &) { return nu; });
}

// A coarse parameter cell scales the background of each of its cells by one factor.
TEST(ParametrizationParallel, AncestorsShareOneUnknown)
{
  const auto mesh = refined_box<2>();
  auto p = parameters<2>("Young modulus", "log");
  const auto fine = make(*mesh, p);
  EXPECT_EQ(fine.layout()->size(), mesh->triangulation().n_global_active_cells());
  p.cells.coarsening = 1;
  const auto coarse = make(*mesh, p);
  EXPECT_LT(coarse.layout()->size(), fine.layout()->size() / 3);
  const ParameterVector m = wave(coarse, 0.5, 1.7);
  const CellField on_cells = coarse.on_cells(m, 0);
  expect_field(*mesh, coarse, m, 0, [&](const auto &cell) {
    return 20e9 * (1 + 0.5 * std::sin(cell->center()[0] / 1000) - cell->center()[1] / 2000) *
           std::exp(on_cells(cell->global_active_cell_index()));
  });
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->level() > 0 && cell->parent()->child(0)->is_active() &&
        cell->parent()->child(0)->is_locally_owned())
    {
      EXPECT_EQ(on_cells(cell->global_active_cell_index()),
                on_cells(typename dealii::Triangulation<2>::active_cell_iterator(cell->parent()->child(0))
                             ->global_active_cell_index()));
    }
}

TEST(ParametrizationParallel, Zones)
{
  const auto mesh = faulted_section();
  Parametrization<2>::Parameters p;
  p.young = "30 GPa";
  p.zone_backgrounds.resize(2);
  p.zone_backgrounds[0].name = "sediments";
  p.zone_backgrounds[0].young = "5 GPa";
  p.zone_backgrounds[0].poisson = "0.3";
  p.zone_backgrounds[1].name = "hanging wall";
  p.zone_backgrounds[1].shear = "8 GPa"; // with the bulk modulus of the rest, 20 GPa
  p.fixed_zones = "footwall";
  p.cells.kind = ParameterCellKind::zones;
  const auto parametrization = make(*mesh, p);
  ASSERT_EQ(parametrization.layout()->size(), 2u);
  ParameterVector m = parametrization.make_vector();
  m.values() = std::log(3.);
  const auto sediments = mesh->zone_id("sediments", ""), hanging = mesh->zone_id("hanging wall", "");
  // E = 9KG/(3K+G) = 9 * 20 * 8 / 68 GPa in the hanging wall.
  expect_field(*mesh, parametrization, m, 0, [&](const auto &cell) {
    return cell->material_id() == sediments ? 15e9 : cell->material_id() == hanging ? 3 * 1440e9 / 68 : 30e9;
  });
  expect_field(*mesh, parametrization, m, 1, [&](const auto &cell) {
    return cell->material_id() == sediments ? 0.3 : cell->material_id() == hanging ? 22. / 68 : 0.25;
  });
}

TEST(ParametrizationParallel, HeldCellsKeepTheirBackground)
{
  const auto mesh = refined_box<2>();
  Parametrization<2>::Parameters p;
  p.young = "10 GPa";
  p.fixed_region = "x < -1 km";
  CellField sources = mesh->make_cell_field();
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->center()[0] > 1500)
      sources(cell->global_active_cell_index()) = 1;
  Log log(comm, true);
  const Parametrization<2> parametrization(*mesh, p, "", sources, log);
  ParameterVector m = parametrization.make_vector();
  m.values() = std::log(2.);
  const auto is_held = [](const auto &cell) { return cell->center()[0] < -1000 || cell->center()[0] > 1500; };
  expect_field(*mesh, parametrization, m, 0, [&](const auto &cell) { return is_held(cell) ? 10e9 : 20e9; });
  const CellField on_cells = parametrization.on_cells(m, 0);
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (!cell->is_artificial())
    {
      EXPECT_EQ(std::isnan(on_cells(cell->global_active_cell_index())), is_held(cell));
    }
  const Moduli change = parametrization.apply(m, m);
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      EXPECT_EQ(change.mu(cell->global_active_cell_index()) == 0, is_held(cell));
    }
}

TEST(ParametrizationParallel, NoUnknowns)
{
  const auto mesh = refined_box<2>();
  Parametrization<2>::Parameters p;
  p.unknowns = "none";
  const auto parametrization = make(*mesh, p);
  EXPECT_EQ(parametrization.layout()->size(), 0u);
  const ParameterVector m = parametrization.make_vector();
  expect_field(*mesh, parametrization, m, 0, [](const auto &) { return 20e9; });
  EXPECT_FALSE(parametrization.bounds());
}

TEST(ParametrizationParallel, EveryFieldGoesToItsCells)
{
  const auto mesh = refined_box<2>();
  const auto parametrization = make(*mesh, parameters<2>("Young modulus, Poisson ratio", "log"));
  ParameterVector m = parametrization.make_vector();
  const auto first = m.values().get_partitioner()->local_range().first;
  for (unsigned int i = 0; i < m.values().locally_owned_size(); ++i)
    m.values().local_element(i) = (first + i) % 2 == 0 ? 1000 + (first + i) / 2 : 2000 + (first + i) / 2;
  m.values().update_ghost_values();
  const CellField young = parametrization.on_cells(m, 0), poisson = parametrization.on_cells(m, 1);
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto c = cell->global_active_cell_index();
      EXPECT_EQ(young(c), 1000 + double(parametrization.cells().index(cell)));
      EXPECT_EQ(poisson(c), 1000 + young(c));
    }
}

TEST(ParametrizationParallel, Bounds)
{
  const auto mesh = refined_box<2>();
  EXPECT_FALSE(make(*mesh, parameters<2>("Young modulus, Poisson ratio", "log")).bounds());
  EXPECT_FALSE(make(*mesh, parameters<2>("Young modulus, Poisson ratio", "logit")).bounds());

  Parametrization<2>::Parameters p;
  p.young = "if(x < 0, 10 GPa, 20 GPa)";
  p.unknowns = "Young modulus, Poisson ratio";
  p.transform = "identity";
  p.upper_bound = "60 GPa";
  const auto identity = make(*mesh, p);
  const auto bounds = identity.bounds();
  ASSERT_TRUE(bounds);
  const CellField lower = identity.on_cells(bounds->first, 0), upper = identity.on_cells(bounds->second, 0);
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      EXPECT_DOUBLE_EQ(lower(cell->global_active_cell_index()), -0.99);
      EXPECT_DOUBLE_EQ(upper(cell->global_active_cell_index()), cell->center()[0] < 0 ? 5 : 2);
    }
  expect_field(*mesh, identity, bounds->second, 0, [](const auto &) { return 60e9; });
  expect_field(*mesh, identity, bounds->second, 1, [](const auto &) { return 0.45; });
  expect_field(*mesh, identity, bounds->first, 1, [](const auto &) { return 0.05; });

  // m of Poisson's ratio in units of `Poisson scale`: 0.25 + 0.05 m.
  p.poisson_scale = "0.05";
  const auto scaled = make(*mesh, p).bounds();
  ASSERT_TRUE(scaled);
  EXPECT_NEAR(scaled->first.values().local_element(1), -4, 1e-14);
  EXPECT_NEAR(scaled->second.values().local_element(1), 4, 1e-14);
  p.poisson_scale = "";

  // One unknown for all cells: the tightest bound is that of the stiffest cells.
  const auto section = faulted_section();
  p.unknowns = "Young modulus";
  p.transform = "log";
  p.young = "if(z > -8 km, 10 GPa, 20 GPa)";
  p.fixed_zones = "sediments";
  p.cells.kind = ParameterCellKind::zones;
  const auto tight = make(*section, p).bounds();
  ASSERT_TRUE(tight);
  for (const auto i : tight->second.values().locally_owned_elements())
    EXPECT_NEAR(tight->second.values()(i), std::log(3.), 1e-14);
}

TEST(ParametrizationParallel, TableOfDepth)
{
  const std::string file = ::testing::TempDir() + "/material_depth_table.csv";
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    std::ofstream(file) << "depth,young,poisson\n0,10e9,0.3\n1000,30e9,0.2\n";
  MPI_Barrier(comm);
  const auto mesh = refined_box<2>();
  Parametrization<2>::Parameters p;
  p.young = p.poisson = "table material_depth_table.csv";
  const auto parametrization = make(*mesh, p, ::testing::TempDir());
  const ParameterVector zero = parametrization.make_vector();
  expect_field(*mesh, parametrization, zero, 0, [](const auto &cell) { return 10e9 - 20e6 * cell->center()[1]; });
  expect_field(*mesh, parametrization, zero, 1, [](const auto &cell) { return 0.3 + 1e-4 * cell->center()[1]; });
}

// A model in another unit of stress, a power of two away, has the same derivatives to the last bit.
TEST(ParametrizationParallel, HasNoScaleOfItsOwn)
{
  const auto mesh = refined_box<2>();
  const double scale = std::ldexp(1., -30);
  Parametrization<2>::Parameters p, q;
  p.unknowns = q.unknowns = "Young modulus, Poisson ratio";
  p.young = "3e10 * (1 - z / 1000)";
  q.young = "27.939677238464355 * (1 - z / 1000)"; // 3e10 / 2^30
  const auto one = make(*mesh, p), other = make(*mesh, q);
  EXPECT_EQ(one.reference_modulus() * scale, other.reference_modulus());
  const ParameterVector m = wave(one, 0.5, 1.3), v = wave(one, 1, 0.2);
  const Moduli w = dual_wave(one.value(m));
  Moduli w_other = w;
  w_other.lambda /= scale;
  w_other.mu /= scale;
  ParameterVector g = one.make_vector(), g_other = other.make_vector();
  one.add_transpose(m, w, g);
  one.add_second(m, v, w, g);
  other.add_transpose(m, w_other, g_other);
  other.add_second(m, v, w_other, g_other);
  for (const auto i : g.values().locally_owned_elements())
    EXPECT_EQ(g.values()(i), g_other.values()(i));
}

TEST(ParametrizationParallel, ReferenceModulusIsTheGeometricMean)
{
  const auto mesh = refined_box<2>(); // symmetric in x
  Parametrization<2>::Parameters p;
  p.young = "if(x < 0, 4 GPa, 9 GPa)";
  EXPECT_NEAR(make(*mesh, p).reference_modulus(), 6e9, 1);
}

namespace
{

/// The message that the parameters are refused with, alike on all ranks; empty when they are not.
std::string refusal(const Mesh<2> &mesh, const Parametrization<2>::Parameters &p)
{
  try
  {
    make(mesh, p);
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "";
}

} // namespace

TEST(ParametrizationParallel, WrongInputIsRefused)
{
  using Parameters = Parametrization<2>::Parameters;
  const auto mesh = refined_box<2>();
  const auto expect = [&](const std::function<void(Parameters &)> &change, const std::vector<std::string> &words) {
    Parameters p;
    change(p);
    const std::string message = refusal(*mesh, p);
    for (const auto &word : words)
      EXPECT_NE(message.find(word), std::string::npos) << "\"" << word << "\" is not in: " << message;
  };
  expect([](Parameters &p) { p.young = "-3 GPa"; }, {"Material/Young modulus", "-3e+09"});
  // Wrong in the cells of one rank only.
  expect([](Parameters &p) { p.young = "if(x > 1.7 km, 0, 1 GPa)"; }, {"Material/Young modulus", "is 0 Pa at (1"});
  expect([](Parameters &p) { p.poisson = "0.5"; }, {"Material/Poisson ratio", "0.5"});
  expect([](Parameters &p) { p.poisson = "-1.2"; }, {"Material/Poisson ratio", "-1.2"});
  expect([](Parameters &p) { p.bulk = "10 GPa"; }, {"Material/Shear modulus", "not given"});
  expect([](Parameters &p) { p.bulk = "10 GPa", p.shear = "-1 Pa"; }, {"Material/Shear modulus", "-1"});
  expect([](Parameters &p) { p.bulk = "10 GPa", p.shear = "5 GPa", p.young = "7 GPa"; }, {"both"});
  expect([](Parameters &p) { p.young = "20 km"; }, {"Material/Young modulus", "km"});
  expect([](Parameters &p) { p.unknowns = "Young modulus, Shear modulus"; },
         {"Material/Unknowns", "Young modulus, Shear modulus"});
  expect([](Parameters &p) { p.unknowns = "stiffness"; }, {"Material/Unknowns", "stiffness"});
  expect([](Parameters &p) { p.transform = "logit"; }, {"Material/Lower bound", "not given"});
  expect([](Parameters &p) { p.transform = "logit", p.lower_bound = "1 GPa", p.upper_bound = "20 GPa"; },
         {"Material/Upper bound", "2e+10", " at ("});
  expect([](Parameters &p) { p.transform = "identity", p.lower_bound = "30 GPa"; }, {"Material/Lower bound", "3e+10"});
  expect([](Parameters &p) { p.transform = "log, identity"; }, {"Material/Transform", "2 words for 1 unknown field"});
  expect([](Parameters &p) { p.unknowns = "Young modulus, Poisson ratio", p.transform = "identity, log"; },
         {"Material/Transform", "logarithm", "logit or identity"});
  expect([](Parameters &p) { p.transform = "logarithm"; }, {"Material/Transform", "logarithm"});
  expect([](Parameters &p) { p.unknowns = "Poisson ratio, Young modulus"; },
         {"Material/Unknowns", "Write \"Young modulus, Poisson ratio\""});
  expect([](Parameters &p) { p.unknowns = "Poisson ratio", p.transform = "identity", p.poisson_scale = "0"; },
         {"Material/Poisson scale", "'0', which is not positive"});
  expect([](Parameters &p) { p.unknowns = "Poisson ratio", p.poisson_scale = "0.1"; },
         {"Material/Poisson scale", "the logit"});
  expect([](Parameters &p) { p.unknowns = "Poisson ratio", p.poisson = "0.47"; },
         {"Material/Poisson upper bound", "0.47"});
  expect([](Parameters &p) { p.fixed_region = "z < 1"; }, {"Material/Fixed region", "every cell"});
  expect([](Parameters &p) { p.fixed_zones = "reservoir"; }, {"Material/Fixed zones", "reservoir"});
  expect([](Parameters &p) { p.held = HeldFixed::bulk_modulus; }, {"Material/Held fixed", "Unknowns = Young modulus"});
}

// A background outside the bounds is no matter where it is held.
TEST(ParametrizationParallel, HeldCellsNeedNotFitTheBounds)
{
  const auto mesh = refined_box<2>();
  Parametrization<2>::Parameters p;
  p.young = "if(x < 0, 200 GPa, 20 GPa)";
  p.fixed_region = "x < 0";
  p.transform = "logit";
  p.lower_bound = "1 GPa";
  p.upper_bound = "100 GPa";
  EXPECT_EQ(refusal(*mesh, p), "");
}

TEST(ParametrizationParameters, EntriesReachTheParameters)
{
  Parametrization<3>::Parameters p;
  dealii::ParameterHandler handler;
  p.add_parameters(handler);
  handler.parse_input_from_string("set Young modulus = 5 GPa\nset Zones = a, b\nset Parameter coarsening = 2");
  p.add_zone_parameters(handler);
  handler.parse_input_from_string("subsection b\n set Shear modulus = 3 GPa\nend");
  EXPECT_EQ(p.young, "5 GPa");
  EXPECT_EQ(p.cells.coarsening, 2u);
  ASSERT_EQ(p.zone_backgrounds.size(), 2u);
  EXPECT_EQ(p.zone_backgrounds[1].name, "b");
  EXPECT_EQ(p.zone_backgrounds[1].shear, "3 GPa");
  EXPECT_NO_THROW(p.validate());
}
