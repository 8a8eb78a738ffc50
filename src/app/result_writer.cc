#include <lodestone/app/command_line.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/base/error.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>
#include <lodestone/io/point_writer.h>
#include <lodestone/io/results_file.h>
#include <lodestone/loads/load_list.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/fit_table.h>

#include <cstdio>
#include <sstream>

namespace lodestone
{

template <int dim>
ResultWriter<dim>::ResultWriter(Problem<dim> &problem, const ResultDirectory &directory, const std::string &collection,
                                const std::string &resolved_parameters)
    : problem_(problem), directory_(directory), resolved_parameters_(resolved_parameters), collection_(collection)
{
  make_surface_grid();
}

template <int dim>
std::string ResultWriter<dim>::data_name(const unsigned int load_case, const DataSet &set) const
{
  const auto &cases = problem_.objective().load_cases();
  return ResultDirectory::safe_name(cases.size() > 1 ? cases[load_case].name + "_" + set.name : set.name);
}

template <int dim>
NamedFields ResultWriter<dim>::cell_fields(const ParameterVector &m, const ParameterVector *gradient,
                                           const ParameterVector *sensitivity) const
{
  const auto &parametrization = problem_.parametrization();
  NamedFields fields = parametrization.fields(m);
  const auto &names = parametrization.layout()->fields;
  const auto per_volume = [&](const ParameterVector &dual) {
    ParameterVector density = dual;
    for (unsigned int i = 0; i < density.values().locally_owned_size(); ++i)
      density.values().local_element(i) /= problem_.volume_weights().local_element(i);
    return density;
  };
  for (unsigned int k = 0; k < names.size(); ++k)
  {
    fields.emplace_back("m (" + names[k] + ")", parametrization.on_cells(m, k));
    if (gradient != nullptr)
      fields.emplace_back("gradient (" + names[k] + ")", parametrization.on_cells(per_volume(*gradient), k));
    if (sensitivity != nullptr)
      fields.emplace_back("sensitivity (" + names[k] + ")", parametrization.on_cells(per_volume(*sensitivity), k));
  }
  return fields;
}

template <int dim>
void ResultWriter<dim>::write_step(const unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                                   const ParameterVector *sensitivity)
{
  NamedFields displacements;
  const auto &cases = problem_.objective().load_cases();
  for (unsigned int s = 0; s < cases.size(); ++s)
  {
    const std::string name =
        problem_.parameters().load_cases[s].rate_suffix().empty() ? "displacement" : "displacement rate";
    displacements.emplace_back(cases.size() > 1 ? name + " " + cases[s].name : name,
                               problem_.objective().state(s).displacement[0]);
  }
  if (!vtu_)
    vtu_.emplace(problem_.space(), directory_, collection_);
  vtu_->write(step, cell_fields(m, gradient, sensitivity), displacements);
}

template <int dim>
void ResultWriter<dim>::write_fits(Log &log)
{
  const double surface = problem_.mesh().surface_elevation();
  const MPI_Comm comm = directory_.communicator();
  for (unsigned int s = 0; s < problem_.objective().load_cases().size(); ++s)
  {
    const auto &sets = problem_.data_sets(s);
    if (sets.empty())
      continue;
    const auto &evaluation = problem_.objective().evaluation(s);
    const DataLayout layout(sets);
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      const DataSet &set = sets[k];
      const std::string name = "fit_" + data_name(s, set);
      const DataView predicted = layout.slice(evaluation.predicted, k), residual = layout.slice(evaluation.residual, k);
      write_atomically(directory_.file(name + ".csv"), fit_table_text(set, predicted, surface), comm);
      std::vector<dealii::Point<3>> points;
      const std::string per = set.rate ? " (m/yr)" : " (m)";
      std::vector<PointArray> arrays = {{"component", 1, {}},       {"observed" + per, 1, {}},
                                        {"predicted" + per, 1, {}}, {"residual" + per, 1, {}},
                                        {"sigma" + per, 1, {}},     {"direction", 3, {}}};
      for (unsigned int i = 0; i < set.n_data(); ++i)
      {
        const auto &p = set.row_points[set.row[i]];
        const double z = std::isnan(p[2]) ? surface : p[2];
        points.push_back(dim == 3 ? dealii::Point<3>(p[0], p[1], z) : dealii::Point<3>(p[0], z, 0));
        const double values[] = {double(set.component[i]), set.value[i], predicted[i], residual[i], set.sigma[i]};
        for (unsigned int a = 0; a < 5; ++a)
          arrays[a].values.push_back(values[a]);
        const auto &e = set.direction[i];
        for (const double c : {e[0], dim == 3 ? e[1] : e[2], dim == 3 ? e[2] : 0.})
          arrays[5].values.push_back(c);
      }
      write_points(directory_.file(name + ".vtp"), points, arrays, comm);
    }
    log.line("fit of load case " + problem_.objective().load_cases()[s].name +
             "        n   chi2/N  rms residual  rms observed (m" + problem_.parameters().load_cases[s].rate_suffix() +
             ")");
    for (const auto &f : fit_statistics(sets, evaluation.residual))
    {
      char text[160];
      std::snprintf(text, sizeof(text), "  %-24s %8u %8.3f  %12.4e  %12.4e", f.name.c_str(), f.n,
                    f.chi_squared_per_datum(), f.rms, f.rms_observed);
      log.line(text);
    }
  }
}

