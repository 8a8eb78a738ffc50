#include <lodestone/material/moduli.h>

#include <algorithm>

namespace lodestone
{

bool Moduli::equals(const Moduli &other) const
{
  const auto same = [](const CellField &a, const CellField &b) {
    return std::equal(a.begin(), a.begin() + a.locally_owned_size(), b.begin());
  };
  const bool here = same(lambda, other.lambda) && same(mu, other.mu);
  return dealii::Utilities::MPI::min(here ? 1 : 0, lambda.get_mpi_communicator()) != 0;
}

void Moduli::add_to(RankState &state, const std::string &name) const
{
  state[name + "_lambda"] = {lambda.begin(), lambda.begin() + lambda.locally_owned_size()};
  state[name + "_mu"] = {mu.begin(), mu.begin() + mu.locally_owned_size()};
}

std::optional<Moduli> Moduli::taken_from(const RankState &state, const std::string &name) const
{
  Moduli result = *this;
  bool fits = true;
  const auto fill = [&](const std::string &what, CellField &field) {
    const auto found = state.find(name + what);
    fits = fits && found != state.end() && found->second.size() == field.locally_owned_size();
    if (!fits)
      return;
    field.zero_out_ghost_values();
    std::copy(found->second.begin(), found->second.end(), field.begin());
  };
  fill("_lambda", result.lambda);
  fill("_mu", result.mu);
  if (dealii::Utilities::MPI::min(fits ? 1 : 0, lambda.get_mpi_communicator()) == 0)
    return std::nullopt;
  result.lambda.update_ghost_values();
  result.mu.update_ghost_values();
  return result;
}

} // namespace lodestone
