#include <lodestone/base/csv.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/loads/load.h>

namespace lodestone
{

template <int dim>
void LoadParameters::add_parameters(dealii::ParameterHandler &handler)
{
  declare_load_type(handler, type);
  if (trimmed(type).empty())
    return;
  const auto prototype = make_load<dim>(type, name, path);
  dealii::ParameterHandler entries;
  prototype->add_parameters(entries);
  for (const DeclaredEntry &entry : declarations_of(entries).entries)
    if (entry.name != "Type")
    {
      std::string &text = texts.emplace(entry.name, entry.default_value).first->second;
      handler.add_parameter(entry.name, text, entry.documentation, *dealii::Patterns::pattern_factory(entry.pattern));
    }
}

template void LoadParameters::add_parameters<2>(dealii::ParameterHandler &);
template void LoadParameters::add_parameters<3>(dealii::ParameterHandler &);

} // namespace lodestone