template <int dim>
void ResultWriter<dim>::make_surface_grid()
{
  SurfaceGrid grid = problem_.parameters().output.template read_surface_grid<dim>(bool(problem_.projection()));
  if (grid.n[0] == 0)
    return;
  if (grid.geographic && grid.low[0] > grid.high[0]) // across 0 or the date line: 359 to 1, 179 to -179
    for (double *const longitude : {&grid.low[0], &grid.high[0]})
      *longitude = longitude_near(*longitude, problem_.projection()->origin_longitude());
  // One data set of all components on the grid's points: the observation operator does the rest.
  DataSet set;
  set.name = "surface grid";
  set.where = "Output/Surface grid";
  set.section = dim == 2;
  std::vector<double> first, second;
  for (unsigned int j = 0; j < grid.n[1]; ++j)
    for (unsigned int i = 0; i < grid.n[0]; ++i)
    {
      first.push_back(grid.coordinate(0, i));
      second.push_back(grid.coordinate(1, j));
      dealii::Point<2> xy(first.back(), second.back());
      if (grid.geographic)
        xy = problem_.projection()->to_model(xy[0], xy[1]);
      for (const unsigned int component : {0u, 1u, 2u})
        if (dim == 3 || component != 1)
        {
          set.row.push_back(set.row_points.size());
          set.component.push_back(component);
          dealii::Tensor<1, 3> e;
          e[component] = 1;
          set.direction.push_back(e);
          set.value.push_back(0);
          set.sigma.push_back(1);
        }
      set.row_points.push_back(dealii::Point<3>(xy[0], xy[1], std::numeric_limits<double>::quiet_NaN()));
    }
  try
  {
    grid_ = std::make_unique<ObservationOperator<dim>>(problem_.space(), problem_.locator(), std::vector<DataSet>{set});
  }
  catch (const InputError &)
  {
    std::ostringstream remedy;
    remedy << "The mesh spans (" << problem_.mesh().lower() << ") to (" << problem_.mesh().upper()
           << ") m: reduce the grid or enlarge the mesh.";
    throw InputError(set.where, "'" + problem_.parameters().output.surface_grid + "' reaches outside the mesh",
                     remedy.str());
  }
  grid_coordinates_.add(grid.geographic ? "lon [deg]" : "x [m]", first);
  if (dim == 3)
    grid_coordinates_.add(grid.geographic ? "lat [deg]" : "y [m]", second);
}

template <int dim>
void ResultWriter<dim>::write_surface_grid()
{
  if (!grid_)
    return;
  const auto &cases = problem_.objective().load_cases();
  for (unsigned int s = 0; s < cases.size(); ++s)
  {
    const std::array<std::string, 3> names = {{"east", dim == 3 ? "north" : "up", "up"}};
    const std::string unit = " [m" + problem_.parameters().load_cases[s].rate_suffix() + "]";
    const DataVector d = grid_->apply(problem_.objective().state(s));
    NumberTable table = grid_coordinates_;
    for (unsigned int component = 0; component < dim; ++component)
    {
      std::vector<double> column;
      for (std::size_t i = component; i < d.size(); i += dim)
        column.push_back(d[i]);
      table.add(names[component] + unit, column);
    }
    write_csv(directory_.file(cases.size() > 1 ? "surface_" + ResultDirectory::safe_name(cases[s].name) + ".csv"
                                               : "surface.csv"),
              table, directory_.communicator(),
              {problem_.parameters().load_cases[s].rate_suffix().empty() ? "displacement of the free surface"
                                                                         : "displacement rate of the free surface"});
  }
}

