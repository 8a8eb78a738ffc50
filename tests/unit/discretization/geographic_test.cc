#include <lodestone/base/error.h>
#include <lodestone/discretization/geographic.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

namespace lodestone
{
namespace
{

// Along the central meridian y is the length of the meridian: from the equator to the pole of WGS84 10,001,965.729 m
// (the ellipsoid's quarter meridian, given to a millimetre in geodesy texts).
TEST(GeographicProjection, QuarterMeridian)
{
  const GeographicProjection projection(20, 0);
  EXPECT_NEAR(projection.to_model(20, 90)[1], 10001965.729, 2e-3);
  EXPECT_NEAR(projection.to_model(20, 90)[0], 0, 1e-3);
}

// Near the origin x is the arc of the parallel, N(lat) cos(lat) dlon, N = a / sqrt(1 - e^2 sin^2 lat).
TEST(GeographicProjection, SmallDistancesHaveScaleOne)
{
  const double lon = -164.6, lat = 54.6, radians = M_PI / 180;
  const GeographicProjection projection(lon, lat);
  const double a = 6378137, f = 1 / 298.257223563, e2 = f * (2 - f), s = std::sin(lat * radians);
  const double N = a / std::sqrt(1 - e2 * s * s), M = a * (1 - e2) / std::pow(1 - e2 * s * s, 1.5), step = 1e-3;
  EXPECT_NEAR(projection.to_model(lon + step, lat)[0], N * std::cos(lat * radians) * step * radians, 1e-5);
  EXPECT_NEAR(projection.to_model(lon, lat + step)[1], M * step * radians, 1e-3);
  EXPECT_LT(projection.to_model(lon, lat).norm(), 1e-6);
  EXPECT_GT(projection.to_model(lon, lat + step)[1], 0); // north
  EXPECT_GT(projection.to_model(lon + step, lat)[0], 0); // east
}

// The CN Tower, 43d38'33.24"N 79d23'13.7"W, is at 630084 m east, 4833438 m north in UTM zone 17 (published example of
// UTM): central meridian 81 W, scale 0.9996, false easting 500 km. The published degrees are good to 0.3 m.
TEST(GeographicProjection, PublishedUtmPosition)
{
  const GeographicProjection projection(-81, 0);
  const auto xy = projection.to_model(-(79 + 23 / 60. + 13.7 / 3600), 43 + 38 / 60. + 33.24 / 3600);
  EXPECT_NEAR(xy[0] * 0.9996 + 500000, 630084, 1.5);
  EXPECT_NEAR(xy[1] * 0.9996, 4833438, 1.5);
}

TEST(GeographicProjection, RoundTrip)
{
  const GeographicProjection original(-164.6, 54.6);
  GeographicProjection moved(-164.6, 54.6);
  const GeographicProjection projection(std::move(moved));
  for (double lon = -167; lon < -162; lon += 0.7)
    for (double lat = 52; lat < 57; lat += 0.9)
    {
      const auto xy = projection.to_model(lon, lat);
      const auto back = projection.to_geographic(xy);
      EXPECT_NEAR(back[0], lon, 1e-11);
      EXPECT_NEAR(back[1], lat, 1e-11);
      EXPECT_EQ(xy, original.to_model(lon, lat));
    }
  // The same place on the other side of the date line.
  EXPECT_NEAR(projection.to_model(-164.5 + 360, 54.5)[0], projection.to_model(-164.5, 54.5)[0], 1e-6);
}

TEST(GeographicProjection, RefusesWhatIsNoPlace)
{
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(GeographicProjection(54.6, -164.6), InputError);
  EXPECT_THROW(GeographicProjection(nan, 0), InputError);
  const GeographicProjection projection(-164.6, 54.6);
  EXPECT_THROW(projection.to_model(54.6, -164.6), InputError);
  EXPECT_THROW(projection.to_model(nan, 54.6), InputError);
  EXPECT_THROW(projection.to_model(-164.6 + 90, 0),
               InputError); // 90 degrees from the meridian on the equator: infinitely far
  EXPECT_THROW(projection.to_geographic({1e12, 0}), InputError);
}

} // namespace
} // namespace lodestone
