#include <lodestone/optimizer/curvature_pairs.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lodestone
{

namespace
{
// Cosine of the angle between p and H p below which rounding may have made the curvature.
constexpr double least_cosine = 1e-6;

/// Name of pair k in a state, without its last letter.
std::string pair_name(const std::size_t k)
{
  return numbered("curvature_", k);
}
} // namespace

double CurvaturePairs::dot(const std::vector<float> &a, const double *b) const
{
  double local = 0;
  for (std::size_t i = 0; i < n_; ++i)
    local += a[i] * b[i];
  return sum(local);
}

void CurvaturePairs::add_to(double *x, const double factor, const std::vector<float> &a) const
{
  for (std::size_t i = 0; i < n_; ++i)
    x[i] += factor * a[i];
}

void CurvaturePairs::add(const double *p, const double *hp)
{
  if (capacity_ == 0)
    return;
  double sums[3] = {0, 0, 0};
  for (std::size_t i = 0; i < n_; ++i)
  {
    sums[0] += p[i] * hp[i];
    sums[1] += p[i] * p[i];
    sums[2] += hp[i] * hp[i];
  }
  dealii::Utilities::MPI::sum(sums, comm_, sums);
  if (!(sums[0] > least_cosine * std::sqrt(sums[1] * sums[2])) || !std::isfinite(sums[0]))
    return;
  if (fresh_.size() == capacity_)
    fresh_.pop_front();
  auto s = std::make_shared<std::vector<float>>(n_), y = std::make_shared<std::vector<float>>(n_);
  const double scale = 1 / std::sqrt(sums[0]);
  for (std::size_t i = 0; i < n_; ++i)
  {
    (*s)[i] = scale * p[i];
    (*y)[i] = scale * hp[i];
  }
  fresh_.push_back({std::move(s), std::move(y)});
}

void CurvaturePairs::adopt()
{
  for (Pair &pair : fresh_)
    put_in_use(std::move(pair));
  fresh_.clear();
}

void CurvaturePairs::add_product(const double a, const Map &matrix)
{
  std::vector<double> s(n_), product(n_);
  for (std::deque<Pair> *pairs : {&used_, &fresh_})
    for (Pair &pair : *pairs)
    {
      std::copy(pair.s->begin(), pair.s->end(), s.begin());
      matrix(s.data(), product.data());
      auto y = std::make_shared<std::vector<float>>(*pair.y);
      for (std::size_t i = 0; i < n_; ++i)
        (*y)[i] += a * product[i];
      pair.y = std::move(y);
    }
}

void CurvaturePairs::put_in(const Map &matrix)
{
  add_product(1, matrix);
  for (std::deque<Pair> *pairs : {&used_, &fresh_})
  {
    std::deque<Pair> good;
    for (const Pair &pair : *pairs)
    {
      const std::vector<double> y(pair.y->begin(), pair.y->end());
      const double curvature = dot(*pair.s, y.data());
      if (!(curvature > 0))
        continue;
      auto scaled_s = std::make_shared<std::vector<float>>(*pair.s),
           scaled_y = std::make_shared<std::vector<float>>(*pair.y);
      const float scale = 1 / std::sqrt(curvature);
      for (std::size_t i = 0; i < n_; ++i)
      {
        (*scaled_s)[i] *= scale;
        (*scaled_y)[i] *= scale;
      }
      good.push_back({std::move(scaled_s), std::move(scaled_y)});
    }
    *pairs = std::move(good);
  }
}

void CurvaturePairs::clear()
{
  used_.clear();
  fresh_.clear();
}

void CurvaturePairs::put_in_use(Pair pair)
{
  if (capacity_ == 0)
    return;
  if (used_.size() == capacity_)
    used_.pop_front();
  used_.push_back(std::move(pair));
}

void CurvaturePairs::add_to(NamedState &state) const
{
  for (std::size_t k = 0; k < used_.size(); ++k)
  {
    state.vectors[pair_name(k) + "s"] = used_[k].s;
    state.vectors[pair_name(k) + "y"] = used_[k].y;
  }
}

void CurvaturePairs::take_from(const NamedState &state)
{
  for (std::size_t k = 0;; ++k)
  {
    Pair pair{state.vector<float>(pair_name(k) + "s"), state.vector<float>(pair_name(k) + "y")};
    if (pair.s == nullptr || pair.y == nullptr)
      return;
    put_in_use(std::move(pair));
  }
}

void CurvaturePairs::change(NamedState &state,
                            const std::function<void(std::vector<float> &, std::vector<float> &)> &visit,
                            const MPI_Comm comm)
{
  std::vector<Pair> before;
  for (std::size_t k = 0;; ++k)
  {
    Pair pair{state.vector<float>(pair_name(k) + "s"), state.vector<float>(pair_name(k) + "y")};
    if (pair.s == nullptr || pair.y == nullptr)
      break;
    state.vectors.erase(pair_name(k) + "s");
    state.vectors.erase(pair_name(k) + "y");
    before.push_back(std::move(pair));
  }
  std::optional<CurvaturePairs> after;
  for (const Pair &pair : before)
  {
    std::vector<float> s = *pair.s, y = *pair.y;
    visit(s, y);
    if (!after)
      after.emplace(s.size(), before.size(), comm);
    const std::vector<double> p(s.begin(), s.end()), hp(y.begin(), y.end());
    after->add(p.data(), hp.data());
  }
  if (!after)
    return;
  after->adopt();
  after->add_to(state);
}

void CurvaturePairs::apply(const Map &base, const double *r, double *out)
{
  // Two loops of Nocedal and Wright (2006), algorithm 7.4.
  rest_.assign(r, r + n_);
  products_.resize(used_.size());
  for (std::size_t k = used_.size(); k-- > 0;)
  {
    products_[k] = dot(*used_[k].s, rest_.data());
    add_to(rest_.data(), -products_[k], *used_[k].y);
  }
  base(rest_.data(), out);
  for (std::size_t k = 0; k < used_.size(); ++k)
    add_to(out, products_[k] - dot(*used_[k].y, out), *used_[k].s);
}

} // namespace lodestone
