#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/longitude.h>

#include <proj.h>

#include <cmath>
#include <mutex>

namespace lodestone
{

namespace
{

std::string degrees(const double longitude, const double latitude)
{
  return "longitude " + significant(longitude, 12) + ", latitude " + significant(latitude, 12);
}

void check_degrees(const double longitude, const double latitude, const std::string &where)
{
  // Written so that NaN fails, too.
  if (!(std::abs(longitude) <= 360 && std::abs(latitude) <= 90))
    throw InputError(where, degrees(longitude, latitude) + " is no place on Earth",
                     "Longitudes are between -360 and 360 degrees, latitudes between -90 and 90. Are the two swapped?");
}

} // namespace

/// PROJ's objects must not be used by two threads at the same time, so each projection has a context of its own and a
/// lock.
struct GeographicProjection::Handle
{
  double origin_longitude = 0, origin_latitude = 0;
  PJ_CONTEXT *context = nullptr;
  PJ *projection = nullptr;
  std::mutex lock;

  ~Handle()
  {
    proj_destroy(projection);
    proj_context_destroy(context);
  }

  /// Takes radians to metres, or back. @throws InputError naming `what`
  PJ_COORD transform(const PJ_DIRECTION direction, const PJ_COORD &from, const std::string &what)
  {
    const std::lock_guard<std::mutex> guard(lock);
    proj_errno_reset(projection);
    const PJ_COORD to = proj_trans(projection, direction, from);
    const int code = proj_errno(projection);
    if (code != 0 || !std::isfinite(to.xy.x) || !std::isfinite(to.xy.y))
      throw InputError(what,
                       std::string("cannot be projected about Geographic origin: ") +
                           (code != 0 ? proj_context_errno_string(context, code) : "the result is not finite"),
                       "Points must be near the model: check Geographic origin and the point.");
    return to;
  }
};

GeographicProjection::GeographicProjection(const double origin_longitude, const double origin_latitude)
    : handle_(std::make_unique<Handle>())
{
  check_degrees(origin_longitude, origin_latitude, "Geographic origin");
  handle_->origin_longitude = origin_longitude;
  handle_->origin_latitude = origin_latitude;
  const std::string definition = "+proj=tmerc +lat_0=" + significant(origin_latitude, 17) +
                                 " +lon_0=" + significant(origin_longitude, 17) +
                                 " +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs";
  handle_->context = proj_context_create();
  handle_->projection = proj_create(handle_->context, definition.c_str());
  if (handle_->projection == nullptr)
    throw InputError("Geographic origin",
                     "PROJ refuses \"" + definition +
                         "\": " + proj_context_errno_string(handle_->context, proj_context_errno(handle_->context)));
}

GeographicProjection::~GeographicProjection() = default;
GeographicProjection::GeographicProjection(GeographicProjection &&) noexcept = default;

dealii::Point<2> GeographicProjection::to_model(const double longitude, const double latitude) const
{
  const std::string point = degrees(longitude, latitude);
  check_degrees(longitude, latitude, point);
  const double near = longitude_near(longitude, handle_->origin_longitude);
  const PJ_COORD xy = handle_->transform(PJ_FWD, proj_coord(proj_torad(near), proj_torad(latitude), 0, 0), point);
  return {xy.xy.x, xy.xy.y};
}

dealii::Point<2> GeographicProjection::to_geographic(const dealii::Point<2> &xy) const
{
  const PJ_COORD lonlat = handle_->transform(PJ_INV, proj_coord(xy[0], xy[1], 0, 0),
                                             "x " + significant(xy[0]) + " m, y " + significant(xy[1]) + " m");
  return {longitude_near(proj_todeg(lonlat.lp.lam), handle_->origin_longitude), proj_todeg(lonlat.lp.phi)};
}

double GeographicProjection::origin_longitude() const
{
  return handle_->origin_longitude;
}

double GeographicProjection::origin_latitude() const
{
  return handle_->origin_latitude;
}

} // namespace lodestone
