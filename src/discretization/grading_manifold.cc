#include <lodestone/discretization/grading_manifold.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lodestone
{

GradedAxis::GradedAxis(double lower, double upper, double focus_lower, double focus_upper, double ratio,
                       unsigned int cells, const std::vector<double> &faces)
    : lower_(lower), upper_(upper), focus_lower_(focus_lower), focus_upper_(focus_upper), ratio_(ratio),
      log_ratio_(std::log(ratio)), steps_(std::ldexp(cells, 30))
{
  // s per length outside the focus, relative to that inside
  const double density = log_ratio_ == 0 ? 1. : log_ratio_ / (ratio_ - 1);
  size_ = (focus_upper_ - focus_lower_) + ((focus_lower_ - lower_) + (upper_ - focus_upper_)) * density;
  s_lower_ = (focus_lower_ - lower_) * density / size_;
  s_upper_ = 1 - (upper_ - focus_upper_) * density / size_;
  if (faces.empty())
    return;

  // The ends of cells that lie nearest to the faces, each another one.
  std::vector<double> at; // s by the first map
  std::vector<unsigned int> ends;
  for (const double face : faces)
  {
    at.push_back(graded_coordinate(face));
    const unsigned int after = ends.empty() ? 0 : ends.back();
    ends.push_back(std::max<unsigned int>(after + 1, std::lround(at.back() * cells)));
  }
  for (std::size_t i = ends.size(), last = cells; i-- > 0; last = ends[i])
    ends[i] = std::min<unsigned int>(ends[i], last - 1);
  // The map goes on beyond the ends of the axis as its mirror image: there its derivative is that of the first and of
  // the last interval.
  std::vector<double> s, t;
  for (const unsigned int end : ends)
    face_s_.push_back(double(end) / cells);
  faces_ = faces;
  s = {-face_s_.front(), 0};
  t = {-at.front(), 0};
  s.insert(s.end(), face_s_.begin(), face_s_.end());
  t.insert(t.end(), at.begin(), at.end());
  s.insert(s.end(), {1, 2 - face_s_.back()});
  t.insert(t.end(), {1, 2 - at.back()});
  second_map_ =
      std::make_shared<const boost::math::interpolators::pchip<std::vector<double>>>(std::move(s), std::move(t));
}

double GradedAxis::stretch(double t) const
{
  return log_ratio_ == 0 ? t : std::expm1(t * log_ratio_) / (ratio_ - 1);
}

double GradedAxis::unstretch(double part) const
{
  return log_ratio_ == 0 ? part : std::log1p(part * (ratio_ - 1)) / log_ratio_;
}

double GradedAxis::position(double s) const
{
  s = std::round(s * steps_) / steps_;
  if (second_map_ == nullptr || s <= 0 || s >= 1)
    return graded_position(s);
  const auto face = std::lower_bound(face_s_.begin(), face_s_.end(), s - 0.5 / steps_);
  if (face != face_s_.end() && *face <= s + 0.5 / steps_)
    return faces_[face - face_s_.begin()];
  return graded_position((*second_map_)(s));
}

double GradedAxis::graded_position(const double s) const
{
  if (s <= 0)
    return lower_;
  if (s >= 1)
    return upper_;
  if (s < s_lower_)
    return focus_lower_ - (focus_lower_ - lower_) * stretch(1 - s / s_lower_);
  if (s > s_upper_)
    return focus_upper_ + (upper_ - focus_upper_) * stretch((s - s_upper_) / (1 - s_upper_));
  return focus_lower_ + (s - s_lower_) * size_;
}

double GradedAxis::coordinate(const double x) const
{
  const double t = graded_coordinate(x);
  if (second_map_ == nullptr || t <= 0 || t >= 1)
    return t;
  double low = 0, high = 1;
  for (unsigned int halving = 0; halving < 60; ++halving)
  {
    const double middle = 0.5 * (low + high);
    ((*second_map_)(middle) < t ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double GradedAxis::graded_coordinate(const double x) const
{
  if (x <= lower_)
    return 0;
  if (x >= upper_)
    return 1;
  if (x < focus_lower_)
    return s_lower_ * (1 - unstretch((focus_lower_ - x) / (focus_lower_ - lower_)));
  if (x > focus_upper_)
    return s_upper_ + (1 - s_upper_) * unstretch((x - focus_upper_) / (upper_ - focus_upper_));
  return s_lower_ + (x - focus_lower_) / size_;
}

double GradedAxis::derivative(const double s) const
{
  return second_map_ == nullptr ? graded_derivative(s) : graded_derivative((*second_map_)(s)) * second_map_->prime(s);
}

double GradedAxis::graded_derivative(const double s) const
{
  double t = 0;
  if (s < s_lower_)
    t = 1 - s / s_lower_;
  else if (s > s_upper_)
    t = (s - s_upper_) / (1 - s_upper_);
  return size_ * std::exp(t * log_ratio_);
}

template <int dim>
std::unique_ptr<dealii::Manifold<dim, dim>> GradingManifold<dim>::clone() const
{
  return std::make_unique<GradingManifold<dim>>(axes_);
}

template <int dim>
dealii::Point<dim> GradingManifold<dim>::pull_back(const dealii::Point<dim> &x) const
{
  dealii::Point<dim> s;
  for (unsigned int d = 0; d < dim; ++d)
    s[d] = axes_[d].coordinate(x[d]);
  return s;
}

template <int dim>
dealii::Point<dim> GradingManifold<dim>::push_forward(const dealii::Point<dim> &s) const
{
  dealii::Point<dim> x;
  for (unsigned int d = 0; d < dim; ++d)
    x[d] = axes_[d].position(s[d]);
  return x;
}

template <int dim>
dealii::DerivativeForm<1, dim, dim> GradingManifold<dim>::push_forward_gradient(const dealii::Point<dim> &s) const
{
  dealii::DerivativeForm<1, dim, dim> gradient;
  for (unsigned int d = 0; d < dim; ++d)
    gradient[d][d] = axes_[d].derivative(s[d]);
  return gradient;
}

template class GradingManifold<2>;
template class GradingManifold<3>;

} // namespace lodestone