template <int dim>
void ResultWriter<dim>::write_results_file(const ParameterVector &m, const ParameterVector *gradient,
                                           const ParameterVector *sensitivity, const NumberTable *history)
{
  ResultsFile file(directory_.file("results.h5"), directory_.communicator());
  file.add_cells(problem_.mesh());
  for (const auto &[name, field] : cell_fields(m, gradient, sensitivity))
    file.add_cell_field(name, field);
  for (unsigned int s = 0; s < problem_.objective().load_cases().size(); ++s)
  {
    const auto &evaluation = problem_.objective().evaluation(s);
    const auto &sets = problem_.data_sets(s);
    const DataLayout layout(sets);
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      NumberTable table;
      const DataView predicted = layout.slice(evaluation.predicted, k), residual = layout.slice(evaluation.residual, k);
      std::vector<double> x, y, component;
      for (unsigned int i = 0; i < sets[k].n_data(); ++i)
      {
        x.push_back(sets[k].row_points[sets[k].row[i]][0]);
        y.push_back(sets[k].row_points[sets[k].row[i]][1]);
        component.push_back(sets[k].component[i]);
      }
      table.add("x [m]", x);
      table.add("y [m]", y);
      table.add("component", component);
      const std::string unit = sets[k].rate ? " [m per yr]" : " [m]"; // a slash would open a group
      table.add("observed" + unit, sets[k].value);
      table.add("predicted" + unit, {predicted.begin(), predicted.end()});
      table.add("residual" + unit, {residual.begin(), residual.end()});
      table.add("sigma" + unit, sets[k].sigma);
      file.add_table("data/" + data_name(s, sets[k]), table);
    }
  }
  add_estimates(file);
  if (history != nullptr)
    file.add_table("history", *history);
  file.add_text("parameters", resolved_parameters_);
  file.set_attribute("versions", version_text());
  file.commit();
}

template <int dim>
void ResultWriter<dim>::add_estimates(ResultsFile &file) const
{
  // A slash would open a group: a bar takes its place in names, a word in units.
  const auto without_slash = [](std::string text, const std::string &instead) {
    for (std::size_t slash; (slash = text.find('/')) != std::string::npos;)
      text.replace(slash, 1, instead);
    return text;
  };
  const auto plain = [&](const std::string &name) { return without_slash(name, "|"); };
  const auto add = [&](NumberTable &table, const std::string &name, const Estimate &estimate) {
    const std::string unit = estimate.unit.empty() ? "" : " [" + without_slash(estimate.unit, " per ") + "]";
    table.add(name + unit, {estimate.value});
    table.add("standard deviation" + (name == "value" || name == "strength" ? "" : " of " + name) + unit,
              {estimate.deviation});
  };
  const auto &cases = problem_.objective().load_cases();
  for (unsigned int s = 0; s < cases.size(); ++s)
  {
    const Estimates found = estimates(problem_, s);
    const std::string group = "estimates/" + (cases.size() > 1 ? plain(cases[s].name) + "/" : "");
    for (const auto &strength : found.strengths)
    {
      NumberTable table;
      add(table, "strength", strength.factor);
      for (const auto &amount : strength.amounts)
        add(table, amount.name, amount);
      file.add_table(group + plain(strength.factor.name), table);
    }
    for (const auto &term : found.nuisance)
    {
      NumberTable table;
      add(table, "value", term);
      file.add_table(group + plain(term.name), table);
    }
  }
}

template <int dim>
void report_estimates(const Problem<dim> &problem, Log &log)
{
  const auto &objective = problem.objective();
  for (unsigned int s = 0; s < objective.load_cases().size(); ++s)
  {
    const auto &load_case = objective.load_cases()[s];
    const auto &evaluation = objective.evaluation(s);
    const auto nuisance = load_case.misfit->nuisance_names();
    char text[240];
    for (unsigned int j = 0; j < load_case.estimated_loads.size(); ++j)
    {
      const auto &load = problem.loads(s)[load_case.estimated_loads[j]];
      const std::string amount =
          describe_strength(load, evaluation.strengths[j], problem.parameters().load_cases[s].rate_suffix());
      std::snprintf(text, sizeof(text), " (strength %.6g)", evaluation.strengths[j]);
      log.line("  " + load.name + ": " + (amount.empty() ? "its given value times the strength" : amount) + text);
    }
    for (unsigned int j = 0; j < nuisance.size(); ++j)
    {
      std::snprintf(text, sizeof(text), "  %s: %.4e", nuisance[j].c_str(), evaluation.nuisance[j]);
      log.line(text);
    }
  }
}

template class ResultWriter<2>;
template class ResultWriter<3>;
template void report_estimates<2>(const Problem<2> &, Log &);
template void report_estimates<3>(const Problem<3> &, Log &);

} // namespace lodestone
