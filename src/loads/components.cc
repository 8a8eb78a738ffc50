#include <lodestone/loads/components.h>

namespace lodestone
{

namespace
{

std::string named(const std::string &letter, std::vector<std::string> components)
{
  for (auto &component : components)
    component.insert(0, letter);
  return join(components);
}

} // namespace

template <int dim>
std::string vector_names(const std::string &letter)
{
  return dim == 2 ? named(letter, {"x", "z"}) : named(letter, {"x", "y", "z"});
}

template <int dim>
dealii::Tensor<1, dim> vector_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p)
{
  dealii::Tensor<1, dim> v;
  for (int d = 0; d < dim; ++d)
    v[d] = components[d].value(p);
  return v;
}

template <int dim>
std::string tensor_names(const std::string &letter)
{
  return dim == 2 ? named(letter, {"xx", "zz", "xz"}) : named(letter, {"xx", "yy", "zz", "yz", "xz", "xy"});
}

template <int dim>
dealii::SymmetricTensor<2, dim> tensor_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p)
{
  dealii::SymmetricTensor<2, dim> t;
  for (int d = 0; d < dim; ++d)
    t[d][d] = components[d].value(p);
  if constexpr (dim == 2)
    t[0][1] = components[2].value(p);
  else
  {
    t[1][2] = components[3].value(p);
    t[0][2] = components[4].value(p);
    t[0][1] = components[5].value(p);
  }
  return t;
}

#define INSTANTIATE(dim)                                                                                               \
  template std::string vector_names<dim>(const std::string &);                                                         \
  template std::string tensor_names<dim>(const std::string &);                                                         \
  template dealii::Tensor<1, dim> vector_at<dim>(const std::vector<Formula<dim>> &, const dealii::Point<dim> &);       \
  template dealii::SymmetricTensor<2, dim> tensor_at<dim>(const std::vector<Formula<dim>> &,                           \
                                                          const dealii::Point<dim> &);
INSTANTIATE(2)
INSTANTIATE(3)

} // namespace lodestone
