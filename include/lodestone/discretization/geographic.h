#pragma once

#include <deal.II/base/point.h>

#include <memory>
#include <string>

namespace lodestone
{

/// Takes longitude and latitude (degrees, WGS84) to x east and y north of the model (m), and back, by PROJ's transverse
/// Mercator projection about the model's origin, scale 1. Longitudes may be whole turns away from the origin; those
/// given back lie within 180 degrees of it. Failures: InputError, on this rank alone, for places that are not on Earth
/// or too far away to be projected.
class GeographicProjection
{
public:
  GeographicProjection(double origin_longitude, double origin_latitude);
  ~GeographicProjection();
  GeographicProjection(GeographicProjection &&) noexcept;

  /// x and y (m).
  dealii::Point<2> to_model(double longitude, double latitude) const;
  /// Longitude and latitude (degrees).
  dealii::Point<2> to_geographic(const dealii::Point<2> &xy) const;
  /// The longitude of the origin as the constructor got it, not folded.
  double origin_longitude() const;
  double origin_latitude() const;

private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

} // namespace lodestone
