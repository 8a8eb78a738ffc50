#include <lodestone/app/cell_results.h>
#include <lodestone/app/file_names.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/results_layout.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/fit_table.h>
#include <lodestone/observation/outliers.h>

#include <cstdio>

namespace lodestone
{

template <int dim>
ResultWriter<dim>::ResultWriter(const ResultSource<dim> &source, const OutputParameters &parameters,
                                const ResultDirectory &directory, const std::string &collection,
                                const std::string &resolved_parameters)
    : source_(source), directory_(directory), resolved_parameters_(resolved_parameters), collection_(collection),
      surface_grid_(source_, parameters), stations_(source_.cases.size())
{
}

template <int dim>
std::string ResultWriter<dim>::data_name(const unsigned int load_case, const DataSet &set) const
{
  return data_file_name(source_.cases.size(), source_.case_name(load_case), set.name);
}

template <int dim>
void ResultWriter<dim>::write_step(const unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                                   const ParameterVector *sensitivity)
{
  write_step(step, m, gradient, sensitivity, {});
}

template <int dim>
void ResultWriter<dim>::write_last_step(const unsigned int step, const ParameterVector &m,
                                        const ParameterVector *gradient, const ParameterVector *sensitivity)
{
  write_step(step, m, gradient, sensitivity, strain_and_stress(source_, m));
}

template <int dim>
void ResultWriter<dim>::write_step(const unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                                   const ParameterVector *sensitivity, std::vector<CellArray> arrays)
{
  NamedFields fields, displacements;
  for (DescribedField &field : cell_results(source_, m, gradient, sensitivity))
    fields.emplace_back(name_with_unit(field.name, field.info.units), std::move(field.field));
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
    displacements.emplace_back(
        name_with_unit(name_in_case("displacement", source_, s), "m" + source_.cases[s].rate_suffix),
        total_displacement(source_.cases[s].loads, source_.objective.state(s)));
  const Mesh<dim> &mesh = source_.space.mesh();
  if (!mesh.zone_names().empty())
  {
    const CellField zones = zone_numbers(mesh);
    arrays.push_back({"zone", {zones.begin(), zones.begin() + zones.locally_owned_size()}, {}});
  }
  if (!vtu_)
    vtu_.emplace(source_.space, directory_, collection_);
  vtu_->write(step, fields, displacements, arrays);
}

template <int dim>
std::vector<SetFit> ResultWriter<dim>::fits(const unsigned int load_case)
{
  const auto &sets = source_.cases[load_case].data_sets;
  auto &stations = stations_[load_case];
  if (!stations)
    stations = std::make_unique<StationDisplacement<dim>>(source_.space, source_.locator, sets,
                                                          incident_fields(source_.cases[load_case].loads));
  const auto displacement = (*stations)(source_.objective.state(load_case));
  const auto &evaluation = source_.objective.evaluation(load_case);
  const DataLayout layout(sets);
  const auto part = [&](const DataVector &data, const unsigned int k) {
    const DataView view = layout.slice(data, k);
    return std::vector<double>(view.begin(), view.end());
  };
  const bool has_error = source_.error != nullptr && !source_.error->at_data.empty();
  std::vector<SetFit> result;
  for (unsigned int k = 0; k < sets.size(); ++k)
    result.push_back({sets[k], part(evaluation.predicted, k), part(evaluation.residual, k),
                      part(evaluation.standardized, k), displacement[k],
                      has_error ? part(source_.error->at_data[load_case], k) : std::vector<double>()});
  return result;
}

template <int dim>
void ResultWriter<dim>::write_fits(Log &log)
{
  const double surface = source_.space.mesh().surface_elevation();
  const MPI_Comm comm = directory_.communicator();
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
  {
    const auto &sets = source_.cases[s].data_sets;
    if (sets.empty())
      continue;
    for (const SetFit &fit : fits(s))
    {
      const std::string file = directory_.file("fit_" + data_name(s, fit.set));
      write_atomically(file + ".csv",
                       fit_table_text(fit.set, DataView(fit.predicted.data(), fit.predicted.size()),
                                      DataView(fit.standardized.data(), fit.standardized.size()),
                                      DataView(fit.discretization_error.data(), fit.discretization_error.size()),
                                      surface),
                       comm);
      write_fit_points<dim>(file + ".vtp", fit, surface, comm);
    }
    report_fits(s, log);
  }
}

template <int dim>
void ResultWriter<dim>::report_fits(const unsigned int load_case, Log &log) const
{
  log.line("fit of load case " + source_.case_name(load_case) +
           " (chi^2/N without the weights of the sets; root mean squares in the units of the files)");
  log.line("  data                            n   chi^2/N  rms residual  rms observed  unit");
  const auto &evaluation = source_.objective.evaluation(load_case);
  for (const auto &f : fit_statistics(source_.cases[load_case].data_sets, evaluation.residual, evaluation.standardized))
  {
    char text[160];
    std::snprintf(text, sizeof(text), "  %-24s %8u  %8.3f  %12.4g  %12.4g  ", f.name.c_str(), f.n,
                  f.chi_squared_per_datum(), f.rms / f.unit, f.rms_observed / f.unit);
    log.line(text + f.unit_name);
  }
  const auto &sets = source_.cases[load_case].data_sets;
  const DataLayout layout(sets);
  for (unsigned int k = 0; k < sets.size(); ++k)
  {
    const DataView standardized = layout.slice(evaluation.standardized, k);
    if (const std::string text = describe(sets[k], find_outliers(sets[k], standardized), standardized);
        sets[k].observed && !text.empty())
      log.line("  " + text);
  }
}

template <int dim>
void ResultWriter<dim>::write_results_file(const ParameterVector &m, const ParameterVector *gradient,
                                           const ParameterVector *sensitivity, const NumberTable *history)
{
  ResultsFile file(directory_.file("results.h5"), directory_.communicator());
  ResultsLayout<dim> layout(source_, file);
  layout.add_run({collection_, resolved_parameters_, history});
  layout.add_mesh_and_zones(m);
  layout.add_cells(m, gradient, sensitivity);
  layout.add_loads();
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
    layout.add_data(s, fits(s));
  layout.add_estimates();
  layout.add_standard_errors();
  file.commit();
}

template class ResultWriter<2>;
template class ResultWriter<3>;

} // namespace lodestone
