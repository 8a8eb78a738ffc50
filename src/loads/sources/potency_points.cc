#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/table.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/loads/half_space/nuclei.h>
#include <lodestone/loads/rates.h>
#include <lodestone/loads/sources/potency_points.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lodestone
{

template <int dim>
std::vector<typename LoadVector<dim>::Amount> PotencyPoints<dim>::amounts() const
{
  // The scalar potency is that of a fault with slip D on an area A, P = D A (b n + n b)/2: sqrt(2) |P| = D A for the
  // deviator.
  Potency<dim> total;
  for (const auto &potency : potencies_)
  {
    total.strain += potency.strain;
    total.dilatation += potency.dilatation;
  }
  const double volume = total.dilatation, out_of_plane = volume - trace(total.strain); // in 3-D zero
  const double square = total.strain * total.strain + out_of_plane * out_of_plane - volume * volume / 3;
  const double shear = std::sqrt(2 * std::max(square, 0.));
  const std::string unit = dim == 2 ? "m^2" : "m^3";
  std::vector<typename LoadVector<dim>::Amount> result;
  if (shear > 1e-7 * std::abs(volume))
    result.push_back({"potency", shear, unit});
  if (std::abs(volume) > 1e-7 * shear)
    result.push_back({"volume change", volume, unit});
  return result;
}

template <int dim>
typename Load<dim>::Nothing PotencyPoints<dim>::describe_nothing(const Mesh<dim> &) const
{
  return {"File", "every potency in " + file_ + " is 0: the load has no effect",
          "Correct the columns of potencies, or leave the load out of Loads."};
}

template <int dim>
void PotencyPoints<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SourceLoad<dim>::add_own_parameters(handler);
  add_text(
      handler, "File", file_,
      std::string("CSV of points: ") + (dim == 2 ? "x,z or x,depth" : "x,y,z or x,y,depth or lon,lat,depth") +
          " (m, degrees) and the potency (" + (dim == 2 ? "m^2): pxx,pzz,pxz." : "m^3): pxx,pyy,pzz,pyz,pxz,pxy.") +
          " Potency is inelastic strain times volume, as a tensor: positive pxx extends along x, and pxz is half of "
          "the shear angle times volume. A slip D on an area A with the normal n has D A (b n + n b)/2, b its "
          "direction; an opening D has D A n n.");
}

template <int dim>
void PotencyPoints<dim>::validate_own(const LoadContext &context)
{
  if (is_blank(file_))
    throw InputError(this->where("File"), "no file is given", "Name a CSV file of potency points.");
  const CsvTable csv(context.path_of(file_), context.comm);
  if (csv.size() == 0)
    throw InputError(csv.file(), "the file holds no points");
  const bool geographic = dim == 3 && csv.has("lon");
  if (geographic)
    check_not_exchanged(csv, csv.column("lon"), csv.column("lat"),
                        context.need_projection(csv.file(), "the points are", "write the points in x, y"));
  const bool by_depth = csv.has("depth");
  const auto value = [&](const std::size_t row, const std::string &name) {
    const unsigned int column = csv.column(name);
    const Quantity quantity = name[0] == 'p'                   ? (dim == 2 ? Quantity::area : Quantity::volume)
                              : name == "lon" || name == "lat" ? Quantity::angle
                                                               : Quantity::length;
    return csv.finite_number(row, column) * column_factor(csv, column, quantity);
  };
  std::vector<std::string> known = {"x", "z", "depth", "pxx", "pzz", "pxz"}, missing;
  if (dim == 3)
    known.insert(known.end(), {"lon", "lat", "y", "pyy", "pyz", "pxy"});
  std::copy_if(known.begin(), known.end(), std::back_inserter(missing),
               [&](const std::string &name) { return !csv.has(name); });
  ignored_columns_.clear();
  for (unsigned int column = 0; column < csv.columns.size(); ++column)
    if (const std::string &name = csv.columns[column]; std::count(known.begin(), known.end(), name) == 0)
    {
      refuse_misspelt_column(csv.file() + ": column " + name, name, missing);
      ignored_columns_.push_back(name);
    }
    else if (name[0] == 'p')
      check_rate(csv, column, context.rates);
  points_.clear();
  potencies_.clear();
  for (std::size_t row = 0; row < csv.size(); ++row)
  {
    dealii::Point<dim> p;
    p[0] = value(row, geographic ? "lon" : "x");
    if (dim == 3)
      p[1] = value(row, geographic ? "lat" : "y");
    if constexpr (dim == 3)
      if (geographic)
      {
        const dealii::Point<2> xy = context.projection->to_model(p[0], p[1]);
        p[0] = xy[0];
        p[1] = xy[1];
      }
    p[dim - 1] = by_depth ? -value(row, "depth") : value(row, "z");
    if (p[dim - 1] > 0)
      throw InputError(csv.where(row), "the point lies above the surface (z = " + significant(p[dim - 1]) + " m)",
                       "z is positive upward and 0 at the surface, depth positive downward.");
    if (p[dim - 1] == 0)
      throw InputError(csv.where(row), "the point lies in the surface (depth 0)", "Give a depth below it.");
    dealii::SymmetricTensor<2, dim> strain;
    if constexpr (dim == 2)
    {
      strain[0][0] = value(row, "pxx"), strain[1][1] = value(row, "pzz"), strain[0][1] = value(row, "pxz");
    }
    else
    {
      strain[0][0] = value(row, "pxx"), strain[1][1] = value(row, "pyy"), strain[2][2] = value(row, "pzz");
      strain[1][2] = value(row, "pyz"), strain[0][2] = value(row, "pxz"), strain[0][1] = value(row, "pxy");
    }
    points_.push_back(p);
    potencies_.push_back({strain, dealii::trace(strain)});
  }
}

template <int dim>
void PotencyPoints<dim>::mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const
{
  mark_cells_near(points_, 0., mesh, cells);
}

template <int dim>
void PotencyPoints<dim>::report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const
{
  log.line("    " + counted(points_.size(), "point") + " from " + file_ +
           (ignored_columns_.empty() ? "" : ", " + ignored_columns_text(ignored_columns_)));
  SourceLoad<dim>::report(mesh, load, log);
}

template <int dim>
auto PotencyPoints<dim>::half_space_sources(const std::vector<BodyModuli> &moduli, const double surface) const
    -> Sources
{
  // Points in the same material are one source.
  Sources sources;
  std::vector<bool> done(points_.size(), false);
  for (std::size_t first = 0; first < points_.size(); ++first)
  {
    if (done[first])
      continue;
    std::vector<dealii::Point<dim>> places;
    std::vector<Potency<dim>> potencies;
    for (std::size_t i = first; i < points_.size(); ++i)
      if (moduli[i] == moduli[first])
      {
        places.push_back(points_[i]);
        places.back()[dim - 1] -= surface;
        potencies.push_back(potencies_[i]);
        done[i] = true;
      }
    sources.push_back(std::make_unique<Nuclei<dim>>(places, potencies, moduli[first]));
  }
  return sources;
}

template <int dim>
void PotencyPoints<dim>::add_to_mesh(LoadAssembler<dim> &assembler) const
{
  assembler.template add_points<Potency<dim>>(points_, potencies_, this->where("File"));
}

template class PotencyPoints<2>;
template class PotencyPoints<3>;

} // namespace lodestone
