#include <lodestone/base/deck.h>
#include <lodestone/loads/load_parameters.h>
#include <lodestone/loads/load_types.h>

namespace lodestone
{

template <int dim>
void LoadParameters<dim>::add_parameters(dealii::ParameterHandler &handler)
{
  if (is_blank(type))
  {
    add_text(handler, "Type", type, load_type_help<dim>(""));
    return;
  }
  load_ = find_load_type<dim>(type, path).make(name, path);
  load_->add_parameters(handler);
}

template <int dim>
std::unique_ptr<Load<dim>> LoadParameters<dim>::make_load() const
{
  const LoadType<dim> &row = find_load_type<dim>(type, path);
  return load_ ? row.copy(*load_) : row.make(name, path);
}

template <int dim>
LoadParameters<dim> LoadParameters<dim>::from_texts(const std::string &name, const std::string &path,
                                                    const std::string &type,
                                                    const std::map<std::string, std::string> &texts)
{
  std::string text;
  for (const auto &[entry, value] : texts)
    text += "set " + entry + " = " + value + "\n";
  const Deck deck = Deck::from_text(text, path);
  LoadParameters parameters;
  parameters.name = name;
  parameters.path = path;
  parameters.type = type;
  dealii::ParameterHandler handler;
  parameters.add_parameters(handler);
  deck.fill(handler);
  deck.check(handler);
  return parameters;
}

template struct LoadParameters<2>;
template struct LoadParameters<3>;

} // namespace lodestone
