#include <lodestone/base/error.h>
#include <lodestone/loads/load_context.h>

namespace lodestone
{

const GeographicProjection &LoadContext::need_projection(const std::string &where, const std::string &what,
                                                         const std::string &otherwise) const
{
  if (projection == nullptr)
    throw InputError(where, what + " in longitude and latitude, but the model has no geographic origin",
                     "Set Geographic origin = longitude, latitude (degrees), or " + otherwise + ".");
  return *projection;
}

} // namespace lodestone
