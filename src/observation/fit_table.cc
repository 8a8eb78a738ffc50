#include <lodestone/base/number_text.h>
#include <lodestone/observation/csv_data.h>
#include <lodestone/observation/fit_table.h>

namespace lodestone
{

std::string fit_table_text(const DataSet &set, const DataView predicted, const DataView standardized,
                           const DataView discretization_error, const double surface_elevation)
{
  AssertDimension(predicted.size(), set.n_data());
  std::string text = "# units: " + set.unit_name + "\n";
  text += std::string(set.row_name.empty() ? "" : "name,") + (set.geographic ? "lon,lat," : "") +
          "x [m],y [m],z [m],component";
  std::vector<std::string> columns = {"observed", "predicted", "residual", "sigma"};
  if (discretization_error.size() > 0)
    columns.emplace_back("discretization error");
  for (const std::string &column : columns)
    text += "," + column + " [" + set.unit_name + "]";
  text += ",standardized residual [1]";
  text += "\n";
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    const unsigned int r = set.row[i];
    const dealii::Point<3> &p = set.row_points[r];
    if (!set.row_name.empty())
      text += csv_field(set.row_name[r]) + ",";
    if (set.geographic)
      text += exact(set.row_lonlat[r][0]) + "," + exact(set.row_lonlat[r][1]) + ",";
    text += exact(p[0]) + "," + exact(p[1]) + "," + exact(p[2] < surface_elevation ? p[2] : surface_elevation) + "," +
            component_name(set.component[i]);
    for (const double value : {set.value[i], predicted[i], predicted[i] - set.value[i], set.sigma[i]})
      text += "," + exact(value / set.unit);
    if (discretization_error.size() > 0)
      text += "," + exact(discretization_error[i] / set.unit);
    text += "," + exact(standardized[i]);
    text += "\n";
  }
  return text;
}

} // namespace lodestone
