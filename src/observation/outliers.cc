#include <lodestone/base/number_text.h>
#include <lodestone/observation/outliers.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

Outliers find_outliers(const DataSet &set, const DataView standardized)
{
  constexpr std::size_t most_named = 5;
  AssertDimension(standardized.size(), set.n_data());
  Outliers result;
  for (const double y : standardized)
  {
    result.down_weighted += set.loss.share(y) < 0.5 ? 1 : 0;
    result.beyond_five += std::abs(y) > 5 ? 1 : 0;
  }
  std::vector<unsigned int> order(set.n_data());
  std::iota(order.begin(), order.end(), 0u);
  const auto end = order.begin() + std::min(most_named, order.size());
  std::partial_sort(order.begin(), end, order.end(), [&](const unsigned int i, const unsigned int j) {
    const double a = std::abs(standardized[i]), b = std::abs(standardized[j]);
    return a > b || (a == b && i < j);
  });
  result.worst.assign(order.begin(), end);
  return result;
}

std::string describe(const DataSet &set, const Outliers &outliers, const DataView standardized)
{
  const unsigned int n = set.loss.is_robust() ? outliers.down_weighted : outliers.beyond_five;
  if (n == 0)
    return "";
  std::string text = set.name + ": " + grouped(n) + " of " + grouped(set.n_data()) + " data" +
                     (set.loss.is_robust() ? (n == 1 ? " counts for less than half (" : " count for less than half (") +
                                                 set.loss.describe() + ")"
                                           : (n == 1 ? " is" : " are") + std::string(" beyond five sigma")) +
                     ", the worst: ";
  for (std::size_t k = 0; k < std::min<std::size_t>(n, outliers.worst.size()); ++k)
  {
    const unsigned int i = outliers.worst[k];
    text += (k > 0 ? "; " : "") + set.datum_name(i) + " (" + significant(standardized[i], 3) + " sigma)";
  }
  return text;
}

} // namespace lodestone
