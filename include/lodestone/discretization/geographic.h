#pragma once

#include <deal.II/base/point.h>

#include <memory>
#include <string>

namespace lodestone
{

/// Longitude and latitude (degrees, WGS84) to model x east, y north (m): PROJ's transverse Mercator about the model origin, scale 1.
/// Longitudes may be whole turns away from the origin; those given back lie within 180 degrees of it.
class GeographicProjection
{
public:
  GeographicProjection(double origin_longitude, double origin_latitude);
  ~GeographicProjection();
  GeographicProjection(GeographicProjection &&) noexcept;

  dealii::Point<2> to_model(double longitude, double latitude) const;
  /// Longitude and latitude.
  dealii::Point<2> to_geographic(const dealii::Point<2> &xy) const;
  /// As the model was given it.
  double origin_longitude() const;

private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

} // namespace lodestone
