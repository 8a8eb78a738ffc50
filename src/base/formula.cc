#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/units.h>

#include <cmath>
#include <limits>
#include <muParser.h>

namespace lodestone
{

namespace
{

mu::value_type choose(const mu::value_type condition, const mu::value_type then, const mu::value_type otherwise)
{
  return condition != 0 ? then : otherwise;
}
mu::value_type power(const mu::value_type base, const mu::value_type exponent)
{
  return std::pow(base, exponent);
}
mu::value_type floor_of(const mu::value_type x)
{
  return std::floor(x);
}
mu::value_type ceiling_of(const mu::value_type x)
{
  return std::ceil(x);
}
/// muParser knows assignments: "x = 3" would change the place where a formula is asked for its value.
void refuse_assignment(const std::string &text)
{
  for (std::size_t i = text.find('='); i != std::string::npos; i = text.find('=', i + 1))
    if (text.compare(i, 2, "==") == 0)
      ++i;
    else if (i == 0 || std::string("<>!").find(text[i - 1]) == std::string::npos)
      throw mu::Parser::exception_type("'=' would set a variable; equality is written ==");
}
mu::value_type negation(const mu::value_type x)
{
  return x == 0 ? 1 : 0;
}

} // namespace

/// muParser keeps the addresses of its variables: they live here, and the parser is rebuilt, not copied, with its
/// formula.
template <int dim>
struct Formula<dim>::Parser
{
  /// @throws mu::Parser::exception_type
  explicit Parser(const std::string &text)
  {
    parser.DefineVar("x", &x);
    parser.DefineVar("y", dim == 3 ? &y : &z);
    parser.DefineVar("z", &z);
    parser.DefineVar("depth", &depth);
    parser.DefineConst("pi", 4 * std::atan(1.0));
    parser.DefineConst("e", std::exp(1.0));
    parser.DefineFun("if", choose);
    parser.DefineFun("pow", power);
    parser.DefineFun("floor", floor_of);
    parser.DefineFun("ceil", ceiling_of);
    parser.DefineInfixOprt("!", negation);
    refuse_assignment(text);
    parser.SetExpr(expand_units(text));
    int n_values = 0;
    constant_value = parser.Eval(n_values)[0];
    if (n_values != 1)
      throw mu::Parser::exception_type("found " + std::to_string(n_values) + " values where one should stand");
    constant = parser.GetUsedVar().empty();
  }

  double value(const dealii::Point<dim> &p)
  {
    if (constant)
      return constant_value;
    x = p[0];
    if constexpr (dim == 3)
      y = p[1];
    z = p[dim - 1];
    depth = -z;
    return parser.Eval();
  }

  mu::Parser parser;
  double x = 0, y = 0, z = 0, depth = 0;
  double constant_value = 0;
  bool constant = true;
};

template <int dim>
Formula<dim>::Formula() : Formula("0", "")
{
}

template <int dim>
Formula<dim>::Formula(const std::string &text, const std::string &where) : text_(trimmed(text)), where_(where)
{
  const std::string variables = dim == 3 ? "x, y, z, depth" : "x, z, depth";
  const std::string remedy =
      "A formula is made of numbers with units (20 GPa), " + variables +
      ", pi, + - * / ^, comparisons, &&, ||, if(condition, then, else), abs, sqrt, exp, log, sin, "
      "cos, min, max, ...";
  if (text_.empty())
    throw InputError(where, "the formula is empty", remedy);
  try
  {
    parser_ = std::make_unique<Parser>(text_);
  }
  catch (const mu::Parser::exception_type &error)
  {
    throw InputError(where, "the formula '" + text_ + "' cannot be read: " + trimmed(error.GetMsg()), remedy);
  }
}

template <int dim>
Formula<dim>::Formula(const Formula &other)
    : parser_(std::make_unique<Parser>(other.text_)), text_(other.text_), where_(other.where_)
{
}

template <int dim>
Formula<dim>::Formula(Formula &&) noexcept = default;

template <int dim>
Formula<dim> &Formula<dim>::operator=(Formula other)
{
  std::swap(parser_, other.parser_);
  std::swap(text_, other.text_);
  std::swap(where_, other.where_);
  return *this;
}

template <int dim>
Formula<dim>::~Formula() = default;

template <int dim>
double Formula<dim>::value(const dealii::Point<dim> &p) const
{
  return parser_->value(p);
}

template <int dim>
bool Formula<dim>::holds(const dealii::Point<dim> &p) const
{
  const double value = parser_->value(p);
  if (value != 0 && value != 1)
    throw InputError(where_, "the region '" + text_ + "' has the value " + significant(value) + " at " + point_text(p),
                     "A region is a condition, 1 inside and 0 outside: depth > 1 km && x < 0.");
  return value == 1;
}

template <int dim>
bool Formula<dim>::is_constant() const
{
  return parser_->constant;
}

template <int dim>
const std::string &Formula<dim>::text() const
{
  return text_;
}

template class Formula<2>;
template class Formula<3>;

} // namespace lodestone
